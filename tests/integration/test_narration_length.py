"""The writer plans by an estimate; the voice that really speaks must bear it out."""

from pathlib import Path
from uuid import uuid4

import pytest

from media_worker.render.port import planned_ms
from media_worker.speech.espeak import EspeakSpeech
from script_worker.writers.offline import OfflineWriter
from script_worker.writers.port import Request
from shared.messages.base import Language
from shared.messages.commands import Article

ARTICLES = Path(__file__).parents[1] / "unit" / "script_worker" / "articles"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("seconds", [30, 60, 90])
@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("tea.zh.txt", "zh-CN"),
        ("sleep.zh.txt", "zh-CN"),
        ("batteries.en.txt", "en"),
        ("gardens.en.txt", "en"),
    ],
)
async def test_a_video_is_as_long_as_was_wished(
    name: str, language: Language, seconds: int
) -> None:
    request = Request(
        task_id=uuid4(),
        source=Article(text=(ARTICLES / name).read_text()),
        title=None,
        language=language,
        target_seconds=seconds,
    )
    written = await OfflineWriter().write(request, progress=lambda _scene, _scenes: None)
    speech = EspeakSpeech()

    voices = [
        await speech.speak(scene.narration, language=language, speaker="default")
        for scene in written.script.scenes
    ]

    planned = planned_ms([voice.duration_ms for voice in voices]) / 1000
    assert abs(planned - seconds) <= seconds * (0.05 if seconds >= 60 else 0.1)
