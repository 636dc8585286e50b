"""What happened to a project, when, in which attempt."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import User
from api.errors import RefusedError
from api.following_views import AfterCloseView, HappeningView, Timeline
from shared.messages.base import Language
from shared.progress import failure_text
from shared.store import tables

_E, _P, _T = tables.project_events, tables.projects, tables.tasks

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "project.created": {"zh-CN": "项目已创建", "en": "The project was created"},
    "run.opened": {"zh-CN": "开始", "en": "Started"},
    "task.dispatched": {"zh-CN": "已交给制作进程", "en": "Handed to a worker"},
    "task.done": {"zh-CN": "完成", "en": "Done"},
    "task.failed": {"zh-CN": "失败：", "en": "Failed: "},
    "run.closed": {"zh-CN": "结束", "en": "Ended"},
    "script.edited": {"zh-CN": "脚本已修改", "en": "The script was edited"},
    "project.changed": {"zh-CN": "设置已修改", "en": "The settings were changed"},
    "project.notified": {"zh-CN": "已通知用户", "en": "The user was told"},
    "project.deleted": {"zh-CN": "项目已删除", "en": "The project was deleted"},
    "project.restored": {"zh-CN": "项目已恢复", "en": "The project was restored"},
    "project.completed": {"zh-CN": "项目已完成", "en": "The project was completed"},
}


async def timeline(
    conn: AsyncConnection, user: User, project_id: UUID, *, limit: int, cursor: str | None
) -> Timeline:
    """Oldest first; the cursor is the last line's place in the log."""
    owned = select(_P.c.language).where(
        _P.c.id == project_id, _P.c.user_id == user.id, _P.c.deleted_at.is_(None)
    )
    language = (await conn.execute(owned)).scalar()
    if language is None:
        raise RefusedError("project_not_found")
    shown = [column for column in _E.c if column.name != "state"]
    query = (
        select(*shown, _T.c.stage, _T.c.scene_id, _T.c.position, _T.c.after_close)
        .outerjoin(_T, _T.c.id == _E.c.task_id)
        .where(_E.c.project_id == project_id, _E.c.id > _after(cursor))
        .order_by(_E.c.id)
        .limit(limit + 1)
    )
    rows = (await conn.execute(query)).mappings().all()
    more = len(rows) > limit
    return Timeline(
        items=[_line(row, language) for row in rows[:limit]],
        next_cursor=str(rows[limit - 1]["id"]) if more else None,
    )


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise RefusedError("invalid_cursor")
    return int(cursor)


def _line(row: Any, language: Language) -> HappeningView:
    known = _WORDS.get(row["type"])
    words: str = known[language] if known else row["type"]
    if row["type"] == "task.failed":
        words += failure_text(row["data"].get("code", "internal"), language)
    late = row["after_close"] if row["type"] == "task.dispatched" else None
    return HappeningView(
        at=row["at"],
        type=row["type"],
        message=words,
        run_id=row["run_id"],
        stage=row["stage"],
        scene=row["position"] + 1 if row["scene_id"] is not None else None,
        scene_id=row["scene_id"],
        attempt=row["data"].get("attempt"),
        after_close=AfterCloseView(**late) if late else None,
        data=row["data"],
    )
