"""Milestones over a real broker into the notifier's own schema."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from support.waiting import eventually

from notifier.app import broker_for
from notifier.store import NoticeStore
from shared.messaging.publisher import Publisher
from shared.messaging.topology import MILESTONES, MILESTONES_QUEUE, milestone_key
from shared.store.tables import notices

SAMPLES = Path(__file__).parents[1] / "contract" / "samples"


async def kept(engine) -> list:
    async with engine.connect() as conn:
        return list((await conn.execute(select(notices))).mappings())


async def publish(publisher: Publisher, kind: str, body: bytes) -> None:
    await publisher.publish(
        MILESTONES, milestone_key(kind), body, kind=kind, message_id=str(uuid4())
    )


@pytest.mark.req("R14")
async def test_a_milestone_delivered_three_times_is_one_notice(engine, rabbitmq_url: str) -> None:
    body = (SAMPLES / "video.ready.v1.json").read_bytes()
    last = (SAMPLES / "script.ready.v1.json").read_text()
    other = json.loads(last)
    other["meta"]["message_id"] = str(uuid4())
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        broker = broker_for(rabbitmq_url, NoticeStore(engine))
        await broker.start()
        for _ in range(3):
            await publish(publisher, "video.ready.v1", body)
        await publish(publisher, "script.ready.v1", json.dumps(other).encode())

        await eventually(lambda: _count(engine, 2))
        await broker.stop()
    assert sorted(row["kind"] for row in await kept(engine)) == ["script.ready", "video.ready"]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"",
        b"[]",
        b'{"type": "video.ready.v9"}',
        b'{"type": "video.ready.v1", "meta": {}}',
    ],
    ids=["no text", "empty", "a list", "a type of the future", "no meta"],
)
async def test_a_milestone_that_nobody_can_read_goes_to_the_dead_queue_and_the_next_is_kept(
    engine, rabbitmq_url: str, body: bytes
) -> None:
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        broker = broker_for(rabbitmq_url, NoticeStore(engine))
        await broker.start()

        await publish(publisher, "video.ready.v1", body)
        await publish(publisher, "video.ready.v1", (SAMPLES / "video.ready.v1.json").read_bytes())

        await eventually(lambda: _count(engine, 1))
        await eventually(lambda: _dead(publisher))
        await broker.stop()


async def _count(engine, wanted: int) -> bool:
    return len(await kept(engine)) == wanted


async def _dead(publisher: Publisher) -> bool:
    return (await publisher.depth(f"{MILESTONES_QUEUE}.dead"))[0] == 1
