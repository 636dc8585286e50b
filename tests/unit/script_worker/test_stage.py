"""What the stage tells while it works."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from support.building import a_project, a_script, opened_script
from support.heard import Heard

from script_worker.stage import ScriptStage
from script_worker.writers.offline import OfflineWriter
from shared.artifacts.store import ArtifactStore
from shared.commanding import command_of
from shared.messages.commands import Revision, WriteScript
from shared.messages.facts import TaskProgressed
from shared.runtime.work import Report

BASE = a_script(3, of=UUID(int=7))
OUTCOME = opened_script(a_project())


async def test_a_revision_tells_the_scenes_own_number(tmp_path: Path) -> None:
    told = Heard()
    last = BASE.scenes[2].model_copy(update={"narration": "雨水先存起来。然后慢慢放走。"})
    base = BASE.model_copy(update={"scenes": (*BASE.scenes[:2], last)})
    revise = Revision(base=base, scene_id=last.id, kind="shorten")
    run = replace(OUTCOME.run, revise=revise)
    command = command_of(OUTCOME.project, run, replace(run.tasks[0], dispatch=1))
    assert isinstance(command, WriteScript)
    stage = ScriptStage([OfflineWriter()], ArtifactStore.at(f"file://{tmp_path}"))

    await stage.make(command, Report(command, told))

    notes = [fact.note for fact in told.facts if isinstance(fact, TaskProgressed) and fact.note]
    assert [note.params["scene"] for note in notes if note.code == "script_writing"] == [3]
