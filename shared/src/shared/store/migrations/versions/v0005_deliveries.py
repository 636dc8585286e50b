"""Hand-overs of finished videos that the notifier owes, and what came of them."""

from typing import Final

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS: Final = (
    """
    CREATE TABLE notifier.deliveries (
        id uuid PRIMARY KEY,
        project_id uuid NOT NULL,
        run_id uuid NOT NULL,
        milestone jsonb NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        next_at timestamptz NOT NULL DEFAULT now(),
        outcome varchar(16) CONSTRAINT outcome_known
            CHECK (outcome IN ('delivered', 'refused', 'gone', 'given_up')),
        detail text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        settled_at timestamptz,
        CONSTRAINT settled_with_outcome CHECK ((outcome IS NULL) = (settled_at IS NULL))
    )
    """,
    "CREATE INDEX deliveries_due ON notifier.deliveries (next_at) WHERE outcome IS NULL",
    "CREATE INDEX deliveries_project ON notifier.deliveries (project_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
