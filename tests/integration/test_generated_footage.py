"""Footage by a provider's job: ordered once, taken up by whoever comes, cancelled in time."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import av
import pytest
from support.footage_server import FootageServer, a_film, footage_server
from support.visuals import PROMPT, VisualWorker, footage_settings
from support.waiting import eventually

from media_worker.visuals.footage import FootageMaker
from shared.messages.facts import TaskFailed, VisualMade

pytestmark = pytest.mark.timeout(60)  # films are really decoded and encoded


class Setup:
    def __init__(self, server: FootageServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.workers: list[VisualWorker] = []

    def worker(self, **changes: Any) -> VisualWorker:
        settings = footage_settings(self.server.url, **changes)
        self.workers.append(VisualWorker(self.folder / "store", FootageMaker, settings))
        return self.workers[-1]

    async def failed(self, **changes: Any) -> TaskFailed:
        """How one delivery failed."""
        fact = await self.worker(**changes).make()
        assert isinstance(fact, TaskFailed)
        return fact


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncGenerator[Setup, None]:
    async with footage_server() as server:
        made = Setup(server, tmp_path)
        yield made
        for worker in made.workers:
            await worker.maker.close()


async def test_footage_is_ordered_waited_for_and_made_anew(setup: Setup) -> None:
    setup.server.film = a_film(1.5, size=(1_920, 1_080), rate=16, sound=True)
    worker = setup.worker()

    made = await worker.make()

    assert isinstance(made, VisualMade)
    assert made.manifest.key.startswith("footage/")
    assert made.manifest.cost == {"videos": 1, "seconds": 5}
    assert made.manifest.duration_ms == pytest.approx(1_500, abs=70)
    blob = made.manifest.blobs["footage"]
    with av.open(str(setup.folder / "store" / blob.path)) as film:
        [stream] = film.streams
        assert (stream.type, stream.width, stream.height) == ("video", 1_280, 720)
        assert stream.average_rate == 30
    [order] = setup.server.orders
    assert (order["model"], order["input"]["prompt"]) == ("wan2.6-t2v", PROMPT)
    assert order["parameters"] == {"size": "1280*720", "watermark": False}
    assert len(setup.server.asked) == 3


async def test_length_and_size_are_asked_for_as_they_are_set(setup: Setup) -> None:
    await setup.worker(footage_seconds=10, footage_sizes="").make()

    assert setup.server.orders[0]["parameters"] == {"duration": 10, "watermark": False}


async def test_webm_is_taken_too(setup: Setup) -> None:
    setup.server.film = a_film(form="webm")

    assert isinstance(await setup.worker().make(), VisualMade)


async def test_a_provider_that_is_away_for_a_while_does_not_stop_the_wait(setup: Setup) -> None:
    setup.server.states = ["PENDING", "away", "away", "UNKNOWN", "RUNNING", "away", "SUCCEEDED"]

    assert isinstance(await setup.worker().make(), VisualMade)
    assert setup.server.jobs == ["job-1"]


@pytest.mark.parametrize("mood", ["busy", "down"])
async def test_an_order_that_was_not_taken_is_given_again(setup: Setup, mood: str) -> None:
    setup.server.moods = [mood, mood]

    assert isinstance(await setup.worker().make(), VisualMade)
    assert setup.server.jobs == ["job-1"]


@pytest.mark.parametrize(
    ("moods", "code", "retryable"),
    [
        pytest.param(["busy"] * 4, "provider_busy", True, id="busy"),
        pytest.param(["down"] * 4, "provider_unavailable", True, id="down"),
        pytest.param(["spent"], "provider_quota_spent", False, id="no quota"),
        pytest.param(["poor"], "provider_quota_spent", False, id="no money"),
        pytest.param(["unsafe"], "prompt_refused", False, id="refused"),
        pytest.param(["wrong"], "provider_rejected", False, id="a wrong request"),
    ],
)
async def test_an_order_that_is_refused_costs_nothing_and_says_why(
    setup: Setup, moods: list[str], code: str, *, retryable: bool
) -> None:
    setup.server.moods = moods

    failed = await setup.failed()

    assert (failed.code, failed.charge, failed.retryable) == (code, "not charged", retryable)
    assert setup.server.jobs == []


async def test_a_refused_key_is_told(setup: Setup) -> None:
    failed = await setup.failed(footage_api_key="sk-wrong")

    assert (failed.code, failed.charge) == ("provider_key_refused", "not charged")


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        pytest.param(("DataInspectionFailed", "green net"), "prompt_refused", id="refused"),
        pytest.param(("InvalidParameter", "prompt"), "provider_rejected", id="wrong"),
    ],
)
async def test_a_job_that_fails_for_good_costs_nothing_and_says_why(
    setup: Setup, failure: tuple[str, str], code: str
) -> None:
    setup.server.states, setup.server.failure = ["RUNNING", "FAILED"], failure

    failed = await setup.failed()

    assert (failed.code, failed.charge, failed.retryable) == (code, "not charged", False)
    assert setup.server.jobs == ["job-1"]


async def test_a_job_that_fails_by_chance_is_ordered_anew(setup: Setup) -> None:
    setup.server.states = ["FAILED", "RUNNING", "SUCCEEDED"]

    assert isinstance(await setup.worker().make(), VisualMade)
    assert setup.server.jobs == ["job-1", "job-2"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(a_film(3.0)[:-2_000], id="its end missing"),
        pytest.param(b"\0\0\0\x20ftypisom" + b"\0" * 500, id="nothing in it"),
        pytest.param(b"<html>expired</html>", id="a page"),
        pytest.param(b"", id="nothing at all"),
    ],
)
async def test_broken_footage_fails_with_its_cost_and_is_not_ordered_again(
    setup: Setup, body: bytes
) -> None:
    setup.server.film = body or b" "

    failed = [await setup.failed() for _ in "ab"]

    assert {one.code for one in failed} == {"visual_unreadable"}
    assert {one.charge for one in failed} == {"charged"}
    assert failed[0].cost == failed[1].cost == {"videos": 1, "seconds": 5}
    assert setup.server.jobs == ["job-1"]


async def test_a_result_that_is_gone_says_so(setup: Setup) -> None:
    setup.server.gone = True

    failed = await setup.failed()

    assert (failed.code, failed.charge, failed.retryable) == ("visual_expired", "charged", False)


@pytest.mark.parametrize("mood", ["cut", "nameless"])
async def test_an_order_without_an_answer_is_only_given_again_when_the_user_says_so(
    setup: Setup, mood: str
) -> None:
    setup.server.moods = [mood]
    worker = setup.worker()

    first = await worker.make()
    second = await worker.make(delivery=1)
    third = await worker.make(worker.command(authorisation=1))

    assert (first.code, second.code) == ("outcome_unknown", "outcome_unknown")
    assert isinstance(third, VisualMade)
    assert setup.server.jobs == ["job-1", "job-2"]


async def test_a_job_that_the_provider_forgot_is_only_ordered_again_when_the_user_says_so(
    setup: Setup,
) -> None:
    setup.server.states = ["RUNNING", "UNKNOWN"]
    worker = setup.worker()

    forgotten = await worker.make()
    setup.server.states = ["UNKNOWN"] * 3 + ["SUCCEEDED"]
    again = await worker.make(worker.command(authorisation=1))

    assert (forgotten.code, forgotten.retryable) == ("outcome_unknown", False)
    assert isinstance(again, VisualMade)
    assert setup.server.jobs == ["job-1", "job-2"]


async def test_who_pays_again_for_another_scene_does_not_order_this_one_twice(
    setup: Setup,
) -> None:
    setup.server.states = ["RUNNING"]

    late = await setup.failed(footage_timeout_s=60)
    setup.server.states = ["SUCCEEDED"]
    worker = setup.worker()
    made = await worker.make(worker.command(authorisation=1))

    assert late.code == "visual_timeout"
    assert isinstance(made, VisualMade)
    assert setup.server.jobs == ["job-1"]


async def test_a_job_that_takes_too_long_is_taken_up_by_the_users_retry(setup: Setup) -> None:
    setup.server.states = ["RUNNING"]

    late = await setup.failed(footage_timeout_s=60)
    setup.server.states = ["SUCCEEDED"]
    made = await setup.worker().make()

    assert (late.code, late.charge, late.retryable) == ("visual_timeout", "unknown", False)
    assert isinstance(made, VisualMade)
    assert setup.server.jobs == ["job-1"]


async def test_a_key_that_is_refused_while_a_job_runs_loses_nothing(setup: Setup) -> None:
    setup.server.locked = True

    failed = await setup.failed()
    setup.server.locked = False
    made = await setup.worker().make()

    assert (failed.code, failed.charge) == ("job_unreachable", "unknown")
    assert isinstance(made, VisualMade)
    assert setup.server.jobs == ["job-1"]


async def cancelled(setup: Setup, state: str) -> Any:
    """The last fact of a run that its user cancels while the job is in ``state``."""
    setup.server.states = [state]
    worker = setup.worker()
    command = worker.command()
    handler = asyncio.create_task(worker.make(command))
    await eventually(lambda: setup.server.asked)

    await worker.store.mark_closed(command.meta.run_id)
    worker.jobs.stop_run(command.meta.run_id)
    if state == "RUNNING":
        setup.server.states = ["RUNNING", "SUCCEEDED"]
    return await handler


async def test_a_cancel_takes_a_waiting_job_out_of_the_providers_queue(setup: Setup) -> None:
    failed = await cancelled(setup, "PENDING")

    assert isinstance(failed, TaskFailed)
    assert (failed.code, failed.charge, failed.retryable) == ("run_cancelled", "not charged", False)
    assert setup.server.cancelled == ["job-1"]


async def test_a_job_of_a_run_that_failed_meanwhile_is_left_to_its_end(setup: Setup) -> None:
    setup.server.states = ["PENDING"]
    worker = setup.worker()
    command = worker.command()
    handler = asyncio.create_task(worker.make(command))
    await eventually(lambda: setup.server.asked)

    await worker.store.mark_closed(command.meta.run_id, finish=True)
    setup.server.states = ["PENDING", "PENDING", "SUCCEEDED"]

    assert isinstance(await handler, VisualMade)
    assert setup.server.cancelled == []


async def test_a_cancel_that_comes_too_late_for_the_provider_keeps_what_was_paid_for(
    setup: Setup,
) -> None:
    made = await cancelled(setup, "RUNNING")

    assert isinstance(made, VisualMade)
    assert made.manifest.cost == {"videos": 1, "seconds": 5}
    assert setup.server.cancelled == []
