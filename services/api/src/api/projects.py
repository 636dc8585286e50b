"""Projects created, read, listed, changed; their script edited."""

import base64
import binascii
import re
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from api import choices, opening, ownership
from api.auth import User
from api.errors import RefusedError
from api.idempotency import Answer
from api.opening import Terms
from api.requests import Changed, EditedScript, NewProject
from api.runs import held_project
from api.views import (
    CountView,
    EditedView,
    ProjectPage,
    ProjectView,
    ScriptView,
    SourceView,
    SummaryView,
    UnfinishedView,
    summary_values,
)
from shared.lifecycle import GENERATING, Change, moved
from shared.messages.base import Language
from shared.messages.commands import Article, Outline, Source, Topic
from shared.messages.facts import Note
from shared.messages.script import Scene, Script
from shared.state import Options, Project, ProjectStatus
from shared.store import aggregate, history, tables
from shared.store.aggregate import Saved
from shared.store.engine import autocommit
from shared.store.rows import options_values
from shared.values import replace

_P, _R = tables.projects, tables.runs
_UNFINISHED = 10


def _rows(user: User) -> Select[Any]:
    """The caller's projects with what the views derive."""
    return (
        select(
            _P,
            _P.c.script.is_not(None).label("script_ready"),
            _R.c.kind.label("run_kind"),
        )
        .outerjoin(_R, _R.c.id == _P.c.current_run_id)
        .where(_P.c.user_id == user.id, _P.c.deleted_at.is_(None))
    )


async def create(conn: AsyncConnection, user: User, body: NewProject, terms: Terms) -> Answer:
    """A new draft; nothing is generated until it is asked for, unless ``auto_produce`` asks now."""
    music = await ownership.music_of(conn, user, body.music)
    body = body.model_copy(update={"music": music})
    project = _new(user, body)
    choices.check(body.model_dump(), project.language, terms.engines)
    await conn.execute(
        _P.insert().values(
            id=project.id,
            user_id=user.id,
            title=project.title,
            language=project.language,
            source=project.source.model_dump(mode="json"),
            options=options_values(project.options),
        )
    )
    await aggregate.log(conn, [history.created(project)])
    if body.auto_produce:
        await opening.open_script(conn, user, project.id, terms, again=False)
    return Answer(status=201, body=(await read(conn, user, project.id)).wire())


async def read(conn: AsyncConnection, user: User, project_id: UUID) -> ProjectView:
    row = (await conn.execute(_rows(user).where(_P.c.id == project_id))).mappings().one_or_none()
    if row is None:
        raise RefusedError("project_not_found")
    options = asdict(Options(**row["options"]))
    script = Script.model_validate(row["script"]) if row["script"] else None
    stale = row["video"] is not None and row["video_version"] != row["script_version"]
    return ProjectView.model_validate(
        {
            **summary_values(row),
            **options,
            "voice": options["speaker"],
            "source": SourceView(**row["source"]),
            "script": ScriptView.of(script) if script else None,
            "video_ready": row["video"] is not None,
            "video_stale": stale,
            "run_id": row["current_run_id"],
        }
    )


async def page(
    engine: AsyncEngine,
    user: User,
    *,
    limit: int,
    cursor: str | None,
    status: ProjectStatus | None,
) -> ProjectPage:
    """Newest touched first; a cursor goes on behind the last project of a page."""
    query = _rows(user).order_by(_P.c.touched_at.desc(), _P.c.id.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(_P.c.status == status.value)
    if cursor is not None:
        query = query.where(tuple_(_P.c.touched_at, _P.c.id) < tuple_(*from_cursor(cursor)))
    async with autocommit(engine) as conn:
        rows = (await conn.execute(query)).mappings().all()
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return ProjectPage(
        items=[SummaryView(**summary_values(row)) for row in rows[:limit]],
        next_cursor=to_cursor(last["touched_at"], last["id"]) if last is not None else None,
    )


async def unfinished(engine: AsyncEngine, user: User) -> list[UnfinishedView]:
    """What the caller may want to go on with, at most ten, newest touched first. What was dismissed
    comes back when something new happens to it.
    """
    open_states = [*GENERATING, ProjectStatus.FAILED, ProjectStatus.EDITING]
    wanted = _P.c.status.in_([status.value for status in open_states]) | (
        (_P.c.status == ProjectStatus.DRAFT.value) & _P.c.script.is_not(None)
    )
    query = _rows(user).where(_P.c.status != ProjectStatus.COMPLETED.value, wanted)
    query = query.where(_undismissed())
    query = query.order_by(_P.c.touched_at.desc(), _P.c.id.desc()).limit(_UNFINISHED)
    async with autocommit(engine) as conn:
        rows = (await conn.execute(query)).mappings().all()
    return [UnfinishedView(**summary_values(row)) for row in rows]


async def dismiss(conn: AsyncConnection, user: User, ids: list[UUID] | None) -> Answer:
    """The user has answered the question about these (or all) projects, on every device."""
    open_ones = (_P.c.user_id == user.id, _P.c.deleted_at.is_(None), _undismissed())
    mine = select(_P.c.id).where(*open_ones, _P.c.status != ProjectStatus.COMPLETED.value)
    if ids is not None:
        mine = mine.where(_P.c.id.in_(ids))
    locked = await aggregate.lock(conn, (await conn.execute(mine)).scalars())
    done = _P.update().where(_P.c.id.in_(locked)).values(dismissed_at=func.now())
    return Answer(status=200, body=CountView(count=(await conn.execute(done)).rowcount).wire())


def _undismissed() -> ColumnElement[bool]:
    return _P.c.dismissed_at.is_(None) | (_P.c.dismissed_at < _P.c.touched_at)


async def change(
    conn: AsyncConnection, user: User, project_id: UUID, body: Changed, terms: Terms
) -> ProjectView:
    """Title and options. New options are a new version of what is produced, so a script that a
    video was made from has a higher version afterwards; while a run is active they stay.
    """
    chosen = body.model_dump(exclude_none=True)
    held = await held_project(conn, user, project_id)
    if music := chosen.get("music"):
        present = held.project.options.music
        chosen["music"] = await ownership.music_of(conn, user, music, present=present)
    choices.check(chosen, held.project.language, terms.engines)
    title = chosen.pop("title", held.project.title)
    if "voice" in chosen:
        chosen["speaker"] = chosen.pop("voice")
    options = replace(held.project.options, **chosen)
    after = replace(held.project, title=title)
    if options != held.project.options:
        if held.project.status in GENERATING:
            raise RefusedError("run_active")
        after = _with_options(after, options)
        await conn.execute(
            _P.update().where(_P.c.id == project_id).values(options=options_values(options))
        )
    await aggregate.save(conn, [Saved(before=held.project, after=after, touched=True)])
    await aggregate.log(conn, [history.changed(after)])
    return await read(conn, user, project_id)


def _with_options(project: Project, options: Options) -> Project:
    version = project.script_version + 1 if project.script_ready else project.script_version
    project = replace(project, options=options, script_version=version)
    if project.status is not ProjectStatus.COMPLETED:
        return project
    return replace(project, status=moved(project.status, _reopening(project)))


def _reopening(project: Project) -> Change:
    """A video of an older table is none that could be edited."""
    return Change.REVERT_TO_EDITING if project.video else Change.REVERT_TO_DRAFT


async def edit_script(
    conn: AsyncConnection, user: User, project_id: UUID, body: EditedScript, version: int
) -> EditedView:
    """The user's script in place of ``version``; a finished video stays, and counts as stale."""
    held = await held_project(conn, user, project_id)
    project = held.project
    if project.status in GENERATING:
        raise RefusedError("run_active")
    if project.script_version != version:
        current = project.script_version
        raise RefusedError(
            "version_conflict", f"it is version {current} now", scriptVersion=current
        )
    cards = await ownership.cards_of(conn, user, body.scenes, project.script)
    choices.check_items(cards, project.script)
    script = Script(
        title=body.title,
        scenes=tuple(
            Scene(
                id=scene.id or uuid5(project.id, f"{version + 1}/{number}"),
                narration=scene.narration,
                heading=scene.heading,
                card=card,
            )
            for number, (scene, card) in enumerate(zip(body.scenes, cards, strict=True))
        ),
    )
    after = replace(
        project,
        script=script,
        script_version=version + 1,
        status=moved(project.status, _reopening(project)),
        message=Note(code="script_edited"),
        error=None,
    )
    change = Saved(before=project, after=after, touched=True)
    await aggregate.save(conn, [change])
    await aggregate.log(conn, [history.edited(after)])
    return EditedView(
        project_id=project.id,
        status=after.status,
        script_version=after.script_version,
        script=ScriptView.of(script),
    )


def to_cursor(at: datetime, row_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode()


def from_cursor(cursor: str) -> tuple[datetime, UUID]:
    """Raises RefusedError for one that no list gave out."""
    try:
        at, row_id = (
            base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode().split("|")
        )
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise RefusedError("invalid_cursor")
        return moment.astimezone(UTC), UUID(row_id)
    except (ValueError, OverflowError, binascii.Error):
        raise RefusedError("invalid_cursor") from None


async def database_answers(engine: AsyncEngine) -> bool:
    async with autocommit(engine) as conn:
        return (await conn.execute(select(func.now()))).scalar() is not None


def _new(user: User, body: NewProject) -> Project:
    source = _source(body)
    chosen = body.model_dump(include={field.name for field in fields(Options)})
    return Project(
        id=uuid4(),
        user_id=user.id,
        title=body.title or _title(source.text),
        language=body.language or _language(source.text),
        source=source,
        options=Options(**chosen, speaker=body.voice),
    )


def _source(body: NewProject) -> Source:
    if body.article is not None:
        return Article(text=body.article)
    if body.outline is not None:
        return Outline(text=body.outline)
    return Topic(text=body.topic or "")


def _title(text: str) -> str:
    """The first heading or line, short enough for a list."""
    first = next((line.strip(" #\t") for line in text.splitlines() if line.strip(" #\t")), text)
    clause = re.split(r"(?<=[。！？!?])|(?<=\.)\s", first)[0].rstrip("。.") or first
    return clause if len(clause) <= 40 else f"{clause[:39]}…"


def _language(text: str) -> Language:
    return "zh-CN" if re.search(r"[\u3400-\u9fff]", text) else "en"
