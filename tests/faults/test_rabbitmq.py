"""RabbitMQ restarted, away, full, unreachable, and forgetful, while customers order."""

import asyncio

import aio_pika
import httpx
import pytest
from support.faults.customer import Customer
from support.faults.trial import Trial, trial
from support.faults.wire import put
from support.faults.world import SERVICES, World
from support.waiting import eventually

from shared.messaging.topology import DEAD, command_queue

pytestmark = [pytest.mark.timeout(400), pytest.mark.asyncio(loop_scope="session")]

ALARMS = {
    "memory": (
        ("set_vm_memory_high_watermark", "0.00001"),
        ("set_vm_memory_high_watermark", "0.4"),
    ),
    "disk": (("set_disk_free_limit", "999999999999999"), ("set_disk_free_limit", "50000000")),
}
AWAY_S = 60
QUICK = {("projector", "reset")}
LINKS = [
    pytest.param(service, how, marks=() if (service, how) in QUICK else pytest.mark.long)
    for service in SERVICES
    for how in ("reset", "black hole", "nothing comes back", "nothing gets out")
]


@pytest.mark.parametrize("how", [pytest.param("stopped", marks=pytest.mark.long), "killed"])
async def test_restarted_under_everybodys_feet(world: World, how: str) -> None:
    async with trial(world, f"RabbitMQ {how} and started", customers=4) as this:
        await eventually(lambda: _working(this), within=60)
        await (world.rabbitmq.kill() if how == "killed" else world.rabbitmq.stop())
        await world.rabbitmq.start()
        this.over()


@pytest.mark.long
async def test_away_while_customers_order(world: World) -> None:
    async with trial(world, f"RabbitMQ away for {AWAY_S} s", customers=0) as this:
        this.customers = world.customers(6)
        await world.rabbitmq.stop()
        async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
            await asyncio.gather(*(one.order(http) for one in this.customers))
            await world.last(AWAY_S)
            await world.rabbitmq.start()
            this.over()
            await asyncio.gather(*(one.follow(http) for one in this.customers))


@pytest.mark.parametrize("what", ["memory", pytest.param("disk", marks=pytest.mark.long)])
async def test_an_alarm_holds_messages_back_and_no_customer_up(world: World, what: str) -> None:
    raise_it, clear_it = ALARMS[what]
    async with trial(world, f"{what} alarm", customers=2) as this:
        await eventually(lambda: _working(this), within=60)
        await world.ctl(*raise_it)
        try:
            late = Customer(urls=world.urls)
            this.customers.append(late)
            async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
                await late.order(http)
                await world.last(6)
                await world.ctl(*clear_it)
                this.over()
                await late.follow(http)
        finally:
            await world.ctl(*clear_it)


@pytest.mark.parametrize(("service", "how"), LINKS)
async def test_a_service_cut_off_from_it(world: World, service: str, how: str) -> None:
    link = world.link(service, "rabbitmq")
    async with trial(world, f"{service} ↔ RabbitMQ: {how}", customers=3) as this:
        await eventually(lambda: _working(this), within=60)
        if how == "reset":
            assert link.cut() > 0
        else:
            for gate in {"nothing comes back": "down", "nothing gets out": "up"}.get(
                how, "up down"
            ).split():
                getattr(link, gate).clear()
            await world.last(20)
            link.heal()
        this.over()


@pytest.mark.long
@pytest.mark.parametrize("queue", ["media-worker.clip", "projector.facts", "notifier.milestones"])
async def test_a_queue_deleted_by_hand(world: World, queue: str) -> None:
    async with trial(world, f"queue {queue} deleted", customers=4) as this:
        await eventually(lambda: _working(this), within=60)
        connection = await aio_pika.connect(world.rabbitmq.url)
        async with connection:
            await (await connection.channel()).queue_delete(queue)
        this.over()


async def test_a_dead_queue_deleted_by_hand(world: World) -> None:
    """Nobody is deaf afterwards: what is buried next is seen, and its task does not wait for it.
    (What is buried before the new queue is bound is tried again by RabbitMQ, three minutes later.)
    """
    queue = command_queue("voice")
    async with trial(world, f"queue {queue}.dead deleted", customers=1) as this:
        connection = await aio_pika.connect(world.rabbitmq.url)
        async with connection:
            await (await connection.channel()).queue_delete(f"{queue}.dead")
        await eventually(lambda: _exists(world, f"{queue}.dead"), within=10)
        await eventually(lambda: _bound(world, f"{queue}.dead"))
        await put(world.rabbitmq.url, queue, b"no JSON")
        this.buried = 1
        this.over()


@pytest.mark.long
async def test_a_consumer_timed_out_in_the_middle_of_its_work(world: World) -> None:
    """The broker closes the channel of who is slow; the job lives on, and is done once."""
    await world.ctl("eval", _timeouts(4_000, 1_000))
    try:
        await world.moods(chat=["hang"])
        async with trial(world, "consumer time-out", customers=1) as this:
            await eventually(lambda: _asked(world, this.customers[0]), within=30)
            await world.last(12)
            await world.moods()
            this.over()
    finally:
        await world.ctl("eval", _timeouts(7_200_000, 60_000))


def _timeouts(consumer_ms: int, tick_ms: int) -> str:
    return (
        f"application:set_env(rabbit, consumer_timeout, {consumer_ms}), "
        f"application:set_env(rabbit, channel_tick_interval, {tick_ms})."
    )


async def _exists(world: World, queue: str) -> bool:
    connection = await aio_pika.connect(world.rabbitmq.url)
    async with connection:
        channel = await connection.channel()
        try:
            await channel.declare_queue(queue, passive=True)
        except aio_pika.exceptions.ChannelNotFoundEntity:
            return False
        return True


async def _bound(world: World, dead: str) -> bool:
    said = await world.ctl("list_bindings", "source_name", "destination_name")
    return f"{DEAD}\t{dead}" in said.splitlines()


def _asked(world: World, customer: Customer) -> bool:
    return any(call["about"] == customer.name for call in world.calls())


def _working(this: Trial) -> bool:
    """Everybody's order is in, and the first one's video is being made."""
    return all(one.seen for one in this.customers) and any(
        status["status"] in {"GENERATING_AUDIO", "GENERATING_VIDEO"}
        for one in this.customers
        for status in one.seen
    )
