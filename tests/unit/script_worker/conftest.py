"""What the writer's tests share: one call, and the articles beside them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from script_worker.writers.offline import OfflineWriter
from script_worker.writers.port import Request
from shared.messages.commands import Article, Outline, Topic
from shared.messages.script import Script

FOLDER = Path(__file__).parent / "articles"
KINDS: dict[str, type[Article | Outline | Topic]] = {
    "article": Article,
    "outline": Outline,
    "topic": Topic,
}
Write = Callable[..., Awaitable[Script]]


@pytest.fixture(scope="session")
def task_id() -> UUID:
    return UUID("6f2f7c1e-8a53-4e0e-9d0a-2f6f6a4a0001")


@pytest.fixture(scope="session")
def article() -> Callable[[str], str]:
    """An article of the folder by its file name."""
    return lambda name: (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def write(task_id: UUID) -> Write:
    """``await write("article", text, language="en", seconds=60)`` → the script."""

    async def written(kind: str, text: str, **wish: Any) -> Script:
        seen: list[tuple[int, int]] = wish.get("calls", [])
        request = Request(
            task_id=task_id,
            source=KINDS[kind](text=text),
            title=wish.get("title"),
            language=wish.get("language", "zh-CN"),
            target_seconds=wish.get("seconds", 60),
        )
        done = await OfflineWriter().write(
            request, progress=lambda scene, scenes: seen.append((scene, scenes))
        )
        return done.script

    return written
