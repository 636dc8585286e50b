"""``/api/ops``: dead letters, queues and workers, for callers with the scope ``ops``."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.auth import Operator, User
from api.desk import letters, sight
from api.desk.views import LetterPage, LetterView, QueuesView, SettledView, WorkersView
from api.errors import documented
from api.idempotency import OperatorsOnceDep
from api.requests import ANY_TEXT, Nothing
from api.routes.deps import ArtifactsDep, EngineDep, TermsDep
from api.routes.projects import Limit

router = APIRouter(tags=["ops"])
LetterId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Words = Annotated[str | None, Query(max_length=200, pattern=ANY_TEXT)]
Before = Annotated[str | None, Query(pattern="^[0-9]{1,18}$")]
_SETTLING = ("dead_letter_not_found", "dead_letter_settled")
_KEYS = ("idempotency_mismatch", "idempotency_busy")


@router.get("/dead-letters")
async def list_dead_letters(  # noqa: PLR0913, PLR0917  (the parts of the request)
    _: Operator,
    engine: EngineDep,
    limit: Limit = 20,
    cursor: Before = None,
    queue: Words = None,
    reason: Words = None,
    settled: Annotated[bool | None, Query()] = None,
) -> LetterPage:
    """Messages that could not be handled, newest first; ``reason`` finds any part of it."""
    return await letters.page(
        engine, limit=limit, cursor=cursor, queue=queue, reason=reason, settled=settled
    )


@router.get("/dead-letters/{letter_id}", responses=documented("dead_letter_not_found"))
async def read_dead_letter(letter_id: LetterId, _: Operator, engine: EngineDep) -> LetterView:
    """One of them whole, with what was done about it."""
    return await letters.read(engine, letter_id)


@router.post(
    "/dead-letters/{letter_id}/redrive",
    status_code=202,
    response_model=SettledView,
    responses=documented(
        *_KEYS,
        *_SETTLING,
        "dead_letter_unreadable",
        "dead_letter_outdated",
        "not_failed",
        "unknown_choice",
        "run_active",
        "charge_unconfirmed",
        "too_many_runs",
    ),
)
async def redrive_dead_letter(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    letter_id: LetterId,
    operator: Operator,
    once: OperatorsOnceDep,
    engine: EngineDep,
    artifacts: ArtifactsDep,
    terms: TermsDep,
    _: Nothing | None = None,
) -> Response:
    """Sends it again: facts and milestones as they were; a command as a retry of its project's
    latest run, which must have failed.
    """
    order = letters.Redrive(
        engine, artifacts.find, operator=operator, letter_id=letter_id, terms=terms
    )
    answer = await once.answer(order.decide, look=order.look)
    if order.reopened is not None:
        owner = User(id=order.reopened.user_id)
        request.app.state.committed(owner, order.reopened.project_id)
    return answer


@router.post(
    "/dead-letters/{letter_id}/discard",
    response_model=SettledView,
    responses=documented(*_KEYS, *_SETTLING),
)
async def discard_dead_letter(
    letter_id: LetterId, operator: Operator, once: OperatorsOnceDep, _: Nothing | None = None
) -> Response:
    """Nothing more is done about it; it stays to be read for 90 days."""
    return await once.answer(lambda conn: letters.discard(conn, operator, letter_id))


@router.get("/queues")
async def list_queues(request: Request, _: Operator, engine: EngineDep) -> QueuesView:
    """Every queue as the broker says, and what waits to be sent."""
    return await sight.queues(engine, request.app.state.depth)


@router.get("/workers")
async def list_workers(request: Request, _: Operator, engine: EngineDep) -> list[WorkersView]:
    """Who takes each stage's work, what runs and what waits."""
    return await sight.workers(engine, request.app.state.depth)
