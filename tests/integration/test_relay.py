"""The outbox on its way to the broker."""

import asyncio
from pathlib import Path

import aio_pika
import pytest
from sqlalchemy import func, select, text
from support.building import NOW, opened_production
from support.waiting import eventually

from shared import pipeline
from shared.artifacts.store import ArtifactStore
from shared.messaging.publisher import Publisher
from shared.messaging.topology import COMMANDS, CONTROL
from shared.milestones import milestone_of
from shared.state import RunState
from shared.store import aggregate, outbox, tables
from shared.store.aggregate import Saved
from shared.store.dispatch import dispatched
from shared.store.outbox import Letter
from shared.store.relay import Relay

VOICE = "media-worker.voice"


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.at(f"file://{tmp_path}")


async def waiting_commands(engine, scenes: int):
    """A production stored as opened, its voices in the outbox."""
    outcome = opened_production(scenes=scenes)
    run, commands = dispatched(outcome.project, outcome.run, NOW)
    async with engine.begin() as conn:
        row = {
            "id": outcome.project.id,
            "user_id": "ann",
            "title": "T",
            "source": {"kind": "topic", "text": "x"},
        }
        await conn.execute(tables.projects.insert().values(row))
        await aggregate.save(conn, [Saved(before=outcome.project, after=outcome.project, run=run)])
        await outbox.append(conn, [Letter(COMMANDS, VOICE, c) for c in commands])
    return outcome.project, run, commands


async def unsent(engine) -> int:
    async with engine.connect() as conn:
        query = select(func.count()).where(tables.outbox.c.published_at.is_(None))
        return (await conn.execute(query)).scalar_one()


async def received(url: str, queue: str, count: int) -> list[str]:
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        source = await channel.get_queue(queue)
        ids: list[str] = []

        async def keep(message) -> None:
            ids.append(message.message_id)
            await message.ack()

        await source.consume(keep)
        await eventually(lambda: len(ids) >= count)
    return ids


async def test_two_relays_send_every_command_once_while_both_live(
    engine, rabbitmq_url: str, artifacts: ArtifactStore
) -> None:
    stop = asyncio.Event()
    _, _, commands = await waiting_commands(engine, 60)
    async with (
        Publisher(rabbitmq_url, name="one") as one,
        Publisher(rabbitmq_url, name="two") as two,
    ):
        relays = [Relay(engine, publisher, artifacts, stop) for publisher in (one, two)]
        loops = [asyncio.create_task(relay.run()) for relay in relays]

        ids = await received(rabbitmq_url, VOICE, 60)

        await eventually(lambda: _none_left(engine))
        stop.set()
        await asyncio.gather(*loops)
    assert sorted(ids) == sorted(str(command.meta.message_id) for command in commands)


async def test_what_was_claimed_by_a_relay_that_died_goes_out_again_with_the_same_id(
    engine, rabbitmq_url: str, artifacts: ArtifactStore
) -> None:
    _, _, commands = await waiting_commands(engine, 1)
    async with engine.begin() as conn:
        assert len(await outbox.claim(conn, 10)) == 1
    async with Publisher(rabbitmq_url, name="next") as publisher:
        relay = Relay(engine, publisher, artifacts, asyncio.Event())
        assert await relay.step() == 0, "the lease is respected"
        async with engine.begin() as conn:
            await conn.execute(tables.outbox.update().values(due_at=func.now()))

        assert await relay.step() == 1

    assert await received(rabbitmq_url, VOICE, 1) == [str(commands[0].meta.message_id)]
    assert await unsent(engine) == 0


@pytest.mark.parametrize("step", ["claim", "mark", "release"])
async def test_a_relay_waits_for_no_disk_in_its_own_transactions_alone(engine, step: str) -> None:
    await waiting_commands(engine, 1)
    async with engine.begin() as conn:
        [row] = (await conn.execute(select(tables.outbox.c.id))).scalars()

        await getattr(outbox, step)(conn, 1 if step == "claim" else [row])

        assert await waits_for_disk(conn) == "off"
    async with engine.begin() as conn:
        assert await waits_for_disk(conn) == "on"


async def waits_for_disk(conn) -> str:
    return (await conn.execute(text("SHOW synchronous_commit"))).scalar_one()


async def test_a_message_that_no_queue_takes_stays_and_the_others_go(
    engine, rabbitmq_url: str, artifacts: ArtifactStore
) -> None:
    _, _, commands = await waiting_commands(engine, 2)
    async with engine.begin() as conn:
        await conn.execute(
            tables.outbox.update()
            .where(tables.outbox.c.message_id == commands[0].meta.message_id)
            .values(routing_key="nowhere")
        )
    async with Publisher(rabbitmq_url, name="relay") as publisher:
        await Relay(engine, publisher, artifacts, asyncio.Event()).step()

    assert await unsent(engine) == 1
    assert len(await received(rabbitmq_url, VOICE, 1)) == 1


async def test_commands_of_a_closed_run_are_dropped_and_its_tombstone_stands_before_the_broadcast(
    engine, rabbitmq_url: str, artifacts: ArtifactStore
) -> None:
    project, run, _ = await waiting_commands(engine, 2)
    ended = pipeline.closed(project, run, RunState.CANCELLED, now=NOW)
    async with engine.begin() as conn:
        await aggregate.save(
            conn, [Saved(before=project, after=ended.project, run_before=run, run=ended.run)]
        )
        stop = outbox.stop_message(milestone_of(ended.project, ended.run))
        await outbox.append(conn, [Letter(CONTROL, "", stop)])
    async with Publisher(rabbitmq_url, name="relay") as publisher:
        await Relay(engine, publisher, artifacts, asyncio.Event()).step()

        assert (await publisher.depth(VOICE))[0] == 0
    assert await artifacts.is_cancelled(run.id)
    async with engine.connect() as conn:
        dropped = select(func.count()).where(tables.outbox.c.dropped)
        assert (await conn.execute(dropped)).scalar_one() == 2


async def test_an_artifact_store_that_is_away_holds_up_a_tombstone_and_no_other_message(
    engine, rabbitmq_url: str, artifacts: ArtifactStore, tmp_path: Path
) -> None:
    project, run, commands = await waiting_commands(engine, 2)
    ended = pipeline.closed(project, run, RunState.CANCELLED, now=NOW)
    stop = outbox.stop_message(milestone_of(ended.project, ended.run))
    async with engine.begin() as conn:
        await outbox.append(conn, [Letter(CONTROL, "", stop)])
    (tmp_path / "control").write_text("no folder")

    async with Publisher(rabbitmq_url, name="relay") as publisher:
        await Relay(engine, publisher, artifacts, asyncio.Event()).step()

        assert await unsent(engine) == 1
        assert (await publisher.depth(VOICE))[0] == len(commands)


async def test_the_same_message_appended_twice_is_there_once(engine) -> None:
    _, _, commands = await waiting_commands(engine, 1)

    async with engine.begin() as conn:
        await outbox.append(conn, [Letter(COMMANDS, VOICE, commands[0])])

    assert await unsent(engine) == 1


async def _none_left(engine) -> bool:
    return await unsent(engine) == 0
