"""Live: server-sent events of one project, or of all of the caller's; tickets to open them with."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from api import tickets
from api.auth import Reader
from api.errors import documented
from api.live.looks import unfinished_of
from api.live.streams import stream
from api.routes.deps import EngineDep, HubDep, PaceDep, ReaderDep
from api.status import owned
from api.tickets import Watcher
from api.views import TicketView
from shared.store.engine import autocommit

router = APIRouter(tags=["live"])


def _event(name: str, id_: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    said = {"type": "string", "contentMediaType": "application/json", "contentSchema": data}
    return {
        "type": "object",
        "required": ["event", "id", "data"],
        "properties": {"event": {"const": name}, "id": {"type": "string", **id_}, "data": said},
    }


def _events(description: str, schema: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": description, "content": {"text/event-stream": {"schema": schema}}}}


_STATUS: Final = _event(
    "status",
    {"description": "As the ETag of GET …/status"},
    {"$ref": "#/components/schemas/StatusView"},
)
_DELETED: Final = _event(
    "deleted",
    {"const": "deleted"},
    {
        "type": "object",
        "required": ["projectId"],
        "properties": {"projectId": {"type": "string", "format": "uuid"}},
    },
)
_OF_ONE: Final = _events("Events `status`; data as GET …/status answers it", _STATUS)
_OF_ALL: Final = _events(
    "Events `status`; data as GET …/status answers it. `deleted`; data has `projectId` alone, and "
    "what is restored comes as `status` again",
    {"oneOf": [_STATUS, _DELETED]},
)


@router.post("/events/tickets", status_code=201, responses=documented("scope_missing"))
async def issue_ticket(user: Reader, engine: EngineDep) -> TicketView:
    """A ticket for `?ticket=` of an event stream, which EventSource needs: it can send no header.
    Good once, for a minute; each call makes another one, whatever its Idempotency-Key.
    """
    async with engine.begin() as conn:
        return await tickets.issue(conn, user)


@router.get(
    "/events",
    response_class=Response,
    responses={**_OF_ALL, **documented("ticket_invalid", "too_many_streams")},
)
async def follow_all(
    user: Watcher, engine: EngineDep, hub: HubDep, reader: ReaderDep, pace: PaceDep
) -> Response:
    """The caller's unfinished projects as they are, then every change of any of the caller's, a
    deletion too.
    """
    subscription = hub.subscribe(user.id, None)
    try:
        async with autocommit(engine) as conn:
            ids = await unfinished_of(conn, user.id)
            told = await reader.read(conn, ids)
        hub.look_at(ids)
    except BaseException:
        hub.unsubscribe(subscription)
        raise
    return stream(hub, subscription, user, [told[one] for one in ids if one in told], pace)


@router.get(
    "/projects/{project_id}/events",
    response_class=Response,
    responses={
        **_OF_ONE,
        **documented("project_not_found", "ticket_invalid", "too_many_streams"),
    },
)
async def follow(  # noqa: PLR0913, PLR0917  (the parts of the request)
    project_id: UUID,
    user: Watcher,
    engine: EngineDep,
    hub: HubDep,
    reader: ReaderDep,
    pace: PaceDep,
) -> Response:
    """The project's status as it is, then at each change; ends when the project is deleted."""
    subscription = hub.subscribe(user.id, project_id)
    try:
        async with autocommit(engine) as conn:
            told = owned((await reader.read(conn, [project_id])).get(project_id), user)
    except BaseException:
        hub.unsubscribe(subscription)
        raise
    return stream(hub, subscription, user, [told], pace)
