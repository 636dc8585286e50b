"""A link that breaks in the middle of work."""

from pathlib import Path
from urllib.parse import urlsplit

from support.proxy import proxied
from support.system import running
from support.waiting import eventually

from shared.state import ProjectStatus, RunKind


async def test_a_job_outlives_its_connection_and_the_redelivery_joins_it(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    address = urlsplit(rabbitmq_url)
    async with proxied(address.hostname or "", address.port or 5672) as proxy:
        through = rabbitmq_url.replace(f":{address.port}", f":{proxy.port}")
        async with running(database_url, through, tmp_path) as system:
            script = system.stages["script"]
            script.gate.clear()
            project_id = await system.create()
            await system.open(project_id, RunKind.SCRIPT)
            await eventually(lambda: script.entered)

            assert proxy.cut() > 0
            await eventually(lambda: _joined(system, project_id), within=15)
            script.gate.set()

            await eventually(lambda: _ready(system, project_id), within=15)
            assert sum(script.entered.values()) == 1


async def _joined(system, project_id) -> bool:
    """A sign of life that bears the redelivery's number: the job knows of it, and still runs."""
    run = (await system.held(project_id)).run
    return run is not None and run.tasks[0].delivery >= 1


async def _ready(system, project_id) -> bool:
    project = await system.project(project_id)
    return project.status is ProjectStatus.DRAFT and project.script_ready
