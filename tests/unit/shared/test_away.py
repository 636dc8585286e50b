"""What counts as a server that is away, so that one waits for it and gives nothing up."""

import errno

import asyncpg
import pytest
from obstore.exceptions import AlreadyExistsError, GenericError, InvalidPathError

from shared.artifacts import away
from shared.store import engine


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(GenericError("No space left on device"), id="full"),
        pytest.param(OSError(errno.EROFS, "read-only"), id="read-only"),
    ],
)
def test_an_artifact_store_that_takes_nothing_is_away(error: Exception) -> None:
    assert away.is_away(error)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(FileNotFoundError(errno.ENOENT, "not there"), id="not there"),
        pytest.param(AlreadyExistsError("there"), id="there already"),
        pytest.param(InvalidPathError("//"), id="a path of ours that is wrong"),
        pytest.param(ValueError("a bug"), id="a bug"),
    ],
)
def test_what_is_not_there_or_a_bug_is_nothing_to_wait_for(error: Exception) -> None:
    assert not away.is_away(error)


async def test_an_artifact_store_that_is_away_is_waited_for() -> None:
    answers = iter([GenericError("away"), "there"])

    async def look() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await away.patiently(look) == "there"


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DiskFullError,
        asyncpg.PostgresIOError,
        asyncpg.ReadOnlySQLTransactionError,
        asyncpg.InvalidPasswordError,
        asyncpg.InvalidCatalogNameError,
    ],
)
def test_a_database_that_can_take_no_row_now_is_away(error: type[Exception]) -> None:
    assert engine.is_away(error("not now"))
    assert engine.holds_up(error("not now"))


@pytest.mark.parametrize(
    "error",
    [asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError],
)
def test_a_database_that_is_not_upgraded_yet_holds_messages_up_and_is_not_away(
    error: type[Exception],
) -> None:
    assert engine.holds_up(error("not yet"))
    assert not engine.is_away(error("not yet"))


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UntranslatableCharacterError,
        asyncpg.NotNullViolationError,
        asyncpg.UniqueViolationError,
        asyncpg.PostgresSyntaxError,
    ],
)
def test_what_is_wrong_with_a_row_or_a_statement_is_nothing_to_wait_for(
    error: type[Exception],
) -> None:
    assert not engine.is_away(error("never"))
    assert not engine.holds_up(error("never"))
