"""Which voice a run pins, and who speaks in it."""

from pathlib import Path

import pytest

from shared import installed, voices
from shared.engines import ESPEAK_VOICE, KOKORO_VOICE, voice_engine
from shared.runtime.settings import VoiceSettings
from shared.voice_choice import pinned_voice


@pytest.mark.parametrize(
    ("wanted", "there", "pinned"),
    [
        pytest.param("auto", True, "kokoro-1", id="the neural voice where it is installed"),
        pytest.param("auto", False, "espeak-1", id="espeak-ng where it is not"),
        pytest.param("espeak", True, "espeak-1", id="espeak-ng when it is asked for"),
        pytest.param("kokoro", False, "kokoro-1", id="a named one is never replaced in silence"),
        pytest.param("edge", True, "edge-1", id="an online one by name"),
        pytest.param("openai", False, "openai-1", id="a paid one by name"),
    ],
)
def test_a_run_pins_the_voice_that_settings_and_machine_name(
    wanted: str, *, there: bool, pinned: str
) -> None:
    assert voice_engine(wanted, kokoro=there) == pinned


def test_every_engine_has_a_default_speaker_in_both_languages() -> None:
    for engine in (ESPEAK_VOICE, KOKORO_VOICE):
        for language in voices.LANGUAGES:
            default = voices.find(engine, language, "default")
            assert default is not None
            assert default == voices.speakers(engine, language)[0]


def test_the_neural_voice_has_at_least_four_speakers_a_language_of_both_genders() -> None:
    for language in voices.LANGUAGES:
        found = voices.speakers(KOKORO_VOICE, language)
        assert len(found) >= 4
        assert {speaker.gender for speaker in found} == {"female", "male"}
        assert len({speaker.zh for speaker in found}) == len(found)
        assert all(speaker.name("zh-CN") and speaker.name("en") for speaker in found)


def test_a_speaker_of_another_language_or_engine_is_not_found() -> None:
    assert voices.find(KOKORO_VOICE, "zh-CN", "af_heart") is None
    assert voices.find(ESPEAK_VOICE, "zh-CN", "zf_xiaoxiao") is None
    assert voices.speakers("another-7", "en") == ()


def test_a_missing_or_cut_style_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOKORO_DIR", str(tmp_path))
    for speaker in voices.KOKORO[1:]:
        (tmp_path / f"{speaker.id}.bin").write_bytes(bytes(installed.STYLE_BYTES))
    (tmp_path / f"{voices.KOKORO[1].id}.bin").write_bytes(b"cut")

    assert installed.missing_of_kokoro() == [
        f"{voices.KOKORO[0].id}.bin",
        f"{voices.KOKORO[1].id}.bin",
    ]
    assert pinned_voice(VoiceSettings(voice="auto")) == ESPEAK_VOICE
