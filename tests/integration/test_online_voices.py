"""Voices on the network, against servers that speak their protocols, with all their moods."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from support.clocks import HastyClock
from support.edge_server import EdgeServer, edge_server
from support.online_voices import (
    ENGLISH,
    TEXT,
    a_ticket,
    assert_whole,
    edge_speech,
    known,
    openai_speech,
    said,
    settings,
)
from support.speech_server import SpeechServer, speech_server
from support.tones import tones

from media_worker.speech.cues import MOST_WIDTH, width
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError
from shared.provider_key import KeyRefusedError
from shared.runtime.settings import VoiceSettings
from shared.voice_choice import (
    VoiceNotConfiguredError,
    check_voice,
    check_voice_key,
    pinned_voice,
)

LONG = (
    "Rain gardens along the narrow streets of the old town let the whole city breathe again "
    "after the heavy thunderstorms of a summer that nobody had foreseen"
)
MARKS = "，。？,.? "


@pytest_asyncio.fixture
async def edge() -> AsyncIterator[EdgeServer]:
    async with edge_server() as server:
        yield server


@pytest_asyncio.fixture
async def openai() -> AsyncIterator[SpeechServer]:
    async with speech_server() as server:
        yield server


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.at(f"file://{tmp_path}")


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        pytest.param(TEXT, "(zh-CN, XiaoxiaoNeural)", id="Chinese"),
        pytest.param(ENGLISH, "(en-US, AriaNeural)", id="English"),
    ],
)
async def test_edge_tells_each_word_and_captions_agree_with_the_sound(
    edge: EdgeServer, text: str, speaker: str
) -> None:
    spoken = await said(edge_speech(edge), text)

    assert_whole(spoken, text)
    starts = {w.text.strip(MARKS): w.start_ms for cue in spoken.cues for w in cue.words}
    for word, at in known(text).items():
        assert abs(starts[word] - at) <= 60, word
    assert '"wordBoundaryEnabled":"true"' in edge.configs[0]
    assert speaker in edge.orders[0]


async def test_edge_is_told_the_speed(edge: EdgeServer) -> None:
    await said(edge_speech(edge), speed=1.25)

    assert "rate='+25%'" in edge.orders[0]


@pytest.mark.parametrize("mood", ["503", "429", "cut", "noise", "strange", "wordless"])
async def test_a_hiccup_of_edge_is_tried_again_within_seconds(edge: EdgeServer, mood: str) -> None:
    edge.moods = [mood, mood]
    clock = HastyClock()

    assert_whole(await said(edge_speech(edge, clock)))

    assert clock.slept == [1.0, 4.0]


async def test_edge_that_stays_away_is_a_failure_that_a_later_try_may_mend(
    edge: EdgeServer,
) -> None:
    edge.moods = ["503"] * 9

    with pytest.raises(StageError) as caught:
        await said(edge_speech(edge))

    assert (caught.value.code, caught.value.retryable) == ("provider_unavailable", True)
    assert len(edge.moods) == 5


async def test_edge_that_turns_us_away_is_not_asked_again_by_itself(edge: EdgeServer) -> None:
    edge.moods = ["403"] * 9

    with pytest.raises(StageError) as caught:
        await said(edge_speech(edge))

    assert (caught.value.code, caught.value.retryable) == ("provider_rejected", False)


async def test_edge_that_falls_silent_is_given_up_after_the_idle_time(edge: EdgeServer) -> None:
    edge.moods = ["silent"]

    assert_whole(await said(edge_speech(edge, idle_s=1)))


@pytest.mark.parametrize(
    ("text", "firsts"),
    [
        pytest.param(TEXT, ("雨", "AI", "你"), id="Chinese"),
        pytest.param(ENGLISH, ("Rain", "and", "Don't"), id="English"),
    ],
)
async def test_openai_s_words_are_spread_over_what_is_heard_and_pauses_agree(
    openai: SpeechServer, artifacts: ArtifactStore, text: str, firsts: tuple[str, ...]
) -> None:
    spoken = await said(openai_speech(openai, artifacts), text, ticket=a_ticket())

    assert_whole(spoken, text)
    starts = known(text)
    for cue, first in zip(spoken.cues, firsts, strict=True):
        assert abs(cue.start_ms - starts[first]) <= 60, cue.text
    assert spoken.cost == {"characters": float(len(text))}
    assert openai.orders == [
        {
            "model": "gpt-4o-mini-tts",
            "voice": "nova",
            "input": text,
            "response_format": "pcm",
            "speed": 1.0,
        }
    ]


async def test_english_words_get_time_by_their_sounds(
    openai: SpeechServer, artifacts: ArtifactStore
) -> None:
    spoken = await said(openai_speech(openai, artifacts), ENGLISH, ticket=a_ticket())

    words = [word for cue in spoken.cues for word in cue.words]
    took = {word.text.strip(MARKS): word.end_ms - word.start_ms for word in words}
    assert [word.text.strip() for word in words] == ENGLISH.split()
    assert took["gardens"] > took["city"] > took["the"] > 0
    heard = sum(length for _, _, length in tones(ENGLISH).words)
    assert abs(sum(took.values()) - heard) <= 60, "the pauses belong to no word"


@pytest.mark.parametrize("voice", ["edge", "openai"])
async def test_a_long_english_clause_is_captioned_in_whole_words_that_fit(
    edge: EdgeServer, openai: SpeechServer, artifacts: ArtifactStore, voice: str
) -> None:
    speech = edge_speech(edge) if voice == "edge" else openai_speech(openai, artifacts)

    spoken = await said(speech, LONG, ticket=a_ticket())

    assert_whole(spoken, LONG)
    assert len(spoken.cues) > 3
    assert max(width(cue.text) for cue in spoken.cues) <= MOST_WIDTH


async def test_the_same_task_pays_once_however_often_it_is_delivered(
    openai: SpeechServer, artifacts: ArtifactStore
) -> None:
    ticket = a_ticket()

    one, two = [await said(openai_speech(openai, artifacts), ticket=ticket) for _ in range(2)]

    assert one == two
    assert len(openai.orders) == 1


@pytest.mark.parametrize(
    ("sentence", "lengths"),
    [
        pytest.param("雨水花园。", [3_500, 100], id="Chinese"),
        pytest.param("Rain gardens let us breathe. ", [3_479, 115], id="English"),
    ],
)
async def test_a_long_text_is_bought_in_parts_each_with_its_receipt(
    openai: SpeechServer, artifacts: ArtifactStore, sentence: str, lengths: list[int]
) -> None:
    text = sentence * (3_600 // len(sentence))
    ticket = a_ticket()

    await said(openai_speech(openai, artifacts), text, ticket=ticket)
    await said(openai_speech(openai, artifacts), text, ticket=ticket)

    parts = [order["input"] for order in openai.orders]
    assert [len(part) for part in parts] == lengths
    assert all(part.endswith(sentence.strip()) for part in parts)


@pytest.mark.parametrize(
    ("mood", "slept"), [("busy", [2.0, 4.0]), ("down", [1.0, 4.0]), ("gateway", [1.0, 4.0])]
)
async def test_what_surely_cost_nothing_is_tried_again(
    openai: SpeechServer, artifacts: ArtifactStore, mood: str, slept: list[float]
) -> None:
    openai.moods = [mood, mood]
    clock = HastyClock()

    assert_whole(await said(openai_speech(openai, artifacts, clock), ticket=a_ticket()))

    assert [pause for pause in clock.slept if pause in slept] == slept
    assert len(openai.orders) == 3


@pytest.mark.parametrize(
    ("mood", "code"), [("spent", "provider_quota_spent"), ("refused", "provider_rejected")]
)
async def test_a_no_is_told_and_not_asked_for_again(
    openai: SpeechServer, artifacts: ArtifactStore, mood: str, code: str
) -> None:
    openai.moods = [mood] * 3

    with pytest.raises(StageError) as caught:
        await said(openai_speech(openai, artifacts), ticket=a_ticket())

    assert (caught.value.code, caught.value.retryable) == (code, False)
    assert len(openai.orders) == 1


@pytest.mark.parametrize("mood", ["cut", "stall", "hang", "page"])
async def test_a_call_of_unknown_outcome_is_never_paid_again_without_the_user_s_word(
    openai: SpeechServer, artifacts: ArtifactStore, mood: str
) -> None:
    openai.moods = [mood]
    speech = openai_speech(openai, artifacts, voice_idle_s=0.3)

    for _ in range(2):
        with pytest.raises(StageError) as caught:
            await said(speech, ticket=a_ticket())
        assert (caught.value.code, caught.value.retryable) == ("outcome_unknown", False)
    assert len(openai.orders) == 1

    assert_whole(await said(speech, ticket=a_ticket(authorisation=1)))
    assert len(openai.orders) == 2


async def test_a_provider_that_is_away_costs_nothing(artifacts: ArtifactStore) -> None:
    away = SpeechServer(url="http://127.0.0.1:9/v1")

    with pytest.raises(StageError) as caught:
        await said(openai_speech(away, artifacts), ticket=a_ticket())

    assert (caught.value.code, caught.value.retryable) == ("provider_unavailable", True)


async def test_a_wrong_key_is_told_by_the_call_too(
    openai: SpeechServer, artifacts: ArtifactStore
) -> None:
    with pytest.raises(StageError) as caught:
        await said(openai_speech(openai, artifacts, openai_api_key="sk-bad"), ticket=a_ticket())

    assert (caught.value.code, caught.value.retryable) == ("provider_key_refused", False)
    assert "sk-bad" not in caught.value.detail


async def test_a_missing_or_wrong_key_is_known_before_a_run_and_costs_nothing(
    openai: SpeechServer,
) -> None:
    with pytest.raises(VoiceNotConfiguredError, match="OPENAI_API_KEY"):
        check_voice(settings(openai, openai_api_key=""))
    with pytest.raises(KeyRefusedError) as caught:
        await check_voice_key(settings(openai, openai_api_key="sk-bad"))
    await check_voice_key(settings(openai))
    await check_voice_key(settings(SpeechServer(url="http://127.0.0.1:9/v1")))

    assert "sk-bad" not in caught.value.detail
    assert "sk-bad" not in repr(settings(openai, openai_api_key="sk-bad"))
    assert openai.orders == []


def test_another_model_or_server_is_another_engine() -> None:
    usual = VoiceSettings(voice="openai", openai_api_key="k")
    own = usual.model_copy(update={"openai_tts_base_url": "http://speech.example:8000/v1"})

    assert pinned_voice(usual) == "openai-1:gpt-4o-mini-tts"
    assert pinned_voice(own) == "openai-1:speech.example:8000/gpt-4o-mini-tts"
