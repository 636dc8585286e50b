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

router = APIRouter(tags=["live"])
_EVENT: Final = {
    "type": "object",
    "required": ["event", "id", "data"],
    "properties": {
        "event": {"const": "status"},
        "id": {"type": "string", "description": "As the ETag of GET …/status"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/StatusView"},
        },
    },
}
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events `status`; data as GET …/status answers it",
        "content": {"text/event-stream": {"schema": _EVENT}},
    }
}


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
    responses={**_EVENTS, **documented("ticket_invalid", "too_many_streams")},
)
async def follow_all(
    user: Watcher, engine: EngineDep, hub: HubDep, reader: ReaderDep, pace: PaceDep
) -> Response:
    """The caller's unfinished projects as they are, then every change of any of the caller's."""
    subscription = hub.subscribe(user.id, None)
    try:
        async with engine.connect() as conn:
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
        **_EVENTS,
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
        async with engine.connect() as conn:
            told = owned((await reader.read(conn, [project_id])).get(project_id), user)
    except BaseException:
        hub.unsubscribe(subscription)
        raise
    return stream(hub, subscription, user, [told], pace)
