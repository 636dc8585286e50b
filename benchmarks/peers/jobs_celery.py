"""Celery: late acks, confirmed publishes, results in PostgreSQL, progress by ``update_state``."""

from celery import Celery, chain
from jobs_common import AMQP, DATABASE, REPORTS, STAGES

app = Celery(
    "jobs_celery", broker=AMQP, backend=DATABASE.replace("postgresql", "db+postgresql+psycopg2", 1)
)
app.conf.update(
    broker_transport_options={"confirm_publish": True},
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    task_default_queue="bench_celery",
    task_default_queue_type="quorum",
    worker_detect_quorum_queues=True,
    database_engine_options={"pool_size": 32, "max_overflow": 10},
)


@app.task(bind=True)
def stage(self, job: str, number: int) -> str:
    for step in range(1, REPORTS + 1):
        done = (number - 1) * REPORTS + step
        meta = {"percent": 100 * done / (STAGES * REPORTS), "message": f"stage {number} {step}"}
        self.update_state(state="PROGRESS", meta=meta)
    return job


def submit(job: str) -> str:
    """The id under which the end is found."""
    return chain(*(stage.si(job, number) for number in range(1, STAGES + 1))).apply_async().id
