"""Pictures that a provider makes: paid for once, made anew here, and every failure explained."""

import asyncio
import io
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.image_server import ImageServer, image_server
from support.uploading import a_picture
from support.visuals import PROMPT, VisualWorker, image_settings, in_a_process
from support.waiting import eventually

from media_worker.visuals.images import ImageMaker
from media_worker.workspace import sweep
from shared.messages.facts import TaskFailed, VisualMade


class Setup:
    """Workers of one store, and their provider."""

    def __init__(self, server: ImageServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.workers: list[VisualWorker] = []

    def worker(self, **changes: Any) -> VisualWorker:
        settings = image_settings(self.server.url, **changes)
        self.workers.append(VisualWorker(self.folder, ImageMaker, settings))
        return self.workers[-1]

    async def failed(self, **changes: Any) -> TaskFailed:
        """How one delivery failed."""
        fact = await self.worker(**changes).make()
        assert isinstance(fact, TaskFailed)
        return fact


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncGenerator[Setup, None]:
    async with image_server() as server:
        made = Setup(server, tmp_path)
        yield made
        for worker in made.workers:
            await worker.maker.close()


async def shown(worker: VisualWorker, fact: VisualMade) -> Image.Image:
    [blob] = fact.manifest.blobs.values()
    return Image.open(io.BytesIO(await worker.store.read(blob)))


@pytest.mark.parametrize("mood", ["well", "place", "uncounted"])
async def test_a_picture_is_made_anew_and_stated_with_its_cost(setup: Setup, mood: str) -> None:
    setup.server.moods = [mood]
    setup.server.picture = a_picture("PNG", (4_000, 1_000))
    worker = setup.worker()

    made = await worker.make()

    assert isinstance(made, VisualMade)
    assert made.manifest.key.startswith("image/")
    assert made.manifest.cost is not None
    assert made.manifest.cost["images"] == 1
    picture = await shown(worker, made)
    assert (picture.format, picture.size) == ("JPEG", (2_560, 640))
    [order] = setup.server.orders
    assert (order["prompt"], order["n"], order["size"]) == (PROMPT, 1, "1536x1024")


async def test_no_size_is_asked_for_where_none_is_set(setup: Setup) -> None:
    await setup.worker(image_sizes="").make()

    assert "size" not in setup.server.orders[0]


@pytest.mark.parametrize("mood", ["busy", "down"])
async def test_what_was_surely_not_charged_is_tried_again(setup: Setup, mood: str) -> None:
    setup.server.moods = [mood, mood]

    made = await setup.worker().make()

    assert isinstance(made, VisualMade)
    assert (len(setup.server.orders), setup.server.paid) == (3, 1)


@pytest.mark.parametrize(
    ("moods", "code", "charge", "retryable"),
    [
        pytest.param(["busy"] * 4, "provider_busy", "not charged", True, id="busy"),
        pytest.param(["down"] * 4, "provider_unavailable", "not charged", True, id="down"),
        pytest.param(["spent"], "provider_quota_spent", "not charged", False, id="no money"),
        pytest.param(["unsafe"], "prompt_refused", "not charged", False, id="refused"),
        pytest.param(["wrong"], "provider_rejected", "not charged", False, id="wrong request"),
        pytest.param(["nothing"], "visual_unreadable", "charged", False, id="no picture"),
        pytest.param(["empty"], "visual_unreadable", "charged", False, id="an empty picture"),
        pytest.param(["garbled"], "visual_unreadable", "charged", False, id="no base64"),
        pytest.param(["strange place"], "visual_unreadable", "charged", False, id="no address"),
    ],
)
async def test_a_providers_no_is_told_with_its_cost(
    setup: Setup, moods: list[str], code: str, charge: str, *, retryable: bool
) -> None:
    setup.server.moods = moods

    failed = await setup.failed()

    assert (failed.code, failed.charge, failed.retryable) == (code, charge, retryable)


async def test_a_refused_key_is_told_and_not_repeated(setup: Setup) -> None:
    failed = await setup.failed(image_api_key="sk-wrong-1234")

    assert (failed.code, failed.charge) == ("provider_key_refused", "not charged")
    assert "1234" not in failed.detail


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(a_picture("PNG", (900, 600))[:400], id="cut off"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="no picture"),
        pytest.param(a_picture("PNG")[:33] + b"\0" * 200, id="broken"),
        pytest.param(b"RIFF\0\0\0\0WAVEfmt ", id="a sound"),
    ],
)
async def test_a_broken_picture_fails_with_its_cost_and_is_not_bought_again(
    setup: Setup, body: bytes
) -> None:
    setup.server.picture = body

    failed = [await setup.failed() for _ in "ab"]

    assert {one.code for one in failed} == {"visual_unreadable"}
    assert {one.charge for one in failed} == {"charged"}
    assert failed[0].cost == failed[1].cost != {}


async def test_silence_may_have_been_charged_so_only_the_user_asks_again(setup: Setup) -> None:
    setup.server.moods = ["hang"]
    worker = setup.worker(image_timeout_s=0.3)

    first = await worker.make()
    second = await worker.make(delivery=1)
    third = await worker.make(worker.command(authorisation=1))

    assert (first.code, second.code) == ("outcome_unknown", "outcome_unknown")
    assert isinstance(third, VisualMade)
    assert setup.server.paid == 2


async def test_a_connection_that_breaks_after_sending_is_not_repeated(setup: Setup) -> None:
    setup.server.moods = ["cut"]

    failed = await setup.failed()

    assert failed.code == "outcome_unknown"
    assert setup.server.paid == 1


async def test_a_file_that_is_away_for_a_moment_is_fetched_again(setup: Setup) -> None:
    setup.server.moods, setup.server.away = ["place"], 3

    made = await setup.worker().make()

    assert isinstance(made, VisualMade)
    assert setup.server.paid == 1


async def test_a_file_that_stays_away_is_fetched_by_the_next_attempt(setup: Setup) -> None:
    setup.server.moods, setup.server.away = ["place"], 4
    worker = setup.worker()

    failed = await worker.make()
    made = await worker.make(delivery=1)

    assert isinstance(failed, TaskFailed)
    assert (failed.code, failed.retryable) == ("provider_unavailable", True)
    assert isinstance(made, VisualMade)
    assert setup.server.paid == 1


async def test_a_file_that_is_gone_for_good_says_so(setup: Setup) -> None:
    setup.server.moods, setup.server.gone = ["place"], True

    failed = await setup.failed()

    assert (failed.code, failed.charge, failed.retryable) == ("visual_expired", "charged", False)


async def test_what_a_worker_had_fetched_when_it_was_killed_is_swept(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.server.moods = ["place"]
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))

    await in_a_process(tmp_path / "store", "image", setup.server.url, dies_at="visual.fetched")

    assert [*temporary.glob("*/picture.bin")]
    sweep(temporary)
    assert [*temporary.glob("reelay-work-*")] == []


async def test_a_cancel_during_the_call_keeps_the_picture_and_its_cost(setup: Setup) -> None:
    setup.server.moods = ["gated"]
    worker = setup.worker()
    command = worker.command()
    handler = asyncio.create_task(worker.make(command))
    await eventually(lambda: setup.server.orders)

    await worker.store.mark_closed(command.meta.run_id)
    worker.jobs.stop_run(command.meta.run_id)
    setup.server.gate.set()
    made = await handler

    assert isinstance(made, VisualMade)
    assert made.manifest.cost
    assert await worker.store.find(command.key) is not None
