"""A milestone that the broker took and lost is told all the same."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text
from support.queues import clean
from support.stored import count
from support.waiting import eventually

from notifier.app import broker_for, keep
from notifier.store import NoticeStore
from projector.untold import Untold
from shared.artifacts.store import ArtifactStore
from shared.errors import NotStoredError
from shared.messages.milestones import AnyMilestone
from shared.messaging.publisher import Publisher
from shared.messaging.topology import MILESTONES, milestone_key
from shared.store import outbox, tables
from shared.store.outbox import Letter
from shared.store.relay import Relay

SAMPLE = Path(__file__).parents[1] / "contract" / "samples" / "video.ready.v1.json"
READY: AnyMilestone = TypeAdapter(AnyMilestone).validate_json(SAMPLE.read_bytes())
AT_ONCE = timedelta(seconds=-1)


@pytest.fixture
async def publisher(rabbitmq_url: str) -> AsyncIterator[Publisher]:
    async with Publisher(rabbitmq_url, name="tests") as publisher:
        yield publisher


async def ordered(engine) -> None:
    """The milestone as the projector leaves it to the relay."""
    async with engine.begin() as conn:
        await outbox.append(conn, [Letter(MILESTONES, milestone_key(READY.type), READY)])


async def sent(engine) -> None:
    """And as the relay leaves it, once the broker has it."""
    await ordered(engine)
    async with engine.begin() as conn:  # after an hour of a broker in trouble
        await conn.execute(text("UPDATE outbox SET published_at = now(), attempts = 200"))


async def waiting(engine) -> int:
    return await count(engine, tables.outbox, tables.outbox.c.published_at.is_(None))


def answering(ready: int, consumers: int):
    async def depth(_: str) -> tuple[int, int]:
        return ready, consumers

    return depth


async def away(_: str) -> tuple[int, int]:
    raise NotStoredError("no connection to the broker")


listening = answering(0, 1)


async def test_a_milestone_that_the_broker_lost_becomes_a_notice_all_the_same(
    engine, publisher: Publisher, rabbitmq_url: str, tmp_path: Path
) -> None:
    relay = Relay(engine, publisher, ArtifactStore.at(f"file://{tmp_path}"), asyncio.Event())
    await ordered(engine)
    assert await relay.step() == 1
    await clean(rabbitmq_url)  # with all that was in its queues
    notifier = broker_for(rabbitmq_url, NoticeStore(engine))
    await notifier.start()
    untold = Untold(engine, publisher.depth, age=AT_ONCE)
    await eventually(untold.resend)

    assert await relay.step() == 1

    async def told() -> bool:
        return await count(engine, tables.notices) == 1

    await eventually(told)
    assert await untold.resend() == 0
    await notifier.stop()


@pytest.mark.parametrize(
    "depth",
    [
        pytest.param(answering(1, 1), id="milestones wait in the queue"),
        pytest.param(answering(0, 0), id="nobody takes them"),
        pytest.param(away, id="the broker is away"),
    ],
)
async def test_nothing_is_sent_again_while_it_may_still_arrive(engine, depth) -> None:
    await sent(engine)

    assert await Untold(engine, depth, age=AT_ONCE).resend() == 0
    assert await waiting(engine) == 0


async def test_it_goes_out_again_however_often_it_could_not_be_sent_before(engine) -> None:
    await sent(engine)

    assert await Untold(engine, listening, age=AT_ONCE).resend() == 1
    assert await waiting(engine) == 1


async def test_one_that_was_sent_just_now_may_be_on_its_way(engine) -> None:
    await sent(engine)

    assert await Untold(engine, listening).resend() == 0


async def test_one_that_was_told_is_not_sent_again(engine) -> None:
    await sent(engine)
    await keep(NoticeStore(engine), READY)

    assert await Untold(engine, listening, age=AT_ONCE).resend() == 0


async def test_one_that_nobody_could_read_is_left_to_the_operators(engine) -> None:
    await sent(engine)
    buried = "INSERT INTO dead_letters (queue, reason, body) SELECT 'q', 'r', body FROM outbox"
    async with engine.begin() as conn:
        await conn.execute(text(buried))

    assert await Untold(engine, listening, age=AT_ONCE).resend() == 0


async def test_what_is_never_told_is_not_sent_for_ever(engine) -> None:
    await sent(engine)
    async with engine.begin() as conn:
        await conn.execute(text("UPDATE outbox SET created_at = now() - interval '49 hours'"))

    assert await Untold(engine, listening, age=AT_ONCE).resend() == 0
