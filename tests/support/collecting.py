"""An artifact store whose objects grow old when a test says so, and the collector over it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from support.building import a_manifest
from support.driving import Driver
from support.http import client_of, parts_of

from api.app import application
from projector.collector.collector import Collector, Report
from shared.artifacts.inventory import Inventory
from shared.artifacts.store import ArtifactStore
from shared.messages.manifest import Manifest
from shared.store import collecting
from shared.store.engine import store_engine

FREE = "voice/" + "a" * 64


@dataclass(slots=True, kw_only=True)
class Place:
    """A store whose objects can be made to look old, a database, and an API on both."""

    engine: AsyncEngine
    artifacts: ArtifactStore
    inventory: Inventory
    driver: Driver
    root: Path

    async def orphan(self, body: bytes = b"sound", key: str = FREE) -> Manifest:
        """An artifact that no row knows."""
        blob = await self.artifacts.put_bytes(body, ".wav", "audio/wav")
        return await self.artifacts.commit(a_manifest(key, blobs={"audio": blob}))

    async def collect(self, **how: bool) -> Report:
        return await Collector(self.engine, self.inventory).collect(**how)

    async def pass_time(self, days: float) -> None:
        """As if all that lies there, and all marks, were older."""
        for file in (file for file in self.root.rglob("*") if file.is_file()):
            moment = file.stat().st_mtime - days * 86_400
            os.utime(file, (moment, moment))
        async with self.engine.begin() as conn:
            earlier = text("UPDATE unreferenced SET since = since - make_interval(secs => :s)")
            await conn.execute(earlier, {"s": days * 86_400})

    async def week(self) -> Report:
        """A mark, eight days, and the pass that may remove."""
        await self.collect()
        await self.pass_time(8)
        return await self.collect()

    async def paths(self) -> set[str]:
        found: set[str] = set()
        for folder in await self.inventory.folders():
            async for page in self.inventory.pages(folder):
                found |= {one.path for one in page}
        return found

    async def there(self, project: str) -> bool:
        """Whether everything that the project has made is in the store."""
        held = await self.driver.held(project)
        assert held.run is not None
        kept = collecting.kept_by(held.run)
        return kept <= await self.paths()


@asynccontextmanager
async def placed(database_url: str, folder: Path) -> AsyncIterator[Place]:
    """Over a folder: only there can a test move the clock."""
    url = f"file://{folder}/artifacts"
    engine = store_engine(database_url, pool=8, application="tests")
    artifacts = ArtifactStore.at(url)
    async with client_of(application(parts_of(engine, artifacts))) as client:
        yield Place(
            engine=engine,
            artifacts=artifacts,
            inventory=Inventory.at(url),
            driver=Driver(client, engine, artifacts),
            root=folder / "artifacts",
        )
    await engine.dispose()
