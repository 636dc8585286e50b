"""Addresses of databases as providers hand them out: parameters understood, or refused by name."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import DBAPIError

from shared.runtime.settings import StoreSettings, read
from shared.store.engine import store_engine

ADDRESS = "postgresql://ann:a?b@db.example/reelay"
ENCRYPT = (8).to_bytes(4) + (80877103).to_bytes(4)  # how PostgreSQL's clients ask for TLS


@pytest.fixture
async def plain_server() -> AsyncIterator[tuple[str, list[bytes]]]:
    """The address of a server without encryption, and what it was told."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(8))
        if heard[-1] == ENCRYPT:
            writer.write(b"N")
            heard.append(await reader.read(8))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgresql://ann:secret@127.0.0.1:{port}/reelay", heard


async def connected(url: str) -> None:
    engine = store_engine(url, pool=1, application="tests")
    try:
        async with engine.connect():
            pass
    finally:
        await engine.dispose()


async def test_nothing_is_said_unencrypted_where_the_address_requires_encryption(
    plain_server: tuple[str, list[bytes]],
) -> None:
    url, heard = plain_server

    with pytest.raises(ConnectionError):
        await connected(f"{url}?sslmode=require")

    assert [said for said in heard if said] == [ENCRYPT]


async def test_encryption_is_not_asked_for_where_the_address_disables_it(
    plain_server: tuple[str, list[bytes]],
) -> None:
    url, heard = plain_server

    with pytest.raises(DBAPIError):
        await connected(f"{url}?sslmode=disable")

    assert ENCRYPT not in heard
    assert heard


@pytest.mark.parametrize("mode", ["disable", "prefer"])
async def test_a_database_is_reached_with_the_mode_of_its_address(
    postgres_server: str, mode: str
) -> None:
    await connected(f"{postgres_server}?sslmode={mode}")


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("sslmode=require&channel_binding=require&x", "unknown parameters .*: channel_binding, x$"),
        ("sslmode=required", "sslmode is one of disable, .*verify-full$"),
    ],
)
def test_a_wrong_parameter_of_the_address_ends_the_start_by_name(
    monkeypatch: pytest.MonkeyPatch, parameters: str, words: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{ADDRESS}?{parameters}")

    with pytest.raises(SystemExit, match=f"(?s)DATABASE_URL: .*{words}"):
        read(StoreSettings)


@pytest.mark.parametrize("parameters", ["", "?sslmode=verify-full", "?host=/run/postgresql"])
def test_a_known_parameter_of_the_address_is_taken(
    monkeypatch: pytest.MonkeyPatch, parameters: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", ADDRESS + parameters)

    assert read(StoreSettings).database_url == ADDRESS + parameters
