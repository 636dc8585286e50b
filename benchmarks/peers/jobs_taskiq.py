"""Taskiq: aio-pika, results and progress in PostgreSQL by its own backend."""

import asyncio

from jobs_common import AMQP, AT_ONCE, DATABASE, GAP_S, REPORTS, STAGES
from taskiq import TaskiqDepends
from taskiq.depends.progress_tracker import ProgressTracker
from taskiq_aio_pika import AioPikaBroker
from taskiq_pg.asyncpg import AsyncpgResultBackend

broker = AioPikaBroker(AMQP, qos=AT_ONCE, queue_name="bench_taskiq").with_result_backend(
    AsyncpgResultBackend(DATABASE, min_size=10, max_size=10)
)


@broker.task(task_name="stage")
async def stage(job: str, number: int, tracker: ProgressTracker = TaskiqDepends()) -> str:  # noqa: B008
    for step in range(1, REPORTS + 1):
        done = (number - 1) * REPORTS + step
        meta = {"percent": 100 * done / (STAGES * REPORTS), "message": f"stage {number} {step}"}
        await tracker.set_progress("PROGRESS", meta)
        if GAP_S:
            await asyncio.sleep(GAP_S)
    if number < STAGES:
        await stage.kicker().with_task_id(f"{job}-{number + 1}").kiq(job, number + 1)
    return job


async def submit(job: str) -> str:
    await stage.kicker().with_task_id(f"{job}-1").kiq(job, 1)
    return f"{job}-{STAGES}"
