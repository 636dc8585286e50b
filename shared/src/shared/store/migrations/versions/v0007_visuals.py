"""Tasks of the stage that has pictures made."""

from typing import Final

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS: Final = (
    "ALTER TABLE tasks DROP CONSTRAINT stage_known",
    """
    ALTER TABLE tasks ADD CONSTRAINT stage_known
        CHECK (stage IN ('script', 'voice', 'visual', 'clip', 'assembly'))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
