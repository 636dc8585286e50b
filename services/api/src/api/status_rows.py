"""The rows that a status is told from. Straight from the driver: every poll and every open page
pays for them, and statements that are built anew would cost more than their rows.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.messages.base import Stage
from shared.state import TaskState
from shared.store.engine import driver_of

# Only what the answer needs: an article of 20,000 characters stays where it is.
_PROJECTS: Final = """
    SELECT p.id, p.user_id, p.version, p.status, p.language, p.progress, p.progress_message,
        p.completed_at, p.notified, p.script_version, p.current_run_id, p.error, p.video_version,
        jsonb_path_query_array(p.script, '$.scenes[*].id') AS scene_ids,
        jsonb_path_query_array(p.script, '$.scenes[*].heading') AS headings,
        p.video IS NOT NULL AS video_ready,
        r.kind AS run_kind, r.state AS run_state, r.engines, r.opened_at, now() AS now
    FROM video_projects p LEFT JOIN runs r ON r.id = p.current_run_id
    WHERE p.id = ANY($1) AND p.deleted_at IS NULL
"""
_STATES: Final = {state.value: state for state in TaskState}

Row = Mapping[str, Any]


class TaskRow(NamedTuple):
    """A task as far as a status tells of it; ``work_ms``: how long it was worked on."""

    state: TaskState
    stage: Stage
    scene_id: UUID | None
    position: int
    attempt: int
    percent: float
    weight: float
    reused: bool
    last_seen_at: datetime | None
    work_ms: int


_WORK_MS: Final = "coalesce((manifest ->> 'work_ms')::int, 0)"
_TASKS: Final = f"""
    SELECT run_id, {", ".join(TaskRow._fields).replace("work_ms", _WORK_MS)}
    FROM tasks WHERE run_id = ANY($1) ORDER BY position
"""  # noqa: S608  (columns in the order of the fields)


async def rows_of(
    conn: AsyncConnection, ids: Collection[UUID]
) -> tuple[Sequence[Row], dict[UUID, list[TaskRow]]]:
    """The projects that exist and are not deleted, and the tasks of their current runs."""
    driver = await driver_of(conn)
    rows = await driver.fetch(_PROJECTS, list(ids))
    run_ids = [row["current_run_id"] for row in rows if row["current_run_id"]]
    by_run: dict[UUID, list[TaskRow]] = {run_id: [] for run_id in run_ids}
    for row in await driver.fetch(_TASKS, run_ids) if run_ids else ():
        run_id, state, *rest = row
        by_run[run_id].append(TaskRow(_STATES[state], *rest))
    return rows, by_run


def scenes_of(row: Row) -> list[tuple[UUID, str]] | None:
    """(id, heading) of each scene; None where there is no script."""
    if row["scene_ids"] is None:
        return None
    return list(zip(map(UUID, row["scene_ids"]), row["headings"], strict=True))
