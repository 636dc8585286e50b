"""Procrastinate: queue and progress in PostgreSQL; no broker."""

import asyncio
import sys

import procrastinate
from jobs_common import AT_ONCE, DATABASE, GAP_S, REPORTS, STAGES, UPDATE, report
from psycopg_pool import AsyncConnectionPool

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=DATABASE, min_size=4, max_size=12)
)
pools: list[AsyncConnectionPool] = []


@app.task(name="stage", queue="q")
async def stage(job: str, number: int) -> None:
    for step in range(1, REPORTS + 1):
        async with pools[0].connection() as connection:
            await connection.execute(UPDATE, report(job, number, step))
        if GAP_S:
            await asyncio.sleep(GAP_S)
    if number < STAGES:
        await stage.defer_async(job=job, number=number + 1)


async def submit(job: str) -> str:
    await stage.defer_async(job=job, number=1)
    return job


async def main() -> None:
    pool = AsyncConnectionPool(
        DATABASE, min_size=10, max_size=10, kwargs={"autocommit": True}, open=False
    )
    await pool.open()
    pools.append(pool)
    async with app.open_async():
        await app.run_worker_async(queues=["q"], concurrency=AT_ONCE, listen_notify=True)


if __name__ == "__main__":
    sys.modules["jobs_procrastinate"] = sys.modules["__main__"]
    asyncio.run(main())
