"""``/projects``: create, list, read, rename; what is unfinished."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api import projects
from api.auth import Caller
from api.errors import documented
from api.idempotency import OnceDep
from api.requests import NewProject, Renamed
from api.routes.deps import EngineDep
from api.views import ProjectPage, ProjectView, UnfinishedView
from shared.state import ProjectStatus

router = APIRouter(tags=["projects"])
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.post(
    "/projects",
    status_code=201,
    response_model=ProjectView,
    responses=documented(
        "one_source", "article_too_long", "idempotency_mismatch", "body_too_large"
    ),
)
async def create_project(body: NewProject, user: Caller, once: OnceDep) -> Response:
    """Creates a project; nothing is generated until it is asked for."""
    return await once.answer(lambda conn: projects.create(conn, user, body))


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
    async with engine.connect() as conn:
        return await projects.read(conn, user, project_id)


@router.patch("/projects/{project_id}", responses=documented("project_not_found"))
async def rename_project(
    project_id: UUID, body: Renamed, user: Caller, engine: EngineDep
) -> ProjectView:
    async with engine.begin() as conn:
        return await projects.rename(conn, user, project_id, body.title)
