"""``python -m projector.collect [--dry-run]``: one pass of the collector now, and what it saw."""

import argparse
import asyncio
import sys

from projector.collector.collector import Collector, Report
from shared.artifacts.inventory import Inventory
from shared.runtime.leaving import leave
from shared.runtime.settings import ArtifactSettings, StoreSettings, read
from shared.store.engine import store_engine


async def collected(*, dry: bool) -> Report:
    store, files = read(StoreSettings), read(ArtifactSettings)
    engine = store_engine(store.database_url, pool=3, application="collector")
    try:
        inventory = Inventory.at(files.artifacts_url, files)
        return await Collector(engine, inventory).collect(dry=dry)
    finally:
        await engine.dispose()


def told(report: Report, *, dry: bool) -> str:
    if not report.ran:
        return "Another process is collecting.\n"
    lines = [
        f"{report.seen} manifests and files; nothing refers to {report.unreferenced} of them,"
        f" {report.bytes / 1e6:.1f} MB.",
        f"{len(report.due)} {'would be' if dry else 'were'} removed" + (":" if report.due else "."),
        *(f"  {path}" for path in report.due),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Removes artifacts that nothing refers to")
    parser.add_argument("--dry-run", action="store_true", help="look, and change nothing")
    dry: bool = parser.parse_args().dry_run
    sys.stdout.write(told(asyncio.run(collected(dry=dry)), dry=dry))
    leave()


if __name__ == "__main__":
    main()
