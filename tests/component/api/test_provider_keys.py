"""A wrong key is told before a run opens; a provider that is away or slow holds nobody up."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from support.driving import Driver, refused
from support.llm_server import GOOD_KEY, WRONG_KEY, llm_server
from support.speech_server import speech_server

from api.provider_keys import ASKING_S
from shared.runtime.settings import VoiceSettings, WriterSettings

Serve = Callable[..., AbstractAsyncContextManager[Driver]]


def model_at(url: str, key: str) -> WriterSettings:
    return WriterSettings(writer="custom", llm_model="m", llm_base_url=url, llm_api_key=key)


def speech_at(url: str, key: str) -> VoiceSettings:
    return VoiceSettings(voice="openai", openai_tts_base_url=url, openai_api_key=key)


async def test_a_writer_s_wrong_key_is_told_and_no_run_opens(serve: Serve) -> None:
    async with llm_server() as server, serve(writer=model_at(server.url, WRONG_KEY)) as driver:
        project = await driver.created()

        answer = await driver.post(f"/projects/{project}/script")
        at_once = await driver.post("/projects", {"topic": "海绵城市", "autoProduce": True})

        assert refused(answer, 409, "provider_key_refused")
        assert refused(at_once, 409, "provider_key_refused")
        assert "LLM_API_KEY" in answer.json()["detail"]
        assert WRONG_KEY not in answer.text
        assert await driver.rows("projects", "runs", "tasks", "outbox") == [1, 0, 0, 0]
        assert server.calls == []


async def test_a_good_key_opens_runs(serve: Serve) -> None:
    async with llm_server() as server, serve(writer=model_at(server.url, GOOD_KEY)) as driver:
        project = await driver.created()

        assert (await driver.post(f"/projects/{project}/script")).status_code == 202
        assert server.calls == []


async def test_a_run_that_is_open_already_is_answered_whatever_the_key(serve: Serve) -> None:
    async with serve() as earlier:
        project = await earlier.created()
        run = (await earlier.post(f"/projects/{project}/script")).json()["runId"]

    async with llm_server() as server, serve(writer=model_at(server.url, WRONG_KEY)) as driver:
        again = await driver.post(f"/projects/{project}/script")

        assert (again.status_code, again.json()["runId"]) == (202, run)


async def test_a_key_that_went_bad_is_told_before_a_retry_and_before_a_rewriting(
    serve: Serve,
) -> None:
    async with serve() as earlier:
        failed = await earlier.created()
        await earlier.post(f"/projects/{failed}/script")
        await earlier.fail(failed, "engine_unavailable")
        written = await earlier.with_script()
        before = await earlier.rows("runs", "tasks", "outbox")

    async with llm_server() as server, serve(writer=model_at(server.url, WRONG_KEY)) as driver:
        retry = await driver.post(f"/projects/{failed}/retry")
        rewriting = await driver.revise(written, kind="shorten")

        assert refused(retry, 409, "provider_key_refused")
        assert refused(rewriting, 409, "provider_key_refused")
        assert await driver.rows("runs", "tasks", "outbox") == before
        assert server.calls == []


async def test_a_voice_s_wrong_key_stops_what_needs_a_voice(serve: Serve) -> None:
    async with speech_server() as server, serve(voice=speech_at(server.url, "sk-no")) as driver:
        project = await driver.with_script()

        answer = await driver.post(f"/projects/{project}/production")
        at_once = await driver.post("/projects", {"topic": "海绵城市", "autoProduce": True})

        assert refused(answer, 409, "provider_key_refused")
        assert refused(at_once, 409, "provider_key_refused")
        assert "OPENAI_API_KEY" in answer.json()["detail"]
        assert await driver.rows("projects", "runs") == [1, 1]
        assert server.orders == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://127.0.0.1:99999/v1"])
async def test_a_provider_that_is_away_stops_nobody(serve: Serve, url: str) -> None:
    async with serve(writer=model_at(url, GOOD_KEY), voice=speech_at(url, GOOD_KEY)) as driver:
        await driver.with_video()


async def test_a_provider_that_does_not_answer_is_waited_for_two_seconds_and_once(
    serve: Serve,
) -> None:
    asked: list[float] = []
    ended = asyncio.Event()

    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(time.monotonic())
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server, serve(writer=model_at(url, GOOD_KEY)) as driver:
        one, two = await driver.created(), await driver.created()
        began = time.monotonic()
        first = await driver.post(f"/projects/{one}/script")
        took = time.monotonic() - began
        second = await driver.post(f"/projects/{two}/script")
        ended.set()

    assert (first.status_code, second.status_code) == (202, 202)
    assert len(asked) == 1
    assert ASKING_S <= took < 5, "a probe left alone gives up after five"
