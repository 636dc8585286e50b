"""Dramatiq: confirmed publishes, progress by plain SQL on a connection a thread."""

import threading
import time

import dramatiq
import psycopg2
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from jobs_common import AMQP, DATABASE, GAP_S, REPORTS, STAGES, UPDATE, report


class DurableBroker(RabbitmqBroker):
    """With quorum queues, as the others have: its own are classic."""

    def _build_queue_arguments(self, queue_name: str) -> dict[str, object]:
        return {**super()._build_queue_arguments(queue_name), "x-queue-type": "quorum"}


dramatiq.set_broker(DurableBroker(url=AMQP, confirm_delivery=True))
local = threading.local()


@dramatiq.actor(queue_name="bench_dramatiq_quorum", max_retries=3)
def stage(job: str, number: int) -> None:
    connection = getattr(local, "connection", None)
    if connection is None:
        connection = local.connection = psycopg2.connect(DATABASE)
        connection.autocommit = True
    with connection.cursor() as cursor:
        for step in range(1, REPORTS + 1):
            cursor.execute(UPDATE, report(job, number, step))
            if GAP_S:
                time.sleep(GAP_S)
    if number < STAGES:
        stage.send(job, number + 1)


def submit(job: str) -> str:
    stage.send(job, 1)
    return job
