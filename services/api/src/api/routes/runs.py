"""The commands on a project: script, production, retry, cancel, complete, notified."""

import re
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response

from api import opening, projects, runs
from api.auth import Caller
from api.errors import RefusedError, documented
from api.idempotency import OnceDep
from api.requests import Acknowledge, Complete, EditedScript, GenerateScript, Nothing, Retry, Revise
from api.routes.deps import ArtifactsDep, CommittedDep, EngineDep, TermsDep
from api.views import EditedView, FirstView, ForecastView, RunView, StateView

router = APIRouter(prefix="/projects/{project_id}", tags=["runs"])
_VERSION = re.compile(r'^(W/)?"?([0-9]{1,9})"?$', re.ASCII)
_KEYS = ("project_not_found", "idempotency_mismatch", "idempotency_busy")


@router.post(
    "/script",
    status_code=202,
    response_model=RunView,
    responses=documented(
        *_KEYS,
        "script_exists",
        "unknown_choice",
        "provider_key_refused",
        "run_active",
        "wrong_status",
        "too_many_runs",
    ),
)
async def generate_script(
    project_id: UUID,
    user: Caller,
    once: OnceDep,
    terms: TermsDep,
    body: GenerateScript | None = None,
) -> Response:
    """Starts a script run and answers at once; the same again while it runs is the same run."""
    again = body is not None and body.replace
    return await once.answer(
        lambda conn: opening.open_script(conn, user, project_id, terms, again=again),
        look=partial(terms.keys.look, "script", "voice"),
    )


@router.post(
    "/script/scenes/{scene_id}/revise",
    status_code=202,
    response_model=RunView,
    responses=documented(
        *_KEYS,
        "scene_not_found",
        "script_missing",
        "provider_key_refused",
        "run_active",
        "too_many_runs",
    ),
)
async def revise_scene(  # noqa: PLR0913, PLR0917  (the parts of the request)
    project_id: UUID, scene_id: UUID, body: Revise, user: Caller, once: OnceDep, terms: TermsDep
) -> Response:
    """Does one scene of the script again; all others and every id stay. The old script stands
    until the new one is there.
    """
    target = (project_id, scene_id)
    return await once.answer(
        lambda conn: opening.open_revision(conn, user, target, terms, body),
        look=partial(terms.keys.look, "script"),
    )


@router.put(
    "/script",
    responses=documented("project_not_found", "version_required", "version_conflict", "run_active"),
)
async def edit_script(  # noqa: PLR0913, PLR0917  (the parts of the request)
    project_id: UUID,
    body: EditedScript,
    user: Caller,
    engine: EngineDep,
    committed: CommittedDep,
    response: Response,
    if_match: Annotated[
        str | None, Header(max_length=40, json_schema_extra={"pattern": _VERSION.pattern})
    ] = None,
) -> EditedView:
    """The user's own script in place of the version that ``If-Match`` names."""
    named = _VERSION.fullmatch(if_match or "")
    if named is None:
        raise RefusedError("version_required")
    async with engine.begin() as conn:
        edited = await projects.edit_script(conn, user, project_id, body, int(named[2]))
    committed(user, project_id)
    response.headers["ETag"] = f'"{edited.script_version}"'
    return edited


@router.post(
    "/production",
    status_code=202,
    response_model=RunView,
    responses=documented(
        *_KEYS,
        "script_missing",
        "unknown_choice",
        "image_not_configured",
        "footage_not_configured",
        "provider_key_refused",
        "run_active",
        "wrong_status",
        "too_many_runs",
    ),
)
async def produce(  # noqa: PLR0913, PLR0917  (the parts of the request)
    project_id: UUID,
    user: Caller,
    once: OnceDep,
    engine: EngineDep,
    artifacts: ArtifactsDep,
    terms: TermsDep,
    _: Nothing | None = None,
) -> Response:
    """Starts the production of the current script; says how many scenes must really be made."""
    order = opening.Production(
        engine, artifacts.find, user=user, project_id=project_id, terms=terms
    )
    return await once.answer(order.open, look=order.look)


@router.get(
    "/production",
    responses=documented("project_not_found", "script_missing", "unknown_choice", "run_active"),
)
async def forecast_production(
    project_id: UUID, user: Caller, engine: EngineDep, artifacts: ArtifactsDep, terms: TermsDep
) -> ForecastView:
    """How many scenes of the script, as it is saved, a production would really have to make; the
    rest is there already. Orders nothing.
    """
    order = opening.Production(
        engine, artifacts.find, user=user, project_id=project_id, terms=terms
    )
    return await order.forecast()


@router.post(
    "/retry",
    status_code=202,
    response_model=RunView,
    responses=documented(
        *_KEYS,
        "not_failed",
        "unknown_choice",
        "image_not_configured",
        "footage_not_configured",
        "provider_key_refused",
        "run_active",
        "charge_unconfirmed",
        "too_many_runs",
    ),
)
async def retry(  # noqa: PLR0913, PLR0917  (the parts of the request)
    project_id: UUID,
    user: Caller,
    once: OnceDep,
    engine: EngineDep,
    artifacts: ArtifactsDep,
    terms: TermsDep,
    body: Retry | None = None,
) -> Response:
    """The failed run's kind again; what is finished is found again."""
    charge = body is not None and body.accept_second_charge
    order = opening.Production(
        engine, artifacts.find, user=user, project_id=project_id, terms=terms
    )
    return await once.answer(lambda conn: order.retry(conn, charge=charge), look=order.look)


@router.post(
    "/cancel",
    status_code=202,
    response_model=StateView,
    responses=documented(*_KEYS, "already_finished", "no_active_run"),
)
async def cancel(
    project_id: UUID, user: Caller, once: OnceDep, _: Nothing | None = None
) -> Response:
    """Closes the active run; what is finished stays."""
    return await once.answer(lambda conn: runs.cancel(conn, user, project_id))


@router.post(
    "/complete",
    status_code=202,
    response_model=StateView,
    responses=documented(*_KEYS, "video_stale", "wrong_status"),
)
async def complete(
    project_id: UUID, user: Caller, once: OnceDep, body: Complete | None = None
) -> Response:
    """The user accepts the video."""
    stale = body is not None and body.accept_stale
    return await once.answer(lambda conn: runs.complete(conn, user, project_id, accept_stale=stale))


@router.post(
    "/notified",
    response_model=FirstView,
    responses=documented(*_KEYS, "run_not_found", "run_active"),
)
async def notified(
    project_id: UUID, user: Caller, once: OnceDep, body: Acknowledge | None = None
) -> Response:
    """The user has been told of the end of a run; ``first`` is true for one caller only."""
    run_id = body.run_id if body is not None else None
    return await once.answer(lambda conn: runs.acknowledge(conn, user, project_id, run_id))
