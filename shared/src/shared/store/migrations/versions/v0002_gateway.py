"""What a gateway and a page need: answers remembered, tickets, estimates by engine, paid retries."""

from typing import Final

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS: Final = (
    "ALTER TABLE video_projects ADD COLUMN dismissed_at timestamptz",
    "ALTER TABLE runs ADD COLUMN authorisation integer NOT NULL DEFAULT 0",
    "CREATE INDEX runs_active_user ON runs (user_id) WHERE state = 'active'",
    "ALTER TABLE stage_timings ADD COLUMN engine text NOT NULL DEFAULT ''",
    "CREATE INDEX stage_timings_newest ON stage_timings (stage, engine, id DESC)",
    "CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at)",
    """
    CREATE TABLE tickets (
        digest varchar(64) PRIMARY KEY,
        user_id text NOT NULL,
        scopes text NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
