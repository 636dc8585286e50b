"""Logs of a stack that runs for weeks."""

import sys
from pathlib import Path

from support.waiting import eventually

from local_stack.logs import bound, bound_all
from local_stack.processes import Process, Program

_WRITES = """
for number in range(100_000):
    print(number, flush=True)
"""


def test_a_small_log_stays_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text("a line\n")

    assert not bound(log, most=100)
    assert log.read_text() == "a line\n"
    assert [file.name for file in tmp_path.iterdir()] == ["api.log"]


def test_a_large_one_begins_anew_and_its_text_stands_beside_it_once(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    for text in ("old" * 50, "new" * 50):
        log.write_text(text)
        assert bound(log, most=100)

    assert log.read_text() == ""
    assert (tmp_path / "api.log.1").read_text() == "new" * 50
    assert len(list(tmp_path.iterdir())) == 2


async def test_who_writes_goes_on_at_the_new_end(tmp_path: Path) -> None:
    """No hole of zeros as long as what was cut: the file is open for appending."""
    log = tmp_path / "logs" / "worker.log"
    command = [sys.executable, "-c", _WRITES]
    process = Process(Program(name="worker", command=command, log=log))
    process.start()
    cuts = 0
    while process.alive:
        cuts += await eventually(lambda: bound(log, most=20_000) or not process.alive)
    written = log.read_bytes()

    assert cuts > 3
    assert len(written) < 400_000
    assert b"\0" not in written


def test_all_logs_of_a_stack_are_bounded_those_of_its_servers_too(tmp_path: Path) -> None:
    logs = [tmp_path / "logs" / "api.log", tmp_path / "postgres" / "postgres.log"]
    data = tmp_path / "artifacts" / "blob"
    for file in (*logs, data):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x" * 200)

    bound_all(tmp_path, most=100)

    assert [file.stat().st_size for file in (*logs, data)] == [0, 0, 200]
