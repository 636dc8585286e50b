"""The whole system as processes, for the tests that treat it as a user or as a fault does."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from local_stack.stack import Stack
from shared.artifacts.store import ArtifactStore
from shared.messages.manifest import Manifest
from shared.store import tables
from shared.store.engine import store_engine

ONE_OF_EACH = {
    "api": 1,
    "projector": 1,
    "script-worker": 1,
    "media-worker": 1,
    "notifier": 1,
}


class Inside:
    """What a test looks at from outside the services: the database and the artifact store."""

    def __init__(self, engine: AsyncEngine, artifacts: Path) -> None:
        self.engine = engine
        self._folder = artifacts
        self.artifacts = ArtifactStore.at(f"file://{artifacts}")

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        async with self.engine.connect() as conn:
            return [dict(row) for row in (await conn.execute(select(table))).mappings()]

    async def notices(self, project: str = "") -> list[str]:
        rows = await self.rows(tables.notices)
        return sorted(row["kind"] for row in rows if project in {"", str(row["project_id"])})

    async def manifests(self, stage: str, project: str = "") -> dict[int, Manifest]:
        """The finished artifacts of a stage by scene position; of one project where there are
        several.
        """
        rows = [
            row
            for row in await self.rows(tables.tasks)
            if row["stage"] == stage and project in {"", str(row["project_id"])}
        ]
        return {
            row["position"]: Manifest.model_validate(row["manifest"])
            for row in rows
            if row["manifest"]
        }

    async def unpublished(self) -> int:
        return sum(row["published_at"] is None for row in await self.rows(tables.outbox))


def artifacts_made(stack: Stack) -> Counter[str]:
    """How often its workers made each artifact, by key, as their logs say."""
    logs = "".join(log.read_text() for log in stack.logs.glob("*-worker*.log"))
    lines = (line for line in logs.splitlines() if "artifact.made" in line)
    return Counter(line.split('"key": "')[1].split('"')[0] for line in lines)


@asynccontextmanager
async def stacked(
    folder: Path,
    database_url: str,
    rabbitmq_url: str,
    *,
    replicas: dict[str, int] | None = None,
    env: dict[str, dict[str, str]] | None = None,
    modules: dict[str, str] | None = None,
) -> AsyncIterator[tuple[Stack, Inside]]:
    """A running stack on servers that the caller has; its logs are shown when the test fails.
    ``modules``: other programs in place of services' own.
    """
    stack = Stack(
        folder,
        database_url,
        rabbitmq_url,
        replicas={**ONE_OF_EACH, **(replicas or {})},
        env={**(env or {}), "api": {"VOICE": "espeak", **(env or {}).get("api", {})}},
        modules=modules,
    )
    engine = store_engine(database_url, pool=2, application="tests")
    try:
        await stack.start()
        await stack.wait_ready()
        yield stack, Inside(engine, folder / "artifacts")
    except BaseException:
        for log in sorted((folder / "logs").glob("*.log")):
            print(f"--- {log.name}\n{log.read_text(errors='replace')[-3_000:]}")  # noqa: T201
        raise
    finally:
        await engine.dispose()
        await stack.stop()
