"""The script stage with a language model: its facts, its cost, and a cancel that comes too late."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.building import a_project, opened_script
from support.clocks import HastyClock
from support.heard import Heard
from support.llm_server import GOOD_KEY, SCENES, LlmServer, llm_server
from support.waiting import eventually

from script_worker.main import writers
from script_worker.settings import ScriptSettings
from script_worker.stage import ScriptStage
from script_worker.writers.llm.chat import Chat
from script_worker.writers.llm.writer import LlmWriter
from script_worker.writers.offline import OfflineWriter
from shared.artifacts.store import ArtifactStore
from shared.commanding import command_of
from shared.engines import OFFLINE_WRITER
from shared.messages.commands import Command
from shared.messages.facts import ScriptWritten, TaskFailed, TaskProgressed
from shared.runtime.settings import WriterSettings
from shared.runtime.work import Jobs

OUTCOME = opened_script(a_project())


class Setup:
    """One worker's script stage, its model and its facts."""

    def __init__(self, server: LlmServer, folder: Path) -> None:
        self.server = server
        self.store = ArtifactStore.at(f"file://{folder}")
        self.heard = Heard()
        self.chats: list[Chat] = []

    def jobs(self, model: str) -> Jobs:
        settings = WriterSettings(
            writer="custom", llm_model=model, llm_base_url=self.server.url, llm_api_key=GOOD_KEY
        )
        self.chats.append(Chat(settings, self.store, HastyClock()))
        self.engine = self.chats[-1].terms.engine
        stage = ScriptStage([OfflineWriter(), LlmWriter(self.chats[-1])], self.store)
        return Jobs(stage, self.heard, self.store, slots=2)  # type: ignore[arg-type]

    def command(self, **changes: Any) -> Command:
        task = replace(OUTCOME.run.tasks[0], dispatch=1)
        made = command_of(OUTCOME.project, OUTCOME.run, task)
        return made.model_copy(update={"engine": self.engine, **changes})


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncGenerator[Setup, None]:
    async with llm_server() as server:
        made = Setup(server, tmp_path)
        yield made
        server.release()
        for chat in made.chats:
            await chat.__aexit__()


async def test_a_script_is_stated_with_its_cost_and_its_scenes_as_they_came(setup: Setup) -> None:
    jobs = setup.jobs("ok")

    await jobs.handle(setup.command(), 0)

    result = setup.heard.facts[-1]
    assert isinstance(result, ScriptWritten)
    assert len(result.script.scenes) == SCENES
    assert result.manifest.engine == setup.engine
    assert result.manifest.cost == {"calls": 1, "input_tokens": 1200, "output_tokens": 345}
    notes = [f.note.params for f in setup.heard.facts if isinstance(f, TaskProgressed) and f.note]
    assert {"scene": 2} in notes


async def test_a_worker_serves_both_writers(setup: Setup) -> None:
    jobs = setup.jobs("ok")

    await jobs.handle(setup.command(engine=OFFLINE_WRITER), 0)

    assert isinstance(setup.heard.facts[-1], ScriptWritten)
    assert setup.server.calls == []


async def test_a_model_that_is_not_here_is_no_call(setup: Setup) -> None:
    jobs = setup.jobs("ok")

    await jobs.handle(setup.command(engine="llm-1:openai/other"), 0)

    failed = setup.heard.facts[-1]
    assert isinstance(failed, TaskFailed)
    assert failed.code == "engine_unavailable"
    assert setup.server.calls == []


async def test_an_answer_of_reasoning_alone_is_paid_for_once_and_told_with_its_cost(
    setup: Setup,
) -> None:
    jobs = setup.jobs("thoughts")

    for delivery in range(2):
        await jobs.handle(setup.command(), delivery)

        failed = setup.heard.facts[-1]
        assert isinstance(failed, TaskFailed)
        assert (failed.code, failed.charge, failed.retryable) == ("reply_invalid", "charged", False)
        assert failed.cost == {"calls": 1, "input_tokens": 1200, "output_tokens": 345}
    assert len(setup.server.calls) == 1


async def test_reasoning_that_is_cut_off_may_have_been_charged(setup: Setup) -> None:
    jobs = setup.jobs("thoughts cut")

    await jobs.handle(setup.command(), 0)

    failed = setup.heard.facts[-1]
    assert isinstance(failed, TaskFailed)
    assert (failed.code, failed.charge) == ("outcome_unknown", "unknown")
    assert len(setup.server.calls) == 1


async def test_what_a_servers_chunks_leave_out_spoils_no_answer(setup: Setup) -> None:
    jobs = setup.jobs("sparse")

    await jobs.handle(setup.command(), 0)

    result = setup.heard.facts[-1]
    assert isinstance(result, ScriptWritten)
    assert result.manifest.cost == {"calls": 1, "input_tokens": 0, "output_tokens": 345}


async def test_an_emoji_that_comes_in_two_halves_is_joined_and_a_lone_half_replaced(
    setup: Setup,
) -> None:
    jobs = setup.jobs("halves")

    await jobs.handle(setup.command(), 0)

    result = setup.heard.facts[-1]
    assert isinstance(result, ScriptWritten)
    assert all(scene.narration.endswith("🌧 \ufffd") for scene in result.script.scenes)
    assert len(setup.server.calls) == 1


async def test_a_cancel_during_the_call_keeps_the_script_and_tells_its_cost(setup: Setup) -> None:
    jobs = setup.jobs("gated")
    command = setup.command()
    handler = asyncio.create_task(jobs.handle(command, 0))
    await eventually(lambda: setup.server.calls)

    await setup.store.mark_closed(command.meta.run_id)
    jobs.stop_run(command.meta.run_id)
    setup.server.gate.set()
    await handler

    result = setup.heard.facts[-1]
    assert isinstance(result, ScriptWritten)
    assert result.manifest.cost
    assert await setup.store.find(command.key) is not None


async def test_a_cancel_before_the_call_pays_nothing(setup: Setup) -> None:
    jobs = setup.jobs("ok")
    command = setup.command()
    await setup.store.mark_closed(command.meta.run_id)

    await jobs.handle(command, 0)

    assert setup.server.calls == []
    assert setup.heard.facts == []


async def test_a_cancel_between_the_calls_saves_the_second(setup: Setup) -> None:
    jobs = setup.jobs("gated broken,ok")
    command = setup.command()
    handler = asyncio.create_task(jobs.handle(command, 0))
    await eventually(lambda: setup.server.calls)

    await setup.store.mark_closed(command.meta.run_id)
    setup.server.gate.set()
    await handler

    failed = setup.heard.facts[-1]
    assert isinstance(failed, TaskFailed)
    assert failed.code == "run_cancelled"
    assert len(setup.server.calls) == 1


async def test_a_time_limit_ends_the_task_and_the_next_attempt_asks_the_user(setup: Setup) -> None:
    jobs = setup.jobs("hang")

    await jobs.handle(setup.command(timeout_s=0.3), 0)
    first = setup.heard.facts[-1]
    await jobs.handle(setup.command(timeout_s=20), 0)
    second = setup.heard.facts[-1]

    assert isinstance(first, TaskFailed)
    assert isinstance(second, TaskFailed)
    assert (first.code, second.code) == ("script_timeout", "outcome_unknown")
    assert len(setup.server.calls) == 1


def test_slots_fit_who_does_the_work() -> None:
    settings = ScriptSettings(_env_file=None)  # pyright: ignore[reportCallIssue]

    assert (settings.slots(llm=True), settings.slots(llm=False)) == (16, 2)


@pytest.mark.parametrize(
    ("values", "engines"),
    [
        pytest.param({}, [OFFLINE_WRITER], id="offline"),
        pytest.param({"writer": "openai", "llm_model": "m"}, [OFFLINE_WRITER], id="without a key"),
        pytest.param(
            {"writer": "openai", "llm_model": "m", "llm_api_key": "k"},
            [OFFLINE_WRITER, "llm-1:openai/m"],
            id="in full",
        ),
    ],
)
def test_a_worker_has_the_writers_that_are_configured(
    values: dict[str, str], engines: list[str], tmp_path: Path
) -> None:
    settings = WriterSettings(_env_file=None, **values)  # pyright: ignore

    found = writers(settings, ArtifactStore.at(f"file://{tmp_path}"))

    assert [writer.engine for writer in found] == engines
