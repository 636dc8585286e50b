"""Readiness that tells the truth: each test is a lie that was believed once."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.hole import holed
from support.proxy import proxied
from support.waiting import eventually
from support.workers import working

from notifier.app import broker_for
from notifier.store import NoticeStore
from projector.intake import Intake
from shared.messaging.consuming import consumes
from shared.messaging.publisher import Publisher
from shared.runtime.health import answers
from shared.runtime.service import supervised
from shared.store.engine import store_engine


async def test_another_workers_consumer_does_not_make_a_deaf_one_ready(
    rabbitmq_url: str, tmp_path: Path
) -> None:
    address = urlsplit(rabbitmq_url)
    async with proxied(address.hostname or "", address.port or 5672) as proxy:
        through = rabbitmq_url.replace(f":{address.port}", f":{proxy.port}")
        deaf = working(through, tmp_path, publishes_to=rabbitmq_url)
        async with working(rabbitmq_url, tmp_path) as good, deaf as lost:
            proxy.open = False
            proxy.cut()

            await eventually(lambda: _says_no(lost))

            assert await good.worker.consuming()
            proxy.open = True
            await eventually(lost.worker.consuming)


async def test_a_connection_that_takes_nothing_does_not_publish(rabbitmq_url: str) -> None:
    async with holed(rabbitmq_url) as (hole, through), Publisher(through, name="t") as publisher:
        assert await publisher.publishes()

        hole.swallowing = True

        assert not await publisher.publishes()
        assert publisher.is_up, "the connection itself looks well"
        hole.swallowing = False


async def test_canaries_do_not_pile_up_in_a_blocked_connection(rabbitmq_url: str) -> None:
    async with holed(rabbitmq_url) as (hole, through), Publisher(through, name="t") as publisher:
        await publisher.publishes()
        hole.swallowing = True

        said = await asyncio.gather(*(publisher.publishes() for _ in range(20)))

        assert set(said) == {False}
        assert sum("_sing" in repr(task.get_coro()) for task in asyncio.all_tasks()) == 1


async def test_a_projector_whose_link_is_lost_is_not_consuming(
    database_url: str, rabbitmq_url: str
) -> None:
    engine = store_engine(database_url, pool=2, application="tests")
    stop = asyncio.Event()
    intake = Intake(rabbitmq_url, engine, applied=lambda _: None, stop=stop)
    loop = asyncio.create_task(supervised("intake", intake.run, stop))
    await eventually(lambda: intake.consuming_s > 0)

    stop.set()

    await eventually(lambda: intake.consuming_s == 0)
    await loop
    await engine.dispose()


async def test_a_notifier_without_its_database_is_not_ready(
    database_url: str, rabbitmq_url: str
) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    engines = [store_engine(url, pool=1, application="t") for url in (database_url, nowhere)]
    checks = {str(n): NoticeStore(engine).reachable for n, engine in enumerate(engines)}

    assert await answers(checks) == {"0": True, "1": False}
    for engine in engines:
        await engine.dispose()


async def test_a_notifier_consumes_between_its_start_and_its_stop(
    database_url: str, rabbitmq_url: str
) -> None:
    engine = store_engine(database_url, pool=1, application="tests")
    broker = broker_for(rabbitmq_url, NoticeStore(engine))
    before = consumes(broker)

    await broker.start()
    within = consumes(broker)
    await broker.stop()

    assert (before, within, consumes(broker)) == (False, True, False)
    await engine.dispose()


@pytest.mark.parametrize("fault", ["raises", "is cancelled", "takes too long", "says no"])
async def test_a_check_that_fails_in_any_way_says_no_and_spoils_no_other(fault: str) -> None:
    async def bad() -> bool:
        if fault == "raises":
            raise ValueError
        if fault == "is cancelled":
            raise asyncio.CancelledError
        if fault == "takes too long":
            await asyncio.Event().wait()
        return False

    assert await answers({"bad": bad, "good": lambda: True}) == {"bad": False, "good": True}


async def _says_no(one: object) -> bool:
    return await answers({"it": one.worker.consuming}) == {"it": False}  # type: ignore[attr-defined]
