"""The OpenAPI document, true in every answer: what all calls have in common is added here, once."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.catalogue import CATALOGUE
from api.errors import Problem, documented
from api.requests import ANY_TEXT
from shared.messages.script import MAX_ITEM

_ALWAYS: Final = (
    *("database_unavailable", "request_timeout", "address_too_long", "headers_too_large"),
)
_OF_CALLERS: Final = ("unauthorized", "scope_missing", "origin_refused", "keys_unavailable")
_OF_BODIES: Final = ("invalid_request", "body_too_large", "encoding_refused", "media_type_refused")
_NOT_OURS: Final = ("HTTPValidationError", "ValidationError")
_OPEN: Final = "/links/{signed}/"
_BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "`video:read` reads, `video:write` changes; `/api/ops` wants `ops`.",
}
_HEADERS: Final[dict[int, dict[str, Any]]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}},
    429: {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "required": True}},
    503: {"Retry-After": {"schema": {"type": "integer", "minimum": 1}, "required": True}},
}
_TICKET: Final = "ticket"
_IF_MATCH: Final = "if-match"
_CARDS: Final = (
    *("TitleCard", "ListCard", "NumberCard", "BarsCard", "LineCard", "QuoteCard", "StepsCard"),
    *("PictureCard", "SplitCard", "FootageCard", "Bar", "Point", "Side", "Blob"),
)

Json = dict[str, Any]


def name_of(route: APIRoute) -> str:
    """Operations bear the names of their functions."""
    return route.name


def install(app: FastAPI, *, tokens: bool) -> None:
    """``tokens``: whether callers must show one."""
    plain = app.openapi

    def openapi() -> Json:
        made = plain()
        if "Problem" not in made["components"]["schemas"]:
            _complete(made, tokens=tokens)
        return made

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(made: Json, *, tokens: bool) -> None:
    schemas: Json = made["components"]["schemas"]
    for name in _NOT_OURS:
        schemas.pop(name, None)
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    for name in _CARDS:
        _close(schemas[name])
    if tokens:
        made["components"]["securitySchemes"] = {"bearer": _BEARER}
    for path, method, operation in _operations(made):
        ours = _OPEN not in path
        if ours and tokens:
            streams = any(one["name"] == _TICKET for one in operation.get("parameters", ()))
            operation["security"] = [{"bearer": []}, *([{}] if streams else [])]
        codes = [*_ALWAYS, *(_OF_CALLERS if ours else ()), *_refusals(method, operation)]
        _answer(operation["responses"], codes)
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _sent(parameter["schema"])
            parameter["required"] |= parameter["name"] == _IF_MATCH  # without it: 428


def _operations(made: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in made["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _refusals(method: str, operation: Json) -> Iterator[str]:
    """What a call can be refused for by the looks of it."""
    if "requestBody" in operation or operation.get("parameters"):
        yield "invalid_request"
    if operation.get("requestBody", {}).get("content", {}).keys() & {"image/*"}:
        yield "encoding_refused"
    elif method != "get":
        yield from _OF_BODIES


def _answer(responses: Json, codes: list[str]) -> None:
    """Adds the problems to what the route itself names."""
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]
    for code, said in ((str(CATALOGUE[code].status), documented(code)) for code in codes):
        entry = next(iter(said.values()))
        found = responses.setdefault(code, {**entry, "description": ""})
        if entry["description"] not in found["description"]:
            found["description"] = f"{found['description']}  \n{entry['description']}".strip()
    for status, headers in _HEADERS.items():
        if str(status) in responses:
            responses[str(status)]["headers"] = headers


def _close(card: Json) -> None:
    """What is read from messages tolerantly is taken from users to the letter."""
    card["additionalProperties"] = False
    if "kind" in card["properties"]:
        card["required"] = ["kind", *card.get("required", ())]
    for schema in card["properties"].values():
        text = schema.get("items", schema)
        if text.get("type") == "string" and "const" not in text:
            text.setdefault("pattern", ANY_TEXT)
            if text is not schema:
                text.setdefault("maxLength", MAX_ITEM)


def _sent(schema: Json) -> Json:
    """A header or a query has no null: what is optional is left out."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{name: said for name, said in schema.items() if name != "anyOf"}}
