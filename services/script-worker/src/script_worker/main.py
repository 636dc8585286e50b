"""``python -m script_worker.main``: reads settings, builds adapters, works."""

import asyncio

from script_worker.settings import ScriptSettings
from script_worker.stage import ScriptStage
from script_worker.writers.offline import OfflineWriter
from shared.messages.commands import WriteScript
from shared.runtime import service
from shared.runtime.settings import ProcessSettings, read
from shared.runtime.worker import StageSpec, work


async def main(process: ProcessSettings, stop: asyncio.Event) -> None:
    slots = read(ScriptSettings).script_slots
    await work(
        "script-worker",
        lambda artifacts: [
            StageSpec(
                name="script",
                command=WriteScript,
                stage=ScriptStage(OfflineWriter(), artifacts),
                slots=slots,
            )
        ],
        process,
        stop,
    )


if __name__ == "__main__":
    service.run("script-worker", main)
