"""What users asked for by the way: previews and samples."""

from typing import Final

from alembic import op

revision = "0008"
down_revision = "0006"

STATEMENTS: Final = (
    """
    CREATE TABLE asides (
        user_id text NOT NULL,
        key text NOT NULL,
        project_id uuid,
        asked_at timestamptz NOT NULL DEFAULT now(),
        manifest jsonb,
        error jsonb,
        PRIMARY KEY (user_id, key)
    )
    """,
    "CREATE INDEX asides_by_age ON asides (asked_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
