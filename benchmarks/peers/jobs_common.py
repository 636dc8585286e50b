"""What all peers do: a job of three stages, ten reports each, all written to PostgreSQL."""

import os

STAGES, REPORTS = 3, 10
GAP_S = float(os.environ.get("GAP_S", "0"))  # after each report
AT_ONCE = int(os.environ.get("AT_ONCE", "32"))
AMQP, DATABASE = os.environ["RABBITMQ_URL"], os.environ["DATABASE_URL"]
TABLE = """
    CREATE TABLE IF NOT EXISTS jobs (
        id text PRIMARY KEY, percent real NOT NULL DEFAULT 0, message text, stage text,
        status text NOT NULL DEFAULT 'queued', seq int NOT NULL DEFAULT 0,
        updated_at timestamptz NOT NULL DEFAULT now())
"""
UPDATE = """
    UPDATE jobs SET percent = %s, message = %s, stage = %s, status = %s, seq = %s,
        updated_at = now()
    WHERE id = %s AND seq < %s
"""


def report(job: str, stage: int, number: int) -> tuple[object, ...]:
    """The parameters of ``UPDATE`` for one report; the last one says that the job is done."""
    seq = (stage - 1) * REPORTS + number
    last = seq == STAGES * REPORTS
    percent = 100 * seq / (STAGES * REPORTS)
    status = "completed" if last else "processing"
    return percent, f"stage {stage} step {number}", f"s{stage}", status, seq, job, seq
