"""The web page, served beside the API: built files out of the package (or ``PAGE_DIR``), deep links
to its one document, and the headers that keep foreign scripts out.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.files import matches

_log = structlog.get_logger()
RESERVED: Final = (
    "/api/",
    "/api-docs",
    "/openapi.json",
    "/asyncapi",
    "/static-offline-docs",
    "/live",
    "/ready",
    "/metrics",
)
_POLICY: Final = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
))  # fmt: skip
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_TEXTS: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """A built file as it goes out; ``squeezed`` is its gzip where that pays."""

    body: bytes
    squeezed: bytes | None
    media_type: str
    etag: str
    lasting: str


def install(app: FastAPI, folder: Path | None) -> None:
    """Serves the page in ``folder``, by default the package's own; without one the API stands
    alone.
    """
    folder = folder or Path(str(files("api"))) / "static"
    if (folder / "index.html").is_file():
        app.add_middleware(Page, folder=folder)
    else:
        _log.warning("page.absent", advice="make setup builds it")


def _read(path: Path) -> PageFile:
    body = path.read_bytes()
    text = path.suffix in _TEXTS
    kind = _TEXTS.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return PageFile(
        body=body,
        squeezed=gzip.compress(body, mtime=0) if text else None,
        media_type=kind or "application/octet-stream",
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        lasting=_FOR_EVER if path.parent.name == "assets" else _ASK_AGAIN,
    )


class Page:
    """ASGI middleware: takes what belongs to the page, and hands everything else on."""

    def __init__(self, app: ASGIApp, *, folder: Path) -> None:
        self._app = app
        self._paths = {
            f"/{path.relative_to(folder).as_posix()}": path
            for path in folder.rglob("*")
            if path.is_file()
        }
        self._read = cache(_read)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        file = self._asked(scope)
        if file is None:
            await self._app(scope, receive, send)
        else:
            await _answer(file, Headers(scope=scope), head=scope["method"] == "HEAD")(
                scope, receive, send
            )

    def _asked(self, scope: Scope) -> PageFile | None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            return None
        path: str = scope["path"]
        if path == "/api" or path.startswith(RESERVED):
            return None
        is_link = "." not in path.rsplit("/", 1)[-1]
        found = self._paths.get(path) or (self._paths["/index.html"] if is_link else None)
        return None if found is None else self._read(found)


def _answer(file: PageFile, asked: Headers, *, head: bool) -> Response:
    headers = {**_HEADERS, "ETag": file.etag, "Cache-Control": file.lasting}
    if matches(asked.get("if-none-match"), file.etag):
        return Response(status_code=304, headers=headers)
    body = file.body
    if file.squeezed is not None:
        headers["Vary"] = "Accept-Encoding"
        if "gzip" in asked.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = file.squeezed, "gzip"
    headers["Content-Length"] = str(len(body))
    return Response(b"" if head else body, headers=headers, media_type=file.media_type)
