"""``/notifications``: what the user was told."""

from uuid import UUID

from fastapi import APIRouter, Response

from api import notices
from api.auth import Caller
from api.errors import documented
from api.idempotency import OnceDep
from api.routes.deps import EngineDep
from api.routes.projects import Cursor, Limit
from api.views import NoticePage, NoticeView

router = APIRouter(prefix="/notifications", tags=["notifications"])


@router.get("", responses=documented("invalid_cursor"))
async def list_notices(
    user: Caller, engine: EngineDep, limit: Limit = 20, cursor: Cursor = None
) -> NoticePage:
    return await notices.page(engine, user, limit=limit, cursor=cursor)


@router.post(
    "/{notice_id}/read", response_model=NoticeView, responses=documented("notice_not_found")
)
async def read_notice(notice_id: UUID, user: Caller, once: OnceDep) -> Response:
    return await once.answer(lambda conn: notices.mark_read(conn, user, notice_id))
