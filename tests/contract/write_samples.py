"""Writes the stored sample of every message type that has none yet. Existing samples are never
touched.

Run with ``python tests/contract/write_samples.py`` after adding a message type.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import building

from shared.asking import preview_command, sample_command
from shared.commanding import command_of
from shared.engines import KOKORO_VOICE, Engines
from shared.messages.base import FactMeta, Frozen, Meta
from shared.messages.catalog import CATALOG
from shared.messages.facts import FactBatch, Note, TaskFailed, TaskProgressed, TaskStarted
from shared.messages.milestones import (
    ProjectCompleted,
    RunCancelled,
    RunFailed,
    ScriptReady,
    VideoReady,
)
from shared.messages.script import (
    Bar,
    BarsCard,
    ListCard,
    NumberCard,
    QuoteCard,
    Scene,
    Script,
    StepsCard,
    TitleCard,
)
from shared.messages.updates import ProjectChange, ProjectsChanged
from shared.pipeline import key_of
from shared.state import TaskState
from shared.store.outbox import stop_message
from shared.voices import KOKORO

ASKED = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER = Path(__file__).parent / "samples"
CARDS = (
    TitleCard(subtitle="雨水去哪儿了"),
    ListCard(items=("透水铺装", "雨水花园")),
    NumberCard(value="40%", label="地表径流减少"),
    BarsCard(bars=(Bar(label="改造前", value=72), Bar(label="改造后", value=10)), unit="小时"),
    QuoteCard(text="让土地自己把水吸进去。", source="一位规划师"),
    StepsCard(items=("渗", "滞", "蓄")),
)


def samples() -> dict[str, Frozen]:
    script = Script(
        title="海绵城市",
        scenes=tuple(
            Scene(
                id=UUID(int=number + 1),
                narration=f"第{number + 1}段。",
                heading=card.kind,
                card=card,
            )
            for number, card in enumerate(CARDS)
        ),
    )
    project = building.a_project(script=script, script_version=1, take=1)
    found: dict[str, Frozen] = {}
    written = building.opened_script(building.a_project())
    produced = building.opened_production(project)
    tasks = [
        (written, written.run.tasks[0]),
        *(
            (produced, building.task_of(produced.run, stage, place))
            for stage, place in (("voice", 0), ("clip", 3))
        ),
        (produced, produced.run.tasks[-1]),
    ]
    for outcome, task in tasks:
        run = outcome.run
        done = tuple(
            replace(t, state=TaskState.DONE, manifest=building.a_manifest())
            if t.stage in {"voice", "clip"}
            else t
            for t in run.tasks
        )
        run = replace(run, tasks=done)
        ordered = replace(task, dispatch=1, spec_hash=key_of(outcome.project, run, task))
        found_command = command_of(outcome.project, run, ordered)
        found[found_command.type] = found_command
        fact = building.result(outcome.project, run, ordered, script=script)
        found[fact.type] = fact
    meta = FactMeta.model_validate(found["voice.recorded.v1"].meta.model_dump())
    plain = Meta.model_validate(meta.model_dump())
    started = TaskStarted(meta=meta)
    for message in (
        started,
        TaskProgressed(
            meta=meta, percent=42.5, note=Note(code="script_writing", params={"scene": 2})
        ),
        TaskFailed(meta=meta, code="voice_failed", detail="no sound", retryable=True),
        FactBatch(facts=(started.model_dump(mode="json"),)),
        ScriptReady(meta=plain, title="海绵城市", scenes=6),
        VideoReady(meta=plain, title="海绵城市", duration_ms=61_000),
        ProjectCompleted(meta=plain, title="海绵城市"),
        RunFailed(meta=plain, title="海绵城市", code="worker_lost", kind="production"),
        RunCancelled(meta=plain, title="海绵城市", kind="production"),
        stop_message(RunCancelled(meta=plain, title="海绵城市", kind="production")),
        preview_command(project, script.scenes[1], Engines(), ASKED, recorded=False),
        sample_command("ann", KOKORO_VOICE, KOKORO[0], 1.2, ASKED),
        ProjectsChanged(changes=(ProjectChange(project_id=plain.project_id, user_id="ann"),)),
    ):
        found[message.type] = message
    return found


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for kind, message in samples().items():
        if kind not in CATALOG:
            raise SystemExit(f"{kind} is not in the catalog")
        path = FOLDER / f"{kind}.json"
        if not path.exists():
            path.write_text(message.model_dump_json(indent=2) + "\n")
            sys.stdout.write(f"written: {path.name} ({datetime.now(UTC):%Y-%m-%d})\n")


if __name__ == "__main__":
    main()
