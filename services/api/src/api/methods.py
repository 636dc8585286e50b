"""Which methods an address takes: ``Allow`` of a 405 names them all (RFC 9110, section 15.5.6)."""

from collections.abc import Iterable, Mapping

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path


class Methods:
    """Two routes may share an address; the framework would name only the first one's methods."""

    def __init__(self, routers: Mapping[str, Iterable[APIRouter]]) -> None:
        """``routers`` by the prefix that they lie under."""
        self._routes = [
            (compile_path(prefix + route.path)[0], frozenset(route.methods or ()))
            for prefix, under in routers.items()
            for router in under
            for route in router.routes
            if isinstance(route, APIRoute)
        ]

    def allowed(self, path: str) -> str:
        """The value of ``Allow``; empty for an address that is not ours."""
        found = frozenset[str]().union(*(methods for at, methods in self._routes if at.match(path)))
        return ", ".join(sorted(found))
