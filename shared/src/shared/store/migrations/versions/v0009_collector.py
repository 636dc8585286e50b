"""What the collector removed is remembered for a day: an opening that saw it just before is told."""

from typing import Final

from alembic import op

revision = "0009"
down_revision = "0008"

STATEMENTS: Final = (
    "ALTER TABLE unreferenced ADD COLUMN gone_at timestamptz",
    "CREATE INDEX unreferenced_due ON unreferenced (since) WHERE gone_at IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
