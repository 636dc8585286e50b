"""The neural voice itself: real model, real sound, captions where the words are heard."""

import asyncio
import io
import os
import signal
import wave
from collections.abc import AsyncIterator

import numpy as np
import psutil
import pytest
import pytest_asyncio
from support.silence import begins_and_ends, near, silences, unheard, unmarked
from support.waiting import eventually

from media_worker.render.captions import timed
from media_worker.speech.kokoro.adapter import KokoroSpeech
from media_worker.speech.loudness import frames
from media_worker.speech.port import Spoken
from shared import voices
from shared.errors import StageError
from shared.installed import missing_of_kokoro
from shared.messages.base import Language

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]
PHONE = "138-1234-5678"
CHINESE = f"2026年，AI视频的成本下降了85%。银行行长说：“这条路很长！”请拨打{PHONE}。"
ENGLISH = "In 2026, AI is changing how we make videos. It costs $3.50, or 40% less than before."
BRACKETS = "雨水花园（也叫生物滞留池）是一块浅洼地。它留住雨水——慢慢渗进土里。"
DASHES = (
    "Rain gardens (some call them swales) hold the water — and they clean it. Then it sinks in."
)
TEXTS: list[tuple[Language, str]] = [("zh-CN", CHINESE), ("en", ENGLISH)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def speech() -> AsyncIterator[KokoroSpeech]:
    assert missing_of_kokoro() == []
    voice = KokoroSpeech(threads=2)
    yield voice
    await voice.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def narrated(speech: KokoroSpeech) -> dict[str, Spoken]:
    """Both texts, spoken once for all that only looks at them."""
    return {
        text: await speech.speak(text, language=language, speaker="default")
        for language, text in TEXTS
    }


def samples(spoken: Spoken) -> tuple[np.ndarray, int]:
    with wave.open(io.BytesIO(spoken.wav)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        body = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        return body.astype(np.float32) / 32768, sound.getframerate()


@pytest.mark.parametrize("text", [CHINESE, ENGLISH], ids=["zh-CN", "en"])
async def test_captions_hold_the_whole_text_and_their_words_are_heard_when_they_say(
    narrated: dict[str, Spoken], text: str
) -> None:
    spoken = narrated[text]

    sound, rate = samples(spoken)
    assert abs(len(sound) / rate * 1000 - spoken.duration_ms) <= 1
    shown = "".join(cue.text for cue in spoken.cues)
    assert "".join(shown.split()) == "".join(text.split())
    times = [t for cue in spoken.cues for word in cue.words for t in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert times[-1] <= spoken.duration_ms
    for cue in spoken.cues:
        assert "".join(word.text for word in cue.words) == cue.text
        assert (cue.start_ms, cue.end_ms) == (cue.words[0].start_ms, cue.words[-1].end_ms)


@pytest.mark.parametrize(
    ("language", "speaker", "speed"),
    [
        ("zh-CN", "default", 1.0),
        ("zh-CN", "zf_xiaoyi", 0.8),
        ("zh-CN", "zm_yunxi", 1.5),
        ("en", "default", 1.0),
        ("en", "am_michael", 0.8),
        ("en", "af_bella", 1.5),
    ],
)
async def test_captions_and_sound_agree_to_sixty_milliseconds(
    speech: KokoroSpeech, language: Language, speaker: str, speed: float
) -> None:
    """The captions begin and end with the speech, each pause between two of them lies where the
    sound is silent, and whenever it goes on a word is lit.
    """
    spoken = await speech.speak(
        dict(TEXTS)[language], language=language, speaker=speaker, speed=speed
    )

    assert len(spoken.cues) >= 3
    sound, rate = samples(spoken)
    quiet, (begin, end) = silences(sound, rate), begins_and_ends(sound, rate)
    captions = [(cue.start_ms, cue.end_ms) for cue in spoken.cues]
    assert near(captions[0][0], begin)
    assert near(captions[-1][1], end)
    assert unheard(captions, quiet) == []
    grouped = [(w.start_ms, w.end_ms) for cue in spoken.cues for w in cue.words if PHONE in w.text]
    between = [(a, b) for a, b in quiet if not any(x < a and b < y for x, y in grouped)]
    assert unmarked(lit(spoken), between, (begin, end)) == [], "a phone number is one word"


@pytest.mark.parametrize(("language", "text"), [("zh-CN", BRACKETS), ("en", DASHES)])
async def test_a_word_behind_a_pause_within_a_caption_is_lit_when_it_is_heard(
    speech: KokoroSpeech, language: Language, text: str
) -> None:
    spoken = await speech.speak(text, language=language, speaker="default", speed=0.8)

    sound, rate = samples(spoken)
    quiet, inside = silences(sound, rate), begins_and_ends(sound, rate)
    assert any(cue.start_ms < a and b < cue.end_ms for a, b in quiet for cue in spoken.cues)
    words = [(word.start_ms, word.end_ms) for cue in spoken.cues for word in cue.words]
    assert unheard(words, quiet, least=150) == []
    assert unmarked(lit(spoken), quiet, inside, least=150) == []


def lit(spoken: Spoken) -> list[int]:
    """When each stretch of the highlighted captions is lit."""
    return [start for cue in spoken.cues for start in timed(cue).starts]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_speaker_sounds_sane(speech: KokoroSpeech, language: Language) -> None:
    text = "雨水花园让城市呼吸，也让街道凉快。" if language == "zh-CN" else "Rain gardens cool us."
    pitches: dict[str, bytes] = {}
    for speaker in voices.speakers(speech.engine, language):
        spoken = await speech.speak(text, language=language, speaker=speaker.id)

        sound, rate = samples(spoken)
        level = frames(sound, rate)
        loud = level[level > 0.006]
        assert np.abs(sound).max() <= 0.96, speaker.id
        assert -23 < 20 * np.log10(np.sqrt((loud**2).mean())) < -17, speaker.id
        assert all(b - a < 1000 for a, b in silences(sound, rate)), speaker.id
        pitches[speaker.id] = spoken.wav
    assert len(set(pitches.values())) == len(pitches) >= 4


async def test_the_same_text_is_the_same_sound(speech: KokoroSpeech) -> None:
    one, two = [
        await speech.speak("雨水花园让城市呼吸。", language="zh-CN", speaker="zm_yunxi")
        for _ in range(2)
    ]

    assert one == two


async def test_speed_shortens_the_sound_in_proportion(
    speech: KokoroSpeech, narrated: dict[str, Spoken]
) -> None:
    fast = await speech.speak(ENGLISH, language="en", speaker="default", speed=1.5)

    assert narrated[ENGLISH].duration_ms / fast.duration_ms == pytest.approx(1.5, rel=0.12)


async def test_the_default_speaker_is_the_first_of_the_language(speech: KokoroSpeech) -> None:
    named, default = [
        await speech.speak("Hello there, my friend.", language="en", speaker=name)
        for name in ("af_heart", "default")
    ]

    assert named == default


@pytest.mark.parametrize("text", ["，。", "🙂", "…"])
async def test_text_that_can_not_be_spoken_is_explained(speech: KokoroSpeech, text: str) -> None:
    with pytest.raises(StageError, match="spoken") as caught:
        await speech.speak(text, language="zh-CN", speaker="default")

    assert not caught.value.retryable


async def test_a_speaker_of_another_language_or_none_is_refused(speech: KokoroSpeech) -> None:
    for speaker in ("af_heart", "nobody"):
        with pytest.raises(StageError, match="no speaker") as caught:
            await speech.speak("你好。", language="zh-CN", speaker=speaker)

        assert caught.value.code == "engine_unavailable"


async def test_a_killed_process_is_a_hiccup_and_the_next_text_is_spoken(
    speech: KokoroSpeech,
) -> None:
    await speech.speak("你好，朋友。", language="zh-CN", speaker="default")
    pid = speech._servant.pid
    assert pid is not None

    speaking = asyncio.create_task(speech.speak(CHINESE * 3, language="zh-CN", speaker="default"))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)

    with pytest.raises(StageError) as caught:
        await speaking
    assert caught.value.retryable
    again = await speech.speak("你好，朋友。", language="zh-CN", speaker="default")
    assert again.duration_ms > 500


async def test_a_cancelled_text_takes_its_process_along(speech: KokoroSpeech) -> None:
    await speech.speak("你好，朋友。", language="zh-CN", speaker="default")
    pid = speech._servant.pid
    assert pid is not None

    speaking = asyncio.create_task(speech.speak(CHINESE * 5, language="zh-CN", speaker="default"))
    await eventually(speech._servant._turn.locked)
    speaking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await speaking

    await eventually(lambda: not psutil.pid_exists(pid))
