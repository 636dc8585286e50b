"""Every answer that is not a success: an RFC 9457 problem with a stable code, by one handler."""

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

from api.catalogue import CATALOGUE, preferred
from shared.artifacts import away as store
from shared.errors import ServiceError
from shared.messages.base import Language
from shared.store.engine import is_away

_log = structlog.get_logger()
MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_S: Final = "2"
_MOST_ERRORS: Final = 20


class Problem(BaseModel):
    """The body of every error. ``code`` is stable; ``title``, ``detail`` and ``action`` (what to
    do) are for people, in the language that Accept-Language prefers (zh, en).
    """

    type: str
    title: str
    status: int
    detail: str
    action: str
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
    language: Language = "en",
    headers: dict[str, str] | None = None,
    extra: dict[str, Any] | None = None,
) -> JSONResponse:
    """The answer for a code of the catalogue; an unknown one is ``internal``."""
    code = code if code in CATALOGUE else "internal"
    entry = CATALOGUE[code]
    title = entry.title[language]
    body = {"type": f"urn:reelay:problem:{code}", "title": title, "status": entry.status}
    body |= {"detail": detail or title, "action": entry.action[language], "code": code}
    headers = {"Content-Language": language, **(headers or {})}
    if entry.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if entry.status in {429, 503}:
        headers.setdefault("Retry-After", RETRY_AFTER_S)
    return JSONResponse({**body, **(extra or {})}, entry.status, headers, MEDIA_TYPE)


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


async def answered(request: Request, error: Exception) -> JSONResponse:
    """The problem that ``error`` is told as, in the caller's language."""
    refused = refusal_of(error)
    headers = dict(refused.headers or {})
    if refused.code == "method_not_allowed":
        headers |= _allow(request)
    language = preferred(request.headers.get("accept-language"))
    if refused.code == "internal":
        _log.error("request.crashed", path=request.url.path, exc_info=error)
    elif CATALOGUE[refused.code].status == 503:
        _log.warning("request.held", path=request.url.path, code=refused.code, reason=repr(error))
    return problem(
        refused.code,
        refused.detail,
        language=language,
        headers=headers,
        extra=refused.extra,
    )


def refusal_of(error: Exception) -> RefusedError:  # noqa: PLR0911  (one line a kind of error)
    """Any error as a code of the catalogue."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, ServiceError) and error.code in CATALOGUE:
        return RefusedError(error.code, error.detail)
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _http(error)
    if isinstance(error, ObstoreError) or store.is_away(error):  # a full disk, too
        return RefusedError("artifacts_unavailable")
    if isinstance(error, PoolTimeoutError) or is_away(error):
        return RefusedError("database_unavailable")
    return RefusedError("internal")


def _invalid(error: RequestValidationError) -> RefusedError:
    found = error.errors()
    code = next((str(e["type"]) for e in found if e["type"] in CATALOGUE), "invalid_request")
    errors = [
        {"field": ".".join(str(part) for part in e["loc"]), "message": _clean(str(e["msg"]))}
        for e in found[:_MOST_ERRORS]
    ]
    detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors[:3])
    return RefusedError(code, detail, errors=errors)


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _http(error: HTTPException) -> RefusedError:
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
    return RefusedError(code, headers=dict(error.headers or {}))


def _allow(request: Request) -> dict[str, str]:
    methods: str = request.app.state.methods.allowed(request.url.path)
    return {"Allow": methods} if methods else {}


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` of a route: which problems it answers, by status."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        entry = CATALOGUE[code]
        title = entry.title["en"]
        found = by_status.setdefault(entry.status, {"description": "", "content": _SCHEMA})
        found["description"] = f"{found['description']}  \n`{code}`: {title}".strip()
    return by_status


_SCHEMA: Final = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
