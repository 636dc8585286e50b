"""Receipts over a real folder, between real processes, one of them killed."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from support.clocks import HastyClock
from support.paying import Provider, a_ticket
from support.waiting import eventually

from shared.artifacts.receipts import PaidCalls
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError

TESTS = Path(__file__).parents[1]
WORKER = """
import asyncio, os, sys
from pathlib import Path
from shared.artifacts.calls import Reply
from shared.artifacts.receipts import Attempt, Call, PaidCalls
from shared.artifacts.store import ArtifactStore
from support.paying import a_ticket

folder, hangs = Path(sys.argv[1]), sys.argv[2] == "hangs"
store = ArtifactStore.at(f"file://{folder}/artifacts")

async def pay(attempt: Attempt) -> Reply:
    with (folder / "calls").open("a") as log:
        log.write(f"{os.getpid()}\\n")
    if hangs:
        await asyncio.Event().wait()
    blob = await store.put_bytes(b"the reply", ".txt", "text/plain")
    return Reply(blobs={"reply": blob}, cost={"calls": 1})

reply = asyncio.run(PaidCalls(store).once(a_ticket(), Call(make=pay)))
print(reply.blobs["reply"].path, flush=True)
os._exit(0)  # the store's own threads may abort an interpreter that ends right after an operation
"""


async def started(folder: Path, manner: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        str(folder),
        manner,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
    )


def calls(folder: Path) -> list[str]:
    log = folder / "calls"
    return log.read_text().split() if log.exists() else []


@pytest.mark.timeout(60)
async def test_of_four_processes_one_pays_and_all_have_the_reply(tmp_path: Path) -> None:
    workers = [await started(tmp_path, "answers") for _ in range(4)]

    outputs = {(await worker.communicate())[0].split()[-1] for worker in workers}

    assert len(calls(tmp_path)) == 1
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(outputs) == 1


@pytest.mark.timeout(60)
async def test_a_process_killed_in_its_call_is_never_paid_for_again(tmp_path: Path) -> None:
    lost = await started(tmp_path, "hangs")
    await eventually(lambda: calls(tmp_path), within=30)
    lost.send_signal(signal.SIGKILL)
    await lost.wait()
    store = ArtifactStore.at(f"file://{tmp_path}/artifacts")
    provider = Provider()

    with pytest.raises(StageError) as caught:
        await PaidCalls(store, HastyClock()).once(a_ticket(), provider.call)

    assert caught.value.code == "outcome_unknown"
    assert provider.calls == 0
    assert await PaidCalls(store, HastyClock()).once(a_ticket(authorisation=1), provider.call)
