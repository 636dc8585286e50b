"""Every answer that is not a success: RFC 9457 problems with a stable code, from one catalogue and
one handler.
"""

from typing import Any, Final

import asyncpg  # pyright: ignore[reportMissingTypeStubs]  (it has none)
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from obstore.exceptions import BaseError as ObstoreError
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from shared.errors import ServiceError
from shared.store.engine import is_away

_log = structlog.get_logger()
MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = "2"

CATALOGUE: Final[dict[str, tuple[int, str]]] = {
    "invalid_request": (422, "The request has missing or wrong fields"),
    "one_source": (422, "Give exactly one of article, outline and topic"),
    "article_too_long": (422, "An article or outline may have 20,000 characters at most"),
    "too_many_scenes": (422, "A script may have 60 scenes at most"),
    "invalid_cursor": (422, "The cursor is not one that this list gave out"),
    "idempotency_mismatch": (422, "The Idempotency-Key was used for another request"),
    "idempotency_busy": (
        409,
        "The first request with this Idempotency-Key is still being answered",
    ),
    "body_too_large": (413, "A body may have 1 MB at most"),
    "not_found": (404, "There is nothing at this address"),
    "method_not_allowed": (405, "This address does not take that method"),
    "origin_refused": (403, "The local mode answers only pages and programs of this machine"),
    "project_not_found": (404, "There is no such project"),
    "run_not_found": (404, "The project has no such run"),
    "notice_not_found": (404, "There is no such notification"),
    "artifact_not_found": (404, "The project has no such artifact, or not yet"),
    "artifact_missing": (410, "The artifact was made but is gone; produce again to make it anew"),
    "range_not_satisfiable": (416, "The range lies outside the artifact"),
    "script_exists": (409, "There is a script already; say replace: true to write another"),
    "script_missing": (409, "There is no script yet"),
    "run_active": (409, "A run is active; wait for its end or cancel it"),
    "not_failed": (409, "Only a failed project can be retried"),
    "no_active_run": (409, "No run is active"),
    "already_finished": (409, "The run was finished first"),
    "video_stale": (409, "The script changed after the video was made; say acceptStale: true"),
    "wrong_status": (409, "The project's status does not allow that"),
    "version_required": (428, 'If-Match must name the script\'s version, as in "3"'),
    "version_conflict": (412, "The script was changed meanwhile"),
    "database_unavailable": (503, "The database is away; try again"),
    "artifacts_unavailable": (503, "The artifact store is away; try again"),
    "request_timeout": (503, "The request took too long; try again"),
    "internal": (500, "Something went wrong here"),
}


class Problem(BaseModel):
    """The body of every error. ``code`` is stable; ``detail`` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[dict[str, str]] | None = None


class RefusedError(ServiceError):
    """The request can't be granted, by the catalogue's ``code``. ``extra`` goes into the
    problem.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.headers = headers
        self.extra = extra


def problem(
    code: str,
    detail: str = "",
    *,
    headers: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
) -> JSONResponse:
    """The answer for a code of the catalogue; an unknown one is ``internal``."""
    code = code if code in CATALOGUE else "internal"
    status, title = CATALOGUE[code]
    body = {"type": f"urn:reelay:problem:{code}", "title": title, "status": status}
    body |= {"detail": detail or title, "code": code, **(extra or {})}
    headers = dict(headers or {})
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER_S
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """One handler for everything that a route raises."""
    handled = (
        ServiceError,
        HTTPException,
        RequestValidationError,
        DBAPIError,
        PoolTimeoutError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
        TimeoutError,
        ObstoreError,
        Exception,
    )
    for kind in handled:
        app.add_exception_handler(kind, answered)
    _describe(app)


def _describe(app: FastAPI) -> None:
    """The document holds the schema that ``documented`` refers to."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.setdefault("Problem", Problem.model_json_schema())
        return document

    app.openapi = openapi


async def answered(  # noqa: PLR0911  (one answer a kind of error)
    request: Request, error: Exception
) -> JSONResponse:
    """The problem that ``error`` is told as."""
    if isinstance(error, RefusedError):
        return problem(error.code, error.detail, headers=error.headers, extra=error.extra)
    if isinstance(error, ServiceError) and error.code in CATALOGUE:
        return problem(error.code, error.detail)
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _http(error)
    if isinstance(error, ObstoreError):
        _log.warning("artifacts.away", path=request.url.path, reason=repr(error))
        return problem("artifacts_unavailable")
    if isinstance(error, PoolTimeoutError) or is_away(error):
        _log.warning("database.away", path=request.url.path, reason=type(error).__name__)
        return problem("database_unavailable")
    _log.error("request.crashed", path=request.url.path, exc_info=error)
    return problem("internal")


def _invalid(error: RequestValidationError) -> JSONResponse:
    found = error.errors()
    code = next((str(e["type"]) for e in found if e["type"] in CATALOGUE), "invalid_request")
    errors = [
        {"field": ".".join(str(part) for part in e["loc"]), "message": _clean(str(e["msg"]))}
        for e in found
    ]
    return problem(
        code,
        "; ".join(f"{e['field']}: {e['message']}" for e in errors[:3]),
        extra={"errors": errors},
    )


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _http(error: HTTPException) -> JSONResponse:
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    return problem(code, headers=dict(error.headers or {}))


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route: which problems it answers, by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status, title = CATALOGUE[code]
        found = by_status.setdefault(status, {"description": "", "content": _SCHEMA})
        found["description"] = f"{found['description']}  \n`{code}`: {title}".strip()
    return by_status


_SCHEMA: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
