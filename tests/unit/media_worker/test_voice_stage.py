"""The voice stage: the pinned engine speaks, with the user's speed, and its cost is kept."""

from pathlib import Path
from typing import Any

import pytest
from support.building import opened_production, task_of

from media_worker.speech.port import Spoken
from media_worker.voice import VoiceStage
from shared.artifacts.receipts import Ticket
from shared.artifacts.store import ArtifactStore
from shared.commanding import command_of
from shared.messages.manifest import Cue, Word

OUTCOME = opened_production(scenes=1)


class Voice:
    """Says everything in a second, and remembers how it was asked."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.asked: list[dict[str, Any]] = []

    async def speak(self, text: str, **how: Any) -> Spoken:
        self.asked.append({"text": text, **how})
        word = Word(start_ms=0, end_ms=1000, text=text)
        cue = Cue(start_ms=0, end_ms=1000, text=text, words=(word,))
        return Spoken(
            wav=self.engine.encode(), duration_ms=1000, cues=(cue,), cost={"characters": 3.0}
        )

    async def close(self) -> None:
        pass


class Unheard:
    def progress(self, percent: float) -> None:
        pass


async def made(tmp_path: Path, engine: str, **changes: Any) -> tuple[Any, Any, dict[str, Voice]]:
    voices = {name: Voice(name) for name in ("espeak-1", "kokoro-1")}
    artifacts = ArtifactStore.at(f"file://{tmp_path}")
    stage = VoiceStage(*voices.values(), artifacts=artifacts)
    from dataclasses import replace

    task = replace(task_of(OUTCOME.run, "voice", 0), dispatch=1)
    command = command_of(OUTCOME.project, OUTCOME.run, task)
    command = command.model_copy(update={"engine": engine, **changes})
    assert stage.engine == frozenset(voices)
    return command, await stage.make(command, Unheard()), voices  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", ["espeak-1", "kokoro-1"])
async def test_the_engine_that_the_run_pinned_speaks_and_no_other(
    tmp_path: Path, engine: str
) -> None:
    _, manifest, voices = await made(tmp_path, engine)

    assert manifest.engine == engine
    assert [name for name, voice in voices.items() if voice.asked] == [engine]


async def test_speed_speaker_and_ticket_reach_the_voice_and_words_and_cost_the_manifest(
    tmp_path: Path,
) -> None:
    command, manifest, voices = await made(
        tmp_path, "kokoro-1", speed=1.5, speaker="zm_yunxi", authorisation=2
    )

    assert voices["kokoro-1"].asked == [
        {
            "text": command.narration,
            "language": "zh-CN",
            "speaker": "zm_yunxi",
            "speed": 1.5,
            "ticket": Ticket.of(command),
        }
    ]
    assert manifest.cost == {"characters": 3.0}
    assert manifest.cues[0].words[0].text == command.narration
