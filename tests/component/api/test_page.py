"""The page beside the API: deep links, lasting files, headers; nothing of the API is taken away."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api import page

INDEX = b"<!doctype html><title>Reelay</title>"
SCRIPT = b"console.log('reelay')\n" * 50


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(INDEX)
    (tmp_path / "assets" / "index-abc.js").write_bytes(SCRIPT)
    app = FastAPI()

    @app.get("/api/video-creation/projects")
    async def projects() -> dict[str, bool]:
        return {"api": True}

    @app.get("/ready")
    async def ready() -> dict[str, bool]:
        return {"ready": True}

    page.install(app, tmp_path)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/create", "/projects/7f0c", "/no/such/page"])
async def test_every_link_opens_the_document_which_is_asked_for_anew(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.content == INDEX
    assert answer.headers["cache-control"] == "no-cache"
    again = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_files_with_a_hash_in_their_name_last_and_are_squeezed(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/assets/index-abc.js")

    assert answer.content == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    plain = await client.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == SCRIPT


async def test_no_script_from_elsewhere_and_none_in_the_document_may_run(
    client: httpx.AsyncClient,
) -> None:
    headers = (await client.get("/")).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/assets/none.js", "/../pyproject.toml", "/api/none", "/robots.txt"]
)
async def test_what_is_not_there_is_not_answered_with_the_document(
    client: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 404


async def test_the_api_answers_as_before(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/video-creation/projects")).json() == {"api": True}
    assert (await client.get("/ready")).json() == {"ready": True}
    assert (await client.post("/create")).status_code == 404


async def test_head_answers_without_a_body(client: httpx.AsyncClient) -> None:
    answer = await client.head("/")

    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 0
    assert answer.content == b""


async def test_without_a_built_page_the_api_stands_alone(tmp_path: Path) -> None:
    app = FastAPI()

    page.install(app, tmp_path)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        assert (await client.get("/")).status_code == 404
