"""Uploads say what their user calls them."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("ALTER TABLE uploads ADD COLUMN name text")
