"""``/projects``: create, list, read, change, delete; what is unfinished; what can be chosen."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api import choices, projects, removal
from api.auth import Caller
from api.errors import documented
from api.idempotency import OnceDep
from api.requests import Changed, Dismissed, NewProject, Nothing
from api.routes.deps import CommittedDep, EngineDep, TermsDep
from api.views import (
    CountView,
    DeletedView,
    OptionsView,
    ProjectPage,
    ProjectView,
    StateView,
    UnfinishedView,
)
from shared.state import ProjectStatus
from shared.store.engine import autocommit

router = APIRouter(tags=["projects"])
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=200, json_schema_extra={"format": "cursor"})]


@router.post(
    "/projects",
    status_code=201,
    response_model=ProjectView,
    responses=documented(
        "one_source",
        "article_too_long",
        "unknown_choice",
        "provider_key_refused",
        "too_many_runs",
        "idempotency_mismatch",
        "idempotency_busy",
        "body_too_large",
    ),
)
async def create_project(
    body: NewProject, user: Caller, once: OnceDep, terms: TermsDep
) -> Response:
    """Creates a project; nothing is generated until it is asked for, or at once with
    ``autoProduce``: then it goes through to the video without waiting at the script.
    """
    look = partial(terms.keys.look, "script", "voice") if body.auto_produce else None
    return await once.answer(lambda conn: projects.create(conn, user, body, terms), look=look)


@router.get("/projects", responses=documented("invalid_cursor"))
async def list_projects(
    user: Caller,
    engine: EngineDep,
    limit: Limit = 20,
    cursor: Cursor = None,
    status: ProjectStatus | None = None,
) -> ProjectPage:
    """The caller's projects, newest touched first."""
    return await projects.page(engine, user, limit=limit, cursor=cursor, status=status)


@router.get("/unfinished")
async def list_unfinished(user: Caller, engine: EngineDep) -> list[UnfinishedView]:
    """At most ten projects that the caller may want to go on with, newest touched first."""
    return await projects.unfinished(engine, user)


@router.get("/projects/{project_id}", responses=documented("project_not_found"))
async def read_project(project_id: UUID, user: Caller, engine: EngineDep) -> ProjectView:
    async with autocommit(engine) as conn:
        return await projects.read(conn, user, project_id)


@router.patch(
    "/projects/{project_id}",
    responses=documented("project_not_found", "unknown_choice", "run_active"),
)
async def change_project(  # noqa: PLR0913, PLR0917  (the parts of the request)
    project_id: UUID,
    body: Changed,
    user: Caller,
    engine: EngineDep,
    terms: TermsDep,
    committed: CommittedDep,
) -> ProjectView:
    """Title and options; while a run is active only the title."""
    async with engine.begin() as conn:
        view = await projects.change(conn, user, project_id, body, terms)
    committed(user, project_id)
    return view


@router.delete(
    "/projects/{project_id}",
    response_model=DeletedView,
    responses=documented("project_not_found"),
)
async def delete_project(project_id: UUID, user: Caller, once: OnceDep) -> Response:
    """Out of sight at once, its run cancelled; kept for seven days."""
    return await once.answer(lambda conn: removal.delete(conn, user, project_id))


@router.post(
    "/projects/{project_id}/restore",
    response_model=StateView,
    responses=documented("project_not_found", "idempotency_mismatch", "idempotency_busy"),
)
async def restore_project(
    project_id: UUID, user: Caller, once: OnceDep, _: Nothing | None = None
) -> Response:
    """Brings back what was deleted within seven days."""
    return await once.answer(lambda conn: removal.restore(conn, user, project_id))


@router.get("/options")
async def read_options(_: Caller, terms: TermsDep) -> OptionsView:
    """What a form can offer, and its limits."""
    return choices.options(terms.engines)


@router.post(
    "/unfinished/dismiss",
    response_model=CountView,
    responses=documented("idempotency_mismatch", "idempotency_busy"),
)
async def dismiss(user: Caller, once: OnceDep, body: Dismissed | None = None) -> Response:
    """The question about these projects is answered, on all devices; something new brings them
    back.
    """
    ids = body.project_ids if body is not None else None
    return await once.answer(lambda conn: projects.dismiss(conn, user, ids))
