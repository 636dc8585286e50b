"""Jobs: joined by redeliveries, bounded by slots and time, stopped or handed back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.building import opened_production, task_of
from support.heard import Heard
from support.quick import QuickStage
from support.waiting import eventually

from shared.artifacts.calls import Reply
from shared.artifacts.receipts import Attempt, Call, PaidCalls, Ticket
from shared.artifacts.store import ArtifactStore
from shared.commanding import command_of
from shared.errors import HandedBackError, StageError
from shared.messages.commands import Command
from shared.messages.facts import Fact
from shared.messages.manifest import Manifest
from shared.runtime.work import Jobs, Report, delivery_of

OUTCOME = opened_production(scenes=3)
PROJECT, RUN = OUTCOME.project, OUTCOME.run


def command(position: int = 0, **changes: Any) -> Command:
    task = task_of(RUN, "voice", position)
    from dataclasses import replace

    made = command_of(PROJECT, RUN, replace(task, dispatch=1))
    return made.model_copy(update=changes)


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.at(f"file://{tmp_path}")


@pytest.fixture
def stage(artifacts: ArtifactStore) -> QuickStage:
    return QuickStage("voice", artifacts)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def jobs(stage: QuickStage, heard: Heard, artifacts: ArtifactStore) -> Jobs:
    return Jobs(stage, heard, artifacts, slots=2)  # type: ignore[arg-type]


async def test_a_job_starts_reports_and_states_its_result(jobs: Jobs, heard: Heard) -> None:
    await jobs.handle(command(), 0)

    assert heard.types[0] == "task.started.v1"
    assert heard.types[-1] == "voice.recorded.v1"
    assert [fact.meta.seq for fact in heard.facts] == sorted(fact.meta.seq for fact in heard.facts)


async def test_a_redelivery_joins_the_running_job_and_its_facts_carry_the_greater_delivery(
    jobs: Jobs, stage: QuickStage, heard: Heard
) -> None:
    stage.gate.clear()
    first = asyncio.create_task(jobs.handle(command(), 0))
    await eventually(lambda: stage.entered)
    second = asyncio.create_task(jobs.handle(command(), 1))
    await eventually(lambda: heard.facts)

    stage.gate.set()
    await asyncio.gather(first, second)

    assert sum(stage.made.values()) == 1
    assert heard.facts[-1].meta.delivery == 1


async def test_a_cancelled_handler_leaves_its_job_running(
    jobs: Jobs, stage: QuickStage, heard: Heard
) -> None:
    stage.gate.clear()
    handler = asyncio.create_task(jobs.handle(command(), 0))
    await eventually(lambda: stage.entered)

    handler.cancel()
    stage.gate.set()

    await eventually(lambda: "voice.recorded.v1" in heard.types)


async def test_jobs_without_a_handler_still_count_against_the_slots(
    jobs: Jobs, stage: QuickStage
) -> None:
    stage.gate.clear()
    handlers = [asyncio.create_task(jobs.handle(command(n), 0)) for n in range(3)]
    await eventually(lambda: len(stage.entered) == 2)
    for handler in handlers:
        handler.cancel()

    third = asyncio.create_task(jobs.handle(command(2), 1))
    await asyncio.wait([third], timeout=0.1)
    assert len(stage.entered) == 2

    stage.gate.set()
    await third
    assert len(stage.entered) == 3


async def test_an_artifact_that_is_there_is_stated_and_not_made_again(
    jobs: Jobs, stage: QuickStage, heard: Heard
) -> None:
    await jobs.handle(command(), 0)
    first = heard.facts[-1]

    await jobs.handle(command(), 1)

    assert sum(stage.made.values()) == 1
    assert heard.facts[-1].manifest == first.manifest


async def test_what_a_stage_says_went_wrong_becomes_a_failure_fact(
    jobs: Jobs, stage: QuickStage, heard: Heard
) -> None:
    stage.failures.append(StageError("voice_failed", "no sound", retryable=True))

    await jobs.handle(command(), 0)

    failure = heard.facts[-1]
    assert (failure.code, failure.detail, failure.retryable) == ("voice_failed", "no sound", True)


async def test_work_past_its_time_limit_fails_and_is_not_tried_again_by_itself(
    jobs: Jobs, stage: QuickStage, heard: Heard
) -> None:
    stage.gate.clear()

    await jobs.handle(command(timeout_s=0.05), 0)

    assert (heard.facts[-1].code, heard.facts[-1].retryable) == ("voice_timeout", False)


async def test_a_worker_without_the_pinned_engine_says_so(jobs: Jobs, heard: Heard) -> None:
    await jobs.handle(command(engine="another-7"), 0)

    assert heard.facts[-1].code == "engine_unavailable"


async def test_a_run_that_is_stopped_ends_its_jobs_and_settles_their_commands(
    jobs: Jobs, stage: QuickStage, heard: Heard
) -> None:
    stage.gate.clear()
    handler = asyncio.create_task(jobs.handle(command(), 0))
    await eventually(lambda: stage.entered)

    jobs.stop_run(RUN.id)

    await handler
    assert heard.types[-1] != "voice.recorded.v1"


async def test_a_later_dispatch_that_joins_while_a_failure_is_on_its_way_is_worked_on(
    stage: QuickStage, artifacts: ArtifactStore
) -> None:
    back = asyncio.Event()

    class Away(Heard):
        async def state(self, fact: Fact) -> None:
            await super().state(fact)
            await back.wait()

    heard = Away()
    jobs = Jobs(stage, heard, artifacts, slots=2)  # type: ignore[arg-type]
    stage.failures.append(StageError("voice_failed", retryable=True))
    first = asyncio.create_task(jobs.handle(command(), 0))
    await eventually(lambda: heard.types[-1:] == ["task.failed.v1"])
    later = command()
    later = later.model_copy(update={"meta": later.meta.model_copy(update={"dispatch": 3})})
    second = asyncio.create_task(jobs.handle(later, 0))
    back.set()
    await asyncio.gather(first, second)

    said = [(fact.type, fact.meta.dispatch) for fact in heard.facts]
    ends = [one for one in said if one[0] not in {"task.started.v1", "task.progressed.v1"}]
    assert ends == [("task.failed.v1", 1), ("voice.recorded.v1", 3)]


async def test_a_tombstone_stops_a_command_before_its_work(
    jobs: Jobs, stage: QuickStage, heard: Heard, artifacts: ArtifactStore
) -> None:
    await artifacts.mark_closed(RUN.id)

    await jobs.handle(command(), 0)

    assert not stage.entered
    assert not heard.facts


class Paying(QuickStage):
    """Pays one call, and then goes on."""

    async def make(self, command: Any, report: Report) -> Manifest:
        async def paid(_: Attempt) -> Reply:
            return Reply(blobs={}, cost={"characters": 12.0})

        calls = PaidCalls(self._artifacts)
        await calls.once(Ticket.of(command), Call(make=paid))
        return await super().make(command, report)


async def test_what_a_stopped_job_has_paid_is_told(heard: Heard, artifacts: ArtifactStore) -> None:
    stage = Paying("voice", artifacts)
    jobs = Jobs(stage, heard, artifacts, slots=2)  # type: ignore[arg-type]
    stage.gate.clear()
    handler = asyncio.create_task(jobs.handle(command(), 0))
    await eventually(lambda: stage.entered)

    jobs.stop_run(RUN.id)

    await handler
    told = heard.facts[-1]
    assert (told.code, told.charge, told.cost) == (
        "run_cancelled",
        "charged",
        {"characters": 12.0},
    )


async def test_what_a_failed_job_has_paid_before_is_told(
    heard: Heard, artifacts: ArtifactStore
) -> None:
    stage = Paying("voice", artifacts)
    stage.failures.append(StageError("voice_failed", retryable=False))

    await Jobs(stage, heard, artifacts, slots=2).handle(command(), 0)  # type: ignore[arg-type]

    told = heard.facts[-1]
    assert (told.code, told.charge, told.cost) == ("voice_failed", "charged", {"characters": 12.0})


async def test_a_job_that_is_not_done_at_shutdown_is_handed_back(
    jobs: Jobs, stage: QuickStage
) -> None:
    stage.gate.clear()
    handler = asyncio.create_task(jobs.handle(command(), 0))
    await eventually(lambda: stage.entered)

    await jobs.drain(0)

    with pytest.raises(HandedBackError):
        await handler


async def test_a_command_that_comes_during_the_shutdown_is_left_to_another_worker(
    jobs: Jobs, stage: QuickStage
) -> None:
    await jobs.drain(0)

    with pytest.raises(HandedBackError):
        await jobs.handle(command(), 0)

    assert not stage.entered


async def test_a_bug_comes_out_of_the_handler_so_that_the_broker_buries_the_command(
    jobs: Jobs, stage: QuickStage
) -> None:
    stage.failures.append(ZeroDivisionError("a bug"))

    with pytest.raises(ZeroDivisionError):
        await jobs.handle(command(), 0)


@pytest.mark.parametrize(
    ("headers", "delivery"),
    [
        pytest.param({}, 0, id="first delivery"),
        pytest.param({"x-delivery-count": 2}, 2, id="3.10 to 4.2"),
        pytest.param({"x-delivery-count": 1, "x-acquired-count": 4}, 4, id="4.3 and later"),
    ],
)
def test_the_delivery_is_the_greater_of_the_brokers_counts(headers: dict, delivery: int) -> None:
    assert delivery_of(headers) == delivery


async def test_a_worker_of_several_engines_serves_runs_of_each(
    stage: QuickStage, heard: Heard, artifacts: ArtifactStore
) -> None:
    stage.engine = frozenset({"espeak-1", "kokoro-1"})
    jobs = Jobs(stage, heard, artifacts, slots=2)  # type: ignore[arg-type]

    for number, engine in enumerate(("espeak-1", "kokoro-1", "another-7")):
        await jobs.handle(command(number, engine=engine, key=f"voice/{number:064d}"), 0)

    results = [fact for fact in heard.facts if fact.type == "voice.recorded.v1"]
    assert len(results) == 2
    assert heard.facts[-1].code == "engine_unavailable"
    assert "espeak-1, kokoro-1" in heard.facts[-1].detail
