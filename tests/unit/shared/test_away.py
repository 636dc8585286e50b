"""What counts as a server that is away, so that one waits for it and gives nothing up."""

import errno

import asyncpg
import pytest
from obstore.exceptions import AlreadyExistsError, GenericError, InvalidPathError

from shared.artifacts import away
from shared.store import engine


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(GenericError("No space left on device"), True, id="full"),
        pytest.param(OSError(errno.EROFS, "read-only"), True, id="read-only"),
        pytest.param(FileNotFoundError(errno.ENOENT, "not there"), False, id="not there"),
        pytest.param(AlreadyExistsError("there"), False, id="there already"),
        pytest.param(InvalidPathError("//"), False, id="a path of ours that is wrong"),
        pytest.param(ValueError("a bug"), False, id="a bug"),
    ],
)
def test_an_artifact_store_that_takes_nothing_is_away_and_a_bug_is_not(
    error: Exception, said: bool
) -> None:
    assert away.is_away(error) is said


async def test_an_artifact_store_that_is_away_is_waited_for() -> None:
    answers = iter([GenericError("away"), "there"])

    async def look() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await away.patiently(look) == "there"


def test_a_database_whose_disk_is_full_is_away() -> None:
    assert engine.is_away(asyncpg.DiskFullError("could not extend file"))
