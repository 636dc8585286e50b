"""Commands and facts through a real broker and a real database, with quick stages in place of
heavy work.
"""

from pathlib import Path

import pytest
from support.quick import QuickStage
from support.system import running
from support.waiting import eventually

from shared.errors import StageError
from shared.state import ProjectStatus, RunKind
from shared.store import tables


@pytest.mark.req("R9")
async def test_a_project_goes_from_article_to_video(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with running(database_url, rabbitmq_url, tmp_path) as system:
        project_id = await system.create()
        await system.open(project_id, RunKind.SCRIPT)
        await eventually(lambda: _is(system, project_id, ProjectStatus.DRAFT, script=True))
        await system.open(project_id, RunKind.PRODUCTION)

        await eventually(lambda: _is(system, project_id, ProjectStatus.EDITING))

        project = await system.project(project_id)
        assert project.progress == 100
        assert project.video is not None
        assert {name: sum(stage.made.values()) for name, stage in system.stages.items()} == {
            "script": 1,
            "voice": 3,
            "visual": 0,
            "clip": 3,
            "assembly": 1,
        }


async def test_two_projectors_finishing_the_last_scenes_at_once_order_one_assembly(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with running(database_url, rabbitmq_url, tmp_path, projectors=2, scenes=2) as system:
        project_ids = [await system.create() for _ in range(8)]
        for project_id in project_ids:
            await system.open(project_id, RunKind.SCRIPT)
        for project_id in project_ids:
            await eventually(lambda p=project_id: _is(system, p, ProjectStatus.DRAFT, script=True))
        system.stages["clip"].gate.clear()
        for project_id in project_ids:
            await system.open(project_id, RunKind.PRODUCTION)
        await eventually(lambda: len(system.stages["clip"].entered) >= 2)

        system.stages["clip"].gate.set()

        for project_id in project_ids:
            await eventually(lambda p=project_id: _is(system, p, ProjectStatus.EDITING))
        orders = [
            row for row in await system.rows(tables.outbox) if row["type"] == "video.assemble.v1"
        ]
        assert len(orders) == len(project_ids)


async def test_a_stage_that_fails_for_good_fails_the_project_with_a_reason(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with running(database_url, rabbitmq_url, tmp_path) as system:
        system.stages["script"].failures.append(
            StageError("source_empty", "nothing to say", retryable=False)
        )
        project_id = await system.create()

        await system.open(project_id, RunKind.SCRIPT)

        await eventually(lambda: _is(system, project_id, ProjectStatus.FAILED))
        project = await system.project(project_id)
        assert project.error is not None
        assert project.error.code == "source_empty"


async def test_a_bug_in_a_stage_sends_its_command_to_the_dead_queue(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    async with running(database_url, rabbitmq_url, tmp_path) as system:
        stage: QuickStage = system.stages["script"]
        stage.failures.append(ZeroDivisionError("a bug"))
        project_id = await system.create()

        await system.open(project_id, RunKind.SCRIPT)

        await eventually(lambda: _dead(system, "script-worker.script.dead"))


async def _is(system, project_id, status: ProjectStatus, *, script: bool = False) -> bool:
    project = await system.project(project_id)
    return project.status is status and (not script or project.script_ready)


async def _dead(system, queue: str) -> bool:
    from shared.messaging.publisher import Publisher

    async with Publisher(system.rabbitmq_url, name="look") as look:
        return (await look.depth(queue))[0] == 1
