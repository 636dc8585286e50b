"""Previews of scenes and samples of voices: asked for by POST, fetched by GET."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from api import limits, previews
from api.asides import Asides, Order, Question
from api.auth import Caller, User
from api.catalogue import preferred
from api.errors import documented
from api.idempotency import OnceDep
from api.live.hub import Hub
from api.live.subscription import Subscription
from api.previews import PreviewView, SampleView
from api.requests import Nothing, Sample
from api.routes.deps import AsidesDep, HubDep, LinksDep
from api.routes.following import LONGEST_WAIT_S
from shared.messages.base import Language

LOOK_S: Final = 0.5
Ask = Callable[[], Awaitable[Question]]
Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, allow_inf_nan=False)]
Speaker = Annotated[str, Path(max_length=100, json_schema_extra={"format": "voice"})]
_KEYS: Final = ("too_many_previews", "idempotency_mismatch", "idempotency_busy")
_SCENE: Final = ("project_not_found", "scene_not_found", "script_missing")
_VOICE: Final = ("voice_not_found", "sample_costs")
_CAME_OF_IT: Final = ("preview_not_found", "preview_failed", "too_many_streams")

previews_of_scenes = APIRouter(
    prefix="/projects/{project_id}/scenes/{scene_id}/preview", tags=["previews"]
)
samples_of_voices = APIRouter(prefix="/voices/{speaker}/sample", tags=["previews"])


def _making(model: type[PreviewView | SampleView]) -> dict[int | str, dict[str, Any]]:
    location = {"schema": {"type": "string"}, "description": "Where to look for it, by GET"}
    said = {"description": "It is being made", "model": model}
    return {202: {**said, "headers": {"Location": location}}}


@previews_of_scenes.post(
    "",
    response_model=PreviewView,
    responses=_making(PreviewView) | documented(*_SCENE, *_KEYS),
)
async def ask_for_preview(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    project_id: UUID,
    scene_id: UUID,
    user: Caller,
    once: OnceDep,
    asides: AsidesDep,
    links: LinksDep,
    _: Nothing | None = None,
) -> Response:
    """One scene of the script as it is saved, made small within seconds; no run, no cost. The
    same again while it is being made is the same preview.
    """
    ask = partial(previews.of_scene, asides, links, user, (project_id, scene_id))
    order = Order(asides, user, ask)
    return _located(await once.answer(order.place, look=order.look), request.url.path)


@previews_of_scenes.get(
    "",
    response_model=PreviewView,
    responses=_making(PreviewView) | documented(*_SCENE, *_CAME_OF_IT),
)
async def read_preview(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    project_id: UUID,
    scene_id: UUID,
    user: Caller,
    asides: AsidesDep,
    hub: HubDep,
    links: LinksDep,
    wait: Wait = 0,
) -> Response:
    """What has come of it; with ``wait`` (seconds) as soon as it is there, at the latest then."""
    ask = partial(previews.of_scene, asides, links, user, (project_id, scene_id))
    place = request.url.path
    return await _told(request, asides, hub, user, ask, wait=wait, place=place)


@samples_of_voices.post(
    "",
    response_model=SampleView,
    responses=_making(SampleView) | documented(*_VOICE, *_KEYS),
)
async def ask_for_sample(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    speaker: Speaker,
    user: Caller,
    once: OnceDep,
    asides: AsidesDep,
    links: LinksDep,
    body: Sample | None = None,
) -> Response:
    """One sentence by a voice of GET /options, at the speed that a video would have."""
    asked = body or Sample()
    order = Order(asides, user, partial(previews.of_voice, asides, links, user, speaker, asked))
    answer = await once.answer(order.place, look=order.look)
    return _located(answer, _sample_at(request, asked))


@samples_of_voices.get(
    "", response_model=SampleView, responses=_making(SampleView) | documented(*_VOICE, *_CAME_OF_IT)
)
async def read_sample(  # noqa: PLR0913, PLR0917  (the parts of the request)
    request: Request,
    speaker: Speaker,
    user: Caller,
    asides: AsidesDep,
    hub: HubDep,
    links: LinksDep,
    language: Language | None = None,
    speed: Annotated[float, Query(ge=0.5, le=2.0, allow_inf_nan=False)] = 1.0,
    wait: Wait = 0,
) -> Response:
    """What has come of it; ``language`` and ``speed`` as it was asked for."""
    asked = Sample(language=language, speed=speed)
    ask = partial(previews.of_voice, asides, links, user, speaker, asked)
    place = _sample_at(request, asked)
    return await _told(request, asides, hub, user, ask, wait=wait, place=place)


async def _told(  # noqa: PLR0913  (the parts of the request, and how long)
    request: Request, asides: Asides, hub: Hub, user: User, ask: Ask, *, wait: float, place: str
) -> Response:
    """Looks at the artifact store until it answers: nobody else is told of asides."""
    question = await ask()
    said = preferred(request.headers.get("accept-language"))
    answer = await asides.state(user, question, said)
    if wait and answer.status == 202:
        limits.extend(request.scope, wait)
        ends = time.monotonic() + wait
        subscription = hub.subscribe(user.id, None)
        try:
            while answer.status == 202 and await _paused(request, subscription, ends):
                answer = await asides.state(user, question, said)
        finally:
            hub.unsubscribe(subscription)
    response = JSONResponse(answer.body, answer.status, {"Cache-Control": "private, no-store"})
    return _located(response, place)


async def _paused(request: Request, subscription: Subscription, ends: float) -> bool:
    """Whether it is worth another look, after ``LOOK_S``, or at the end of the wait. The
    subscription is the waiter's place, and hears when the process stops; what else it hears is for
    others.
    """
    if time.monotonic() >= ends:
        return False
    until = min(time.monotonic() + LOOK_S, ends)
    while not subscription.closed and (left := until - time.monotonic()) > 0:
        await subscription.next(left)
    return not subscription.closed and not await request.is_disconnected()


def _sample_at(request: Request, asked: Sample) -> str:
    language = f"&language={asked.language}" if asked.language else ""
    return f"{request.url.path}?speed={asked.speed!r}{language}"


def _located(answer: JSONResponse, place: str) -> JSONResponse:
    if answer.status_code == 202:
        answer.headers["Location"] = place
    return answer
