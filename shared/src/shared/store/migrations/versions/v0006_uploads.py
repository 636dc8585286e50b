"""Users' own pictures and music."""

from typing import Final

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS: Final = (
    """
    CREATE TABLE uploads (
        id uuid PRIMARY KEY,
        user_id text NOT NULL,
        kind varchar(16) NOT NULL CONSTRAINT upload_kind_known CHECK (kind IN ('picture', 'music')),
        blob jsonb NOT NULL,
        width integer,
        height integer,
        seconds double precision,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX uploads_of_user ON uploads (user_id, created_at DESC, id DESC)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
