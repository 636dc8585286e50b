"""Progress changes no indexed column, and finds room in its row's own page: PostgreSQL writes it in
place (a heap-only tuple), and no index with it.
"""

from typing import Final

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS: Final = (
    "CREATE INDEX tasks_at_work ON tasks (stage, state) WHERE state IN ('dispatched', 'running')",
    *(f"ALTER TABLE {name} SET (fillfactor = 80)" for name in ("video_projects", "runs", "tasks")),
    "DROP INDEX tasks_running",  # last: nobody reads meanwhile
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
