"""Finished videos handed over to a real bucket, and announced to a real receiver."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from obstore.store import ObjectStore
from sqlalchemy import delete, func, select, update
from support.driving import Driver
from support.hook_receiver import SECRET, HookReceiver, hook_receiver
from support.http import client_of, parts_of
from support.moto_server import new_bucket, s3_values, unfinished
from support.waiting import eventually

from api.app import application
from notifier.app import broker_for
from notifier.deliveries import Deliveries, owed
from notifier.handover import Handover
from notifier.notice import notice_for
from notifier.settings import HandoverSettings
from notifier.store import NoticeStore
from shared.artifacts.places import place
from shared.artifacts.store import ArtifactStore
from shared.messages.manifest import Blob
from shared.messages.milestones import AnyMilestone
from shared.messaging.publisher import Publisher
from shared.messaging.topology import MILESTONES, milestone_key
from shared.milestones import milestone_of
from shared.store.engine import store_engine
from shared.store.tables import deliveries, notices, tasks

pytestmark = [pytest.mark.req("R18"), pytest.mark.timeout(60)]
LONG = bytes(range(256)) * (13 << 12)  # 13 MiB
NAMES = ["captions.srt", "captions.vtt", "cover.jpg", "video.mp4"]


@pytest.fixture
async def driver(database_url: str, tmp_path: Path) -> AsyncIterator[Driver]:
    engine = store_engine(database_url, pool=6, application="tests")
    artifacts = ArtifactStore.at(f"file://{tmp_path}/artifacts")
    async with client_of(application(parts_of(engine, artifacts))) as client:
        yield Driver(client, engine, artifacts)
    await engine.dispose()


@pytest.fixture
async def receiver() -> AsyncIterator[HookReceiver]:
    async with hook_receiver() as receiver:
        yield receiver


@pytest.fixture
async def settings(s3_server: str, receiver: HookReceiver) -> HandoverSettings:
    return HandoverSettings(
        _env_file=None,  # type: ignore[call-arg]
        handover_url=f"s3://{await new_bucket(s3_server)}/finished",
        handover_webhook_url=receiver.url,
        handover_webhook_secret=SECRET,
        **s3_values(s3_server),
    )


def soon(attempts: int, _: str | None) -> float | None:
    """Three attempts, one right after another."""
    return 0 if attempts < 3 else None


def handover_of(driver: Driver, settings: HandoverSettings) -> Handover:
    return Handover(Deliveries(driver.engine), driver.artifacts, settings, pause_after=soon)


@asynccontextmanager
async def notifying(driver: Driver, rabbitmq_url: str, handover: Handover) -> AsyncIterator[Any]:
    """The notifier, and a way to tell it a milestone."""
    handing = asyncio.create_task(handover.run())
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        broker = broker_for(rabbitmq_url, NoticeStore(driver.engine), handover)
        await broker.start()

        async def tell(milestone: AnyMilestone) -> None:
            body, kind = milestone.model_dump_json().encode(), milestone.type
            identity = str(milestone.meta.message_id)
            await publisher.publish(
                MILESTONES, milestone_key(kind), body, kind=kind, message_id=identity
            )

        try:
            yield tell
        finally:
            await broker.stop()
            handing.cancel()
            await asyncio.gather(handing, return_exceptions=True)


class SlowStore(ArtifactStore):
    """The same files, of which no stream comes to its end."""

    def __init__(self, same: ArtifactStore) -> None:
        super().__init__(same._store, root=same._root)
        self.halfway = asyncio.Event()

    async def stream(
        self, blob: Blob, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        async for piece in super().stream(blob, start, blob.size - 1):
            yield piece
        self.halfway.set()
        await asyncio.Event().wait()


async def finished(driver: Driver, video: bytes | None = None) -> AnyMilestone:
    """A project's video, of these bytes where they matter."""
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice", "clip")
    await driver.work(project, "assembly", body=video)
    held = await driver.held(project)
    assert held.run is not None
    return milestone_of(held.project, held.run)


async def video_of(driver: Driver, milestone: AnyMilestone) -> Blob:
    held = await driver.held(str(milestone.meta.project_id))
    assert held.project.video is not None
    return held.project.video.blobs["video"]


async def bytes_at(bucket: ObjectStore, path: str) -> bytes:
    return bytes(await (await bucket.get_async(path)).bytes_async())


async def rows(driver: Driver, table: Any = deliveries) -> list[Any]:
    async with driver.engine.connect() as conn:
        return list((await conn.execute(select(table))).mappings())


async def outcome(driver: Driver) -> str | None:
    found = await rows(driver)
    return found[0]["outcome"] if found else None


async def test_a_finished_video_is_put_into_the_bucket_and_announced_once(
    driver: Driver, rabbitmq_url: str, settings: HandoverSettings, receiver: HookReceiver
) -> None:
    milestone = await finished(driver)

    async with notifying(driver, rabbitmq_url, handover_of(driver, settings)) as tell:
        for _ in range(3):
            await tell(milestone)
        await eventually(lambda: outcome(driver))

    meta = milestone.meta
    folder = f"{meta.project_id}/{meta.run_id}"
    [(identity, said)] = receiver.heard
    assert (identity, receiver.refused) == (str(meta.message_id), 0)
    assert said["type"] == "video.ready"
    files = {file["name"]: file for file in said["data"]["files"]}
    assert sorted(files) == NAMES
    assert files["video.mp4"]["url"] == f"{settings.handover_url}/{folder}/video.mp4"
    bucket = place(settings.handover_url, settings)
    made = await video_of(driver, milestone)
    for name, file in files.items():
        stored = await bytes_at(bucket, f"{folder}/{name}")
        assert (len(stored), hashlib.sha256(stored).hexdigest()) == (file["bytes"], file["sha256"])
    assert await bytes_at(bucket, f"{folder}/video.mp4") == await driver.artifacts.read(made)
    assert [row["attempts"] for row in await rows(driver)] == [1]
    assert len(await rows(driver, notices)) == 1


async def test_a_long_video_is_copied_in_parts_and_every_byte_of_it(
    driver: Driver, settings: HandoverSettings, receiver: HookReceiver
) -> None:
    milestone = await finished(driver, video=LONG)
    await owe(driver, milestone)

    await handover_of(driver, settings).sweep()

    bucket = place(settings.handover_url, settings)
    path = f"{milestone.meta.project_id}/{milestone.meta.run_id}/video.mp4"
    tag = (await bucket.head_async(path))["e_tag"] or ""
    [(_, said)] = receiver.heard
    [told] = [file for file in said["data"]["files"] if file["name"] == "video.mp4"]
    assert tag.strip('"').endswith("-3")
    assert await bytes_at(bucket, path) == LONG
    assert (told["bytes"], told["sha256"]) == (len(LONG), hashlib.sha256(LONG).hexdigest())


async def test_a_copy_that_is_cancelled_leaves_no_part_of_it_and_is_made_by_the_next_attempt(
    driver: Driver, settings: HandoverSettings, receiver: HookReceiver, s3_server: str
) -> None:
    await owe(driver, await finished(driver, video=LONG))
    slow = SlowStore(driver.artifacts)
    copying = asyncio.create_task(
        Handover(Deliveries(driver.engine), slow, settings, pause_after=soon).sweep()
    )
    name = urlsplit(settings.handover_url).netloc

    await slow.halfway.wait()
    begun = await unfinished(s3_server, name)
    copying.cancel()
    await asyncio.gather(copying, return_exceptions=True)
    left = await unfinished(s3_server, name)
    async with driver.engine.begin() as conn:
        await conn.execute(update(deliveries).values(next_at=func.now()))
    await handover_of(driver, settings).sweep()

    assert (len(begun), left, await unfinished(s3_server, name)) == (1, [], [])
    assert (await outcome(driver), len(receiver.heard)) == ("delivered", 1)


@pytest.mark.parametrize("first", [500, 302, 429])
async def test_a_receiver_that_fails_first_is_told_again_under_the_same_id(
    driver: Driver,
    rabbitmq_url: str,
    settings: HandoverSettings,
    receiver: HookReceiver,
    first: int,
) -> None:
    receiver.answers.append(first)

    async with notifying(driver, rabbitmq_url, handover_of(driver, settings)) as tell:
        await tell(await finished(driver))
        await eventually(lambda: outcome(driver))

    [row] = await rows(driver)
    assert (row["outcome"], row["attempts"], row["detail"]) == ("delivered", 2, "HTTP 204")
    assert receiver.heard[0] == receiver.heard[1]


@pytest.mark.parametrize(
    ("answers", "end"),
    [
        pytest.param([410], "refused", id="410 ends it"),
        pytest.param([500, 500, 500], "given_up", id="the last attempt failed"),
    ],
)
async def test_a_receiver_that_wants_nothing_is_left_alone(
    driver: Driver,
    settings: HandoverSettings,
    receiver: HookReceiver,
    answers: list[int],
    end: str,
) -> None:
    attempts = len(answers)
    receiver.answers.extend(answers)
    handover = handover_of(driver, settings)
    await owe(driver, await finished(driver))

    while await handover.sweep():
        pass

    [row] = await rows(driver)
    assert (row["outcome"], row["attempts"]) == (end, attempts)


async def test_while_the_receiver_is_away_the_next_attempt_waits_for_its_time(
    driver: Driver, settings: HandoverSettings
) -> None:
    away = settings.model_copy(update={"handover_webhook_url": "http://127.0.0.1:9/hook"})
    handover = Handover(Deliveries(driver.engine), driver.artifacts, away)
    await owe(driver, await finished(driver))

    assert await handover.sweep()
    assert not await handover.sweep()

    [row] = await rows(driver)
    assert (row["outcome"], row["attempts"], row["detail"]) == (None, 1, "ConnectError")
    assert row["next_at"] > row["created_at"]


async def test_a_receiver_that_never_answers_counts_as_away(
    driver: Driver, settings: HandoverSettings, receiver: HookReceiver
) -> None:
    receiver.answers.append("hang")
    deliveries = Deliveries(driver.engine)
    handover = Handover(deliveries, driver.artifacts, settings, pause_after=soon, answer_s=0.5)
    await owe(driver, await finished(driver))

    await handover.sweep()
    assert await outcome(driver) is None
    await handover_of(driver, settings).sweep()

    assert await outcome(driver) == "delivered"


async def test_of_two_notifiers_one_hands_over(
    driver: Driver, settings: HandoverSettings, receiver: HookReceiver
) -> None:
    await owe(driver, await finished(driver))

    swept = await asyncio.gather(*(handover_of(driver, settings).sweep() for _ in range(2)))

    assert sorted(swept) == [False, True]
    assert len(receiver.heard) == 1


async def test_a_project_that_was_removed_meanwhile_is_owed_no_more(
    driver: Driver, settings: HandoverSettings, receiver: HookReceiver
) -> None:
    milestone = await finished(driver)
    await owe(driver, milestone)
    async with driver.engine.begin() as conn:
        await conn.execute(delete(tasks).where(tasks.c.run_id == milestone.meta.run_id))

    await handover_of(driver, settings).sweep()

    assert (await outcome(driver), receiver.heard) == ("gone", [])


async def test_a_folder_takes_videos_too_and_needs_no_receiver(
    driver: Driver, tmp_path: Path
) -> None:
    settings = HandoverSettings(_env_file=None, handover_url=f"file://{tmp_path}/out")  # type: ignore[call-arg]
    milestone = await finished(driver)
    await owe(driver, milestone)

    await handover_of(driver, settings).sweep()

    folder = tmp_path / "out" / str(milestone.meta.project_id) / str(milestone.meta.run_id)
    assert sorted(file.name for file in folder.iterdir()) == NAMES
    assert await outcome(driver) == "delivered"


async def owe(driver: Driver, milestone: AnyMilestone) -> None:
    await NoticeStore(driver.engine).add(notice_for(milestone), owed(milestone))
