"""A revision is an input of the script's key and travels in the command; without one, nothing
moves.
"""

from dataclasses import replace
from uuid import UUID

import pytest
from support.building import NOW, a_manifest, a_project, a_script, opened_script

from shared.artifacts.keys import script_key
from shared.commanding import command_of
from shared.engines import Engines
from shared.lifecycle import GENERATING
from shared.messages.commands import Revision, WriteScript
from shared.messages.manifest import Manifest
from shared.openings import open_script, opened
from shared.pipeline import finished
from shared.state import Options, ProjectStatus
from shared.weights import spoken_seconds

OUTCOME = opened_script(a_project(id=UUID(int=1)))
PROJECT, RUN = OUTCOME.project, OUTCOME.run
BASE = a_script(3, of=UUID(int=7))


def a_revision(**changes: object) -> Revision:
    values = {"base": BASE, "scene_id": BASE.scenes[1].id, "kind": "shorten", **changes}
    return Revision.model_validate(values)


def test_without_a_revision_the_key_is_what_it_always_was() -> None:
    run = replace(RUN, engines=Engines(writer="offline-1"), revise=None)

    assert script_key(PROJECT, run) == (
        "script/f640d5a2d0399f43df0b72db29142d99f8f7d3ac0590fb2b33f39831ede74a7c"
    )


def test_every_part_of_a_revision_is_in_the_key() -> None:
    revisions = [
        a_revision(),
        a_revision(kind="rewrite"),
        a_revision(text="shorter, please"),
        a_revision(scene_id=BASE.scenes[2].id),
        a_revision(base=BASE.model_copy(update={"title": "another"})),
    ]

    keys = {script_key(PROJECT, replace(RUN, revise=revise)) for revise in [None, *revisions]}

    assert len(keys) == len(revisions) + 1


def test_the_command_carries_it() -> None:
    task = replace(RUN.tasks[0], dispatch=1)

    command = command_of(PROJECT, replace(RUN, revise=a_revision()), task)

    assert isinstance(command, WriteScript)
    assert command.revise == a_revision()
    assert WriteScript.model_validate_json(command.model_dump_json()) == command


def test_a_revision_weighs_its_scene_and_a_retry_keeps_its_take() -> None:
    project = replace(PROJECT, script=BASE, take=4)
    revise = a_revision()

    fresh = open_script(project, UUID(int=3), Engines(), again=True, revise=revise)
    retried = open_script(project, UUID(int=4), Engines(), again=False, revise=revise)

    assert (fresh.take, retried.take) == (5, 4)
    assert fresh.tasks[0].weight == spoken_seconds(BASE.scenes[1].narration)


@pytest.mark.parametrize("video", [None, a_manifest()])
def test_a_revision_may_begin_wherever_nothing_runs_and_ends_by_whether_there_is_a_video(
    video: Manifest | None,
) -> None:
    options = Options(auto_produce=True)
    for status in set(ProjectStatus) - GENERATING:
        project = replace(PROJECT, status=status, script=BASE, video=video, options=options)
        run = open_script(project, UUID(int=3), Engines(), again=True, revise=a_revision())
        project = opened(project, run)

        outcome = finished(project, replace(run, script=BASE), NOW)

        assert project.status is ProjectStatus.GENERATING_SCRIPT
        ends = ProjectStatus.EDITING if video else ProjectStatus.DRAFT
        assert (outcome.project.status, outcome.then) == (ends, None)
