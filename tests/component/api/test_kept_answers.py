"""What is kept under an Idempotency-Key when a decision refuses after it has begun to write."""

import asyncio
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from support.driving import Driver
from support.waiting import eventually

from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer, Asked, Once
from shared.store import tables


async def test_a_refusal_undoes_what_its_decision_did_and_is_kept(driver: Driver) -> None:
    asked = Asked(user=User(id="ann"), key="k", request="r", language="en")
    once = Once(driver.engine, lambda: None, asked)
    row = {"user_id": "ann", "key": "written", "request": "r", "status": 200, "body": {}}

    async def decide(conn: AsyncConnection) -> Answer:
        await conn.execute(tables.idempotency_keys.insert().values(**row))
        raise RefusedError("script_missing")

    said = [await once.answer(decide) for _ in range(2)]

    assert [one.status_code for one in said] == [409, 409]
    assert "idempotency-replayed" in said[1].headers
    async with driver.engine.connect() as conn:
        kept = (await conn.execute(select(tables.idempotency_keys.c.key))).scalars().all()
    assert kept == ["k"]


async def test_what_another_request_with_the_key_was_answered_stands_before_a_refusal(
    driver: Driver,
) -> None:
    asked = Asked(user=User(id="ann"), key="k", request="r", language="en")
    once = Once(driver.engine, lambda: None, asked)
    others: list[asyncio.Task[Any]] = []

    async def accepted(_: AsyncConnection) -> Answer:
        return Answer(body={"runId": "1"})

    async def refused_late(_: AsyncConnection) -> Answer:
        others.append(asyncio.create_task(once.answer(accepted)))
        await eventually(lambda: waits_for_a_lock(driver.engine))
        raise RefusedError("script_missing")

    first = await once.answer(refused_late)
    second = await others[0]

    assert (first.status_code, first.body) == (second.status_code, second.body)
    assert second.status_code == 202


async def waits_for_a_lock(engine: AsyncEngine) -> bool:
    waiting = text("""
        SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
    """)
    async with engine.connect() as conn:
        return bool((await conn.execute(waiting)).scalar())
