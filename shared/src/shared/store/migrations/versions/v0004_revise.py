"""A script run remembers which scene it does again, so that a retry can ask for the same."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE runs ADD COLUMN revise jsonb")
