"""Programs that browser tests need are there before any test's time runs."""

import pytest
from support.chromium import chromium
from support.node import prepare

_BROWSER = pytest.StashKey[str]()


def pytest_collection_finish(session: pytest.Session) -> None:
    wanted = any("browser" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        prepare()
        session.config.stash[_BROWSER] = chromium()


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> str:
    """The program of a browser."""
    return pytestconfig.stash[_BROWSER]
