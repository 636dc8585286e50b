"""JSON that every parser reads the same (RFC 8259, RFC 7493): what they differ about is refused."""

import json
from collections.abc import Iterator, Sized
from math import isfinite
from typing import Any, Final, NoReturn, cast

from pydantic_core import PydanticCustomError

LONGEST_NUMBER: Final = 300
MOST_PARTS: Final = 100
_EXACT: Final = 2.0**53


def fault_of(body: bytes, media_type: str) -> tuple[str, str] | None:
    """The code and the detail of a body that is not taken; None for one that is, and for none at
    all.
    """
    if not body:
        return None
    if not _is_json(media_type):
        return "media_type_refused", f"Content-Type is {media_type[:100] or 'missing'}"
    try:
        return _of_json(body)
    except RecursionError:
        return "invalid_request", "nested too deeply"
    except UnicodeDecodeError:
        return "invalid_request", "not UTF-8"
    except ValueError as wrong:
        return "invalid_request", str(wrong)[:200].encode("utf-8", "replace").decode()


def _of_json(body: bytes) -> tuple[str, str] | None:
    value = _read(body)
    if b"\\u" in body and any(map(_is_broken, texts_of(value))):
        return "invalid_request", "a lone surrogate is not text"
    return None


def _is_json(media_type: str) -> bool:
    kind, _, parameters = media_type.lower().partition(";")
    charset = parameters.replace(" ", "").replace('"', "")
    return kind.strip() == "application/json" and charset in {"", "charset=utf-8"}


def _read(body: bytes) -> Any:
    return json.loads(
        body.decode(),
        parse_constant=_no_number,
        parse_float=_finite,
        parse_int=_short,
        object_pairs_hook=_unique,
    )


def _no_number(said: str) -> NoReturn:
    raise ValueError(f"{said} is no JSON number")


def _finite(said: str) -> float:
    value = float(said)
    if not isfinite(value):
        raise ValueError("a number is too large")
    return value


def _short(said: str) -> int:
    if len(said) > LONGEST_NUMBER:
        raise ValueError("a number is too large")
    return int(said)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a name twice")
    return found


def texts_of(value: Any) -> Iterator[str]:
    """Every name and text in it, however deep."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from one
            rest.extend(one.values())  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        elif isinstance(one, list):
            rest.extend(one)  # pyright: ignore[reportUnknownArgumentType]


def check_parts(value: object) -> None:
    """Each unknown name and each wrong item is an error of its own, and a body has room for a
    hundred thousand: more than any object or card has is refused as one.
    """
    if isinstance(value, dict | list) and len(cast("Sized", value)) > MOST_PARTS:
        raise PydanticCustomError(
            "too_many_parts", "at most {most} names or items", {"most": MOST_PARTS}
        )


def whole_numbers(value: object) -> object:
    """60.0 as 60: JSON knows no difference, strict reading does. Its parts are checked."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    check_parts(value)
    if isinstance(value, dict):
        named = cast("dict[str, object]", value)
        return {name: whole_numbers(part) for name, part in named.items()}
    if isinstance(value, list):
        return [whole_numbers(part) for part in cast("list[object]", value)]
    return value


def _is_broken(said: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in said)
