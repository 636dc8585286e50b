"""What no honest client sends: every one is refused with a stable code, quickly, and none breaks
the API.
"""

import asyncio
import gzip
import json
import zlib
from typing import Any
from uuid import uuid4

import httpx
import pytest
from support.driving import BASE, Driver, refused, told

JSON = {"content-type": "application/json"}
DEEP = 100_000
FIFTY_MB = 50_000_000
SOURCES = ("article", "outline", "topic")
CHOICES = ("voice", "theme", "music")


async def _sent(real_client: httpx.AsyncClient, content: Any, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await real_client.post(f"{BASE}/projects", content=content, headers={**JSON, **named})


async def _edited(driver: Driver, project: str, title: str = "a", **scene: Any) -> httpx.Response:
    return await driver.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": title, "scenes": [{"narration": "雨水渗入地下。", **scene}]},
        headers={"If-Match": '"0"'},
    )


NO_JSON = {
    "arrays in arrays": b"[" * DEEP + b"]" * DEEP,
    "objects in objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a deep field": b'{"topic":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "never closed": b"[" * DEEP,
    "NaN": b'{"topic": "a", "speed": NaN}',
    "Infinity": b'{"topic": "a", "speed": Infinity}',
    "minus Infinity": b'{"topic": "a", "speed": -Infinity}',
    "a float beyond all floats": b'{"topic": "a", "speed": 1e999}',
    "huge integer": b'{"topic": "a", "targetSeconds": ' + b"9" * 10_000 + b"}",
    "large integer": b'{"topic": "a", "targetSeconds": ' + b"9" * 301 + b"}",
    "a lone high surrogate": b'{"topic": "\\ud800"}',
    "a lone low surrogate": b'{"topic": "\\udc00 and text"}',
    "a lone surrogate in a name": b'{"\\ud800": "a", "topic": "a"}',
    "a surrogate in UTF-8": b'{"topic": "\xed\xa0\x80"}',
    "a name twice": b'{"topic": "a", "topic": "b"}',
    "a name twice, once escaped": b'{"topic": "a", "t\\u006fpic": "b"}',
    "a byte order mark": b'\xef\xbb\xbf{"topic": "a"}',
    "UTF-16": '{"topic": "a"}'.encode("utf-16"),
    "not UTF-8": b'{"topic": "\xff\xfe"}',
    "a raw NUL": b'{"topic": "a\x00b"}',
    "two values": b'{"topic": "a"} {"topic": "b"}',
    "single quotes": b"{'topic': 'a'}",
    "only blanks": b"   ",
    "a form": b"topic=a",
}


async def test_what_is_no_json_is_refused(real_client: httpx.AsyncClient) -> None:
    answers = {said: await _sent(real_client, body) for said, body in NO_JSON.items()}

    assert told(answers) == dict.fromkeys(NO_JSON, (422, "invalid_request"))


OTHER_SHAPES = {
    "empty": b"",
    "null": b"null",
    "an array": b"[]",
    "a string": b'"topic"',
    "a number": b"1e300",
    "a few hundred arrays": b"[" * 500 + b"]" * 500,
    "a nested field": b'{"topic": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}",
    "an unknown field": b'{"topic": "a", "__proto__": {"admin": true}}',
    "a number as text": b'{"topic": "a", "targetSeconds": "60"}',
    "true as a number": b'{"topic": "a", "targetSeconds": true}',
    "text as a boolean": b'{"topic": "a", "autoProduce": "yes"}',
    "a large float": b'{"topic": "a", "speed": 1e300}',
}


async def test_json_of_another_shape_is_refused(real_client: httpx.AsyncClient) -> None:
    answers = {said: await _sent(real_client, body) for said, body in OTHER_SHAPES.items()}

    assert told(answers) == dict.fromkeys(OTHER_SHAPES, (422, "invalid_request"))
    assert all(answer.json()["errors"] for answer in answers.values())


async def test_a_nul_is_refused_in_every_text_of_a_project(real_client: httpx.AsyncClient) -> None:
    texts = [*SOURCES, *CHOICES, "title", "style", "audience", "language", "aspect", "captions"]
    bodies = {
        field: {field: "a\0b"} if field in SOURCES else {"topic": "a", field: "a\0b"}
        for field in texts
    }

    answers = {field: await _sent(real_client, json.dumps(body)) for field, body in bodies.items()}

    wanted = {
        field: (422, "unknown_choice" if field in CHOICES else "invalid_request") for field in texts
    }
    assert told(answers) == wanted


CARDS = {
    "title": {"kind": "title", "subtitle": "a\0"},
    "list": {"kind": "list", "items": ["a", "\0"]},
    "steps": {"kind": "steps", "items": ["\0"]},
    "number": {"kind": "number", "value": "\0"},
    "number's label": {"kind": "number", "value": "1", "label": "\0"},
    "bar": {"kind": "bars", "bars": [{"label": "\0", "value": 1}]},
    "unit": {"kind": "bars", "unit": "\0", "bars": [{"label": "a", "value": 1}]},
    "quote": {"kind": "quote", "text": "\0"},
    "not a number": {"kind": "bars", "bars": [{"label": "a", "value": "1"}]},
    "below nothing": {"kind": "bars", "bars": [{"label": "a", "value": -1}]},
    "an unknown field": {"kind": "title", "subtitle": "a", "more": 1},
    "an unknown kind": {"kind": "nothing"},
    "no kind": {},
    "an array": [],
    "a string": "title",
}


async def test_a_card_that_can_not_be_kept_is_refused(driver: Driver) -> None:
    project = await driver.created()

    answers = {said: await _edited(driver, project, card=card) for said, card in CARDS.items()}

    assert told(answers) == dict.fromkeys(CARDS, (422, "invalid_request"))


async def test_a_nul_is_refused_in_every_text_of_a_script(driver: Driver) -> None:
    project = await driver.created()

    answers = {
        "title": await _edited(driver, project, title="a\0"),
        "narration": await _edited(driver, project, narration="a\0"),
        "heading": await _edited(driver, project, heading="a\0"),
    }

    assert told(answers) == dict.fromkeys(answers, (422, "invalid_request"))


MEDIA_TYPES = {
    "text": ("text/plain", b'{"topic": "a"}'),
    "a form": ("application/x-www-form-urlencoded", b"topic=a"),
    "a form with files": ("multipart/form-data; boundary=x", b"--x--"),
    "XML": ("application/xml", b"<topic>a</topic>"),
    "another charset": ("application/json; charset=utf-16", b"{}"),
    "nearly JSON": ("application/jsonp", b"{}"),
    "none": ("", b'{"topic": "a"}'),
    "nonsense": ("/" * 5_000, b'{"topic": "a"}'),
}


async def test_other_media_types_are_refused(real_client: httpx.AsyncClient) -> None:
    answers = {
        said: await _sent(real_client, body, content_type=media_type)
        for said, (media_type, body) in MEDIA_TYPES.items()
    }

    assert told(answers) == dict.fromkeys(MEDIA_TYPES, (415, "media_type_refused"))


CODINGS = {
    "a gzip bomb": ("gzip", gzip.compress(bytes(FIFTY_MB))),
    "a deflate bomb": ("deflate", zlib.compress(bytes(FIFTY_MB))),
    "honest gzip": ("gzip", gzip.compress(b'{"topic": "a"}')),
    "brotli": ("br", b"\x0b\x02\x80"),
    "zstd": ("zstd", b"(\xb5/\xfd"),
    "twice": ("gzip, gzip", b"{}"),
    "unknown": ("nonsense", b"{}"),
}


async def test_compressed_bodies_are_never_unpacked(real_client: httpx.AsyncClient) -> None:
    answers = {
        said: await _sent(real_client, body, content_encoding=coding)
        for said, (coding, body) in CODINGS.items()
    }

    assert told(answers) == dict.fromkeys(CODINGS, (415, "encoding_refused"))


async def test_a_gzip_bomb_that_hides_its_coding_is_no_json(real_client: httpx.AsyncClient) -> None:
    answer = await _sent(real_client, gzip.compress(bytes(FIFTY_MB)))

    assert refused(answer, 422, "invalid_request")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_fifty_megabytes_are_refused_unread(
    real_client: httpx.AsyncClient, method: str
) -> None:
    path = f"{BASE}/projects/{uuid4()}" + ("/script" if method in {"POST", "PUT"} else "")

    answer = await real_client.request(method, path, content=bytes(FIFTY_MB), headers=JSON)

    assert refused(answer, 413, "body_too_large")


async def test_an_endless_body_is_refused_before_its_end(real_client: httpx.AsyncClient) -> None:
    head = f"POST {BASE}/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    chunk = b"186a0\r\n" + b" " * 100_000 + b"\r\n"

    answer = await _raw(
        real_client, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 11
    )

    assert b" 413 " in answer.splitlines()[0]
    assert b'"body_too_large"' in answer


@pytest.mark.parametrize("length", ["-1", "9" * 400, "1, 2", "0x10"])
async def test_a_strange_length_is_refused(real_client: httpx.AsyncClient, length: str) -> None:
    head = f"POST {BASE}/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

    answer = await _raw(real_client, f"{head}Content-Length: {length}\r\n\r\n".encode())

    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 413"))
    assert (await real_client.get("/live")).status_code == 200


async def _raw(real_client: httpx.AsyncClient, said: bytes) -> bytes:
    """What the server answers to these bytes, although more may come."""
    reader, writer = await asyncio.open_connection(
        real_client.base_url.host, real_client.base_url.port
    )
    try:
        writer.write(said)
        head = await reader.readuntil(b"\r\n\r\n")
        return head + await reader.read(2_000)
    finally:
        writer.close()
