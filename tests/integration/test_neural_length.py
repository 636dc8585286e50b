"""The writer plans by an estimate; the neural voice's default speakers must bear it out too."""

from pathlib import Path
from uuid import uuid4

import pytest

from media_worker.render.port import planned_ms
from media_worker.speech.kokoro.adapter import KokoroSpeech
from script_worker.writers.offline import OfflineWriter
from script_worker.writers.port import Request
from shared.messages.base import Language
from shared.messages.commands import Article

ARTICLES = Path(__file__).parents[1] / "unit" / "script_worker" / "articles"
SECONDS = 30


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("name", "language"), [("tea.zh.txt", "zh-CN"), ("gardens.en.txt", "en")])
async def test_a_video_is_as_long_as_was_wished_within_a_tenth(
    name: str, language: Language
) -> None:
    request = Request(
        task_id=uuid4(),
        source=Article(text=(ARTICLES / name).read_text()),
        title=None,
        language=language,
        target_seconds=SECONDS,
    )
    written = await OfflineWriter().write(request, progress=lambda _scene, _scenes: None)
    speech = KokoroSpeech(threads=2)

    voices = [
        await speech.speak(scene.narration, language=language, speaker="default")
        for scene in written.script.scenes
    ]
    await speech.close()

    planned = planned_ms([voice.duration_ms for voice in voices]) / 1000
    assert abs(planned - SECONDS) <= SECONDS / 10
