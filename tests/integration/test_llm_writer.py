"""The language model's writer, against a server that speaks the protocol and fails as real ones
do.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.clocks import HastyClock
from support.llm_server import GOOD_KEY, SCENES, TITLE, WRONG_KEY, LlmServer, llm_server
from support.paying import a_ticket
from support.waiting import eventually

from script_worker.writers.llm.chat import Chat
from script_worker.writers.llm.writer import LlmWriter
from script_worker.writers.port import Request, Written
from shared.artifacts.calls import Clock, SystemClock
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError
from shared.messages.commands import Article, Outline, Topic
from shared.messages.script import scene_id
from shared.runtime.settings import WriterSettings

TASK = UUID("6f2f7c1e-8a53-4e0e-9d0a-2f6f6a4a0003")
ARTICLE = Article(text="城市里的雨水需要出路。草地和池塘会把它存起来，再慢慢放走。")


@pytest.fixture
async def server() -> AsyncGenerator[LlmServer, None]:
    async with llm_server() as served:
        yield served


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.at(f"file://{tmp_path}")


@pytest.fixture
def clock() -> HastyClock:
    return HastyClock()


@pytest.fixture
async def writer_of(
    server: LlmServer, store: ArtifactStore, clock: HastyClock
) -> AsyncGenerator[Callable[..., LlmWriter], None]:
    """``writer_of("busy,ok")`` → a writer whose calls meet that, one after the other."""
    chats: list[Chat] = []

    def made(model: str, clock: Clock = clock, **changes: Any) -> LlmWriter:
        values = {"writer": "custom", "llm_api_key": GOOD_KEY, "llm_base_url": server.url}
        chats.append(
            Chat(WriterSettings(**{**values, "llm_model": model, **changes}), store, clock)
        )
        return LlmWriter(chats[-1])

    yield made
    server.release()
    for chat in chats:
        await chat.__aexit__()


def a_request(**changes: Any) -> Request:
    values: dict[str, Any] = {
        "task_id": TASK,
        "source": ARTICLE,
        "title": None,
        "language": "zh-CN",
        "target_seconds": 60,
        "ticket": a_ticket(),
    }
    return Request(**{**values, **changes})


async def written(writer: LlmWriter, **changes: Any) -> Written:
    return await writer.write(a_request(**changes), progress=lambda *_: None)


async def failure(writer: LlmWriter, **changes: Any) -> StageError:
    with pytest.raises(StageError) as caught:
        await written(writer, **changes)
    return caught.value


async def test_a_script_is_asked_for_with_its_schema_and_every_wish(server, writer_of):
    done = await written(writer_of("ok"), style="轻松幽默", audience="小学生", title="雨水")

    call = server.calls[0]
    said = "\n".join(message["content"] for message in call["messages"])
    assert call["stream"] is True
    assert call["response_format"]["json_schema"]["strict"] is True
    assert all(wish in said for wish in ("轻松幽默", "小学生", "60 秒", "216 个字", ARTICLE.text))
    assert server.keys == [GOOD_KEY]
    assert done.script.title == "雨水"
    assert len(done.script.scenes) == SCENES
    assert [s.id for s in done.script.scenes] == [scene_id(TASK, n) for n in range(SCENES)]
    assert done.cost == {"calls": 1, "input_tokens": 1200, "output_tokens": 345}


@pytest.mark.parametrize("source", [Outline(text="# 雨\n- 草地"), Topic(text="雨水")])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_other_sources_and_json_mode_are_served_too(server, writer_of, source, language):
    done = await written(
        writer_of("ok", llm_format="json_object"), source=source, language=language
    )

    assert server.calls[0]["response_format"] == {"type": "json_object"}
    assert "additionalProperties" in server.calls[0]["messages"][0]["content"]
    assert done.script.title == TITLE


async def test_progress_is_told_for_each_scene_while_the_answer_still_streams(server, writer_of):
    told: list[tuple[int, int]] = []
    writing = asyncio.create_task(
        writer_of("gated").write(a_request(), progress=lambda n, of: told.append((n, of)))
    )

    await eventually(lambda: len(told) == 2)
    assert not writing.done()
    server.gate.set()
    await writing

    assert [n for n, _ in told] == [1, 2, 3, 4, 5, 6, 6]
    assert told[-1] == (6, 6)


async def test_a_slow_answer_is_waited_for(writer_of):
    done = await written(writer_of("slow", llm_idle_s=2))

    assert len(done.script.scenes) == SCENES


@pytest.mark.parametrize("around", ["ok", "fenced"])
async def test_what_stands_around_the_json_does_no_harm(server, writer_of, around):
    assert len((await written(writer_of(around))).script.scenes) == SCENES
    assert len(server.calls) == 1


@pytest.mark.parametrize("trouble", ["error", "overloaded", "dropped", "hang", "mute", "page"])
async def test_a_hiccup_is_tried_again(server, writer_of, trouble):
    done = await written(writer_of(f"{trouble},ok", llm_idle_s=0.4))

    assert len(done.script.scenes) == SCENES
    assert len(server.calls) == 2


async def test_too_many_requests_are_answered_by_the_pause_that_the_provider_wishes(
    server, writer_of, clock
):
    await written(writer_of("busy,busy,ok"))

    assert [pause for pause in clock.slept if pause not in {1, 5}] == [7, 7]
    assert len(server.calls) == 3


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("busy", "provider_busy"),
        ("error", "provider_unavailable"),
        ("hang", "provider_unavailable"),
    ],
)
async def test_trouble_that_stays_fails_in_a_way_that_may_pass_later(
    server, writer_of, trouble, code
):
    failed = await failure(writer_of(trouble, llm_idle_s=0.2))

    assert failed.code == code
    assert failed.retryable
    assert len(server.calls) == 4


async def test_a_provider_that_is_not_there_is_tried_again_and_explained(writer_of):
    failed = await failure(writer_of("ok", llm_base_url="http://127.0.0.1:9/v1"))

    assert (failed.code, failed.retryable) == ("provider_unavailable", True)


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        ("quota", "provider_quota_spent"),
        ("poor", "provider_quota_spent"),
        ("filtered", "prompt_refused"),
        ("refusal", "prompt_refused"),
        ("unknown-model", "provider_rejected"),
    ],
)
async def test_a_clear_no_is_told_at_once(server, writer_of, trouble, code):
    failed = await failure(writer_of(trouble))

    assert (failed.code, failed.retryable) == (code, False)
    assert len(server.calls) == 1


async def test_a_wrong_key_is_explained_without_being_repeated(server, writer_of):
    failed = await failure(writer_of("ok", llm_api_key=WRONG_KEY))

    assert (failed.code, failed.retryable) == ("provider_key_refused", False)
    assert WRONG_KEY not in failed.detail
    assert len(server.calls) == 1


async def test_a_corrected_key_may_call_again(server, writer_of):
    await failure(writer_of("ok", llm_api_key=WRONG_KEY))

    assert len((await written(writer_of("ok"))).script.scenes) == SCENES


@pytest.mark.parametrize("trouble", ["broken", "wrong", "prose", "short", "cut", "stalled", "long"])
async def test_an_unusable_answer_is_corrected_once(server, writer_of, trouble):
    done = await written(writer_of(f"{trouble},ok", llm_idle_s=0.4))

    assert len(done.script.scenes) == SCENES
    assert len(server.calls) == 2
    assert [m["role"] for m in server.calls[1]["messages"]] == [
        "system",
        "user",
        "assistant",
        "user",
    ]
    assert done.cost["calls"] == 2


async def test_a_second_unusable_answer_is_the_end_and_what_it_cost_is_told(server, writer_of):
    writer = writer_of("broken")

    failed = await failure(writer)
    again = await failure(writer)

    assert failed.code == again.code == "reply_invalid"
    assert not failed.retryable
    assert "'calls': 2" in failed.detail
    assert len(server.calls) == 2


async def test_a_script_that_stays_too_long_is_taken_after_one_correction(server, writer_of):
    done = await written(writer_of("long"))

    assert len(done.script.scenes) == 30
    assert len(server.calls) == 2


async def test_a_redelivery_pays_nothing_and_writes_the_same(server, writer_of):
    first = await written(writer_of("broken,ok"))
    again = await written(writer_of("error"))

    assert again == first
    assert len(server.calls) == 2


async def test_two_workers_on_one_task_pay_once(server, writer_of):
    one, two = await asyncio.gather(
        *(written(writer_of("slow", SystemClock())) for _ in ("one", "another"))
    )

    assert one == two
    assert len(server.calls) == 1


async def test_silence_may_be_left_to_the_user(server, writer_of):
    failed = await failure(writer_of("hang,ok", llm_idle_s=0.2, llm_unanswered="ask"))

    assert (failed.code, failed.retryable) == ("outcome_unknown", False)
    assert len(server.calls) == 1
    paid = a_ticket(authorisation=1)
    assert (await written(writer_of("ok", llm_unanswered="ask"), ticket=paid)).script


async def test_a_model_of_one_s_own_needs_no_receipts(server, writer_of, store, tmp_path):
    writer = writer_of("hang,stalled,ok", llm_idle_s=0.3, llm_charges=False, llm_api_key="")

    done = await written(writer, ticket=None)

    assert len(done.script.scenes) == SCENES
    assert len(server.calls) == 3
    assert done.cost == {}
    assert not (tmp_path / "receipt").exists()


async def test_a_call_takes_no_longer_than_its_limit(server, writer_of):
    failed = await failure(writer_of("hang", llm_timeout_s=0.2, llm_idle_s=60))

    assert failed.code == "provider_unavailable"


async def test_a_source_without_words_costs_nothing(server, writer_of):
    failed = await failure(writer_of("ok"), source=Article(text="。。。"))

    assert failed.code == "source_empty"
    assert server.calls == []
