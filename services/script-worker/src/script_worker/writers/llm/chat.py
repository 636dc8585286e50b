"""One streamed answer of a model: paid for once, kept, and told again from its receipt."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

import openai
import structlog
from openai.types.chat import ChatCompletionChunk

from script_worker.writers.llm.prompts import Messages
from shared.artifacts.away import patiently
from shared.artifacts.calls import CallFailedError, Charge, Clock, Reply, SystemClock, retried
from shared.artifacts.receipts import Attempt, Call, PaidCalls, Ticket
from shared.artifacts.store import ArtifactStore
from shared.openai_failures import failure_of, refused
from shared.runtime.settings import WriterSettings
from shared.writers import LlmTerms, llm_terms

_CONNECT_S: Final = 10.0
_UNASKED: Final = "-"  # the SDK wants a key even where the server wants none
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer. ``finish`` is the provider's reason, or "cut" when the stream broke off."""

    text: str
    finish: str
    cost: dict[str, float]


class _Hearing:
    """What came of a stream so far. ``began``: more than the answer's opening, if only reasoning,
    which costs as words do.
    """

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard
        self.began = False
        self.text = ""
        self.refusal = ""
        self.finish = ""
        self.cost: dict[str, float] = {"calls": 1}

    def take(self, chunk: ChatCompletionChunk) -> None:
        """Any of its parts may be missing or null: the SDK hands on what servers send."""
        if chunk.usage is not None:
            self.cost["input_tokens"] = chunk.usage.prompt_tokens or 0
            self.cost["output_tokens"] = chunk.usage.completion_tokens or 0
        for choice in chunk.choices or ():
            self.finish = choice.finish_reason or self.finish
            if not choice.delta:
                continue
            self.began |= any(said for name, said in choice.delta if name != "role")
            self.refusal += choice.delta.refusal or ""
            if choice.delta.content:
                self.text += choice.delta.content
                self._heard(choice.delta.content)


class Chat:
    """A model at a base URL. Where its calls cost money, each goes through a receipt."""

    def __init__(
        self, settings: WriterSettings, artifacts: ArtifactStore, clock: Clock | None = None
    ) -> None:
        self.terms: LlmTerms = llm_terms(settings)
        self._timeout_s = settings.llm_timeout_s
        free = not self.terms.charges or settings.llm_unanswered == "retry"
        self._unanswered = Charge.NO if free else Charge.UNKNOWN
        self._cut_off = Charge.UNKNOWN if self.terms.charges else Charge.NO
        self._artifacts = artifacts
        self._clock = clock or SystemClock()
        self._paid = PaidCalls(artifacts, self._clock)
        self._client = openai.AsyncOpenAI(
            api_key=settings.llm_api_key or _UNASKED,
            base_url=self.terms.base_url,
            timeout=openai.Timeout(settings.llm_idle_s, connect=_CONNECT_S),
            max_retries=0,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def say(
        self,
        messages: Messages,
        form: dict[str, Any],
        *,
        ticket: Ticket | None,
        heard: Callable[[str], None],
    ) -> Said:
        """The model's answer, ``heard`` piece by piece as it comes (not so when a receipt holds it
        already). Raises CallFailedError, or StageError as ``PaidCalls.once``.
        """

        async def make(_: Attempt | None) -> Reply:
            said = await self._streamed(messages, form, heard)
            body = json.dumps({"text": said.text, "finish": said.finish}, ensure_ascii=False)
            put = self._artifacts.put_bytes
            blob = await patiently(lambda: put(body.encode(), ".json", "application/json"))
            return Reply(blobs={"reply": blob}, cost=said.cost)

        if self.terms.charges:
            if ticket is None:
                raise ValueError("a call that costs money needs a ticket")
            reply = await self._paid.retried(ticket, Call(make=make))
        else:
            reply = await retried(lambda: make(None), self._clock)
        kept = json.loads(await self._artifacts.read(reply.blobs["reply"]))
        cost = reply.cost if self.terms.charges else {}
        return Said(text=kept["text"], finish=kept["finish"], cost=cost)

    async def _streamed(
        self, messages: Messages, form: dict[str, Any], heard: Callable[[str], None]
    ) -> Said:
        hearing, broken = _Hearing(heard), None
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._listen(hearing, messages, form)
        except (openai.OpenAIError, TimeoutError, json.JSONDecodeError) as error:
            broken = error
            if hearing.text:
                _log.warning("stream.cut", reason=type(error).__name__, heard=len(hearing.text))
                hearing.finish = "cut"
        if hearing.refusal or hearing.finish == "content_filter":
            raise refused(hearing.refusal or "content filter", hearing.cost)
        if not hearing.text:
            raise self._wordless(hearing, broken) from broken
        text = _whole(hearing.text)
        return Said(text=text, finish=hearing.finish or "cut", cost=hearing.cost)

    def _wordless(self, hearing: _Hearing, broken: Exception | None) -> CallFailedError:
        """Why there is no text. A model that reasons may spend all its tokens on that: an answer
        that came to its end without a word is charged like any other; where nothing is, the model
        is asked again.
        """
        stated = broken is None and "output_tokens" in hearing.cost
        if hearing.finish or stated:
            why = f"an answer without a word, ended by {hearing.finish or 'the provider'!r}"
            if not self.terms.charges:
                return failure_of(TimeoutError(why), unanswered=Charge.NO)
            return CallFailedError("reply_invalid", why, charge=Charge.YES, cost=hearing.cost)
        charge = self._cut_off if hearing.began else self._unanswered
        return failure_of(broken or TimeoutError("an answer without a word"), unanswered=charge)

    async def _listen(self, hearing: _Hearing, messages: Messages, form: dict[str, Any]) -> None:
        limit = {"max_tokens": self.terms.max_tokens} if self.terms.max_tokens else {}
        create: Any = self._client.chat.completions.create
        stream = await create(
            model=self.terms.model,
            messages=messages,
            response_format=form,
            stream=True,
            stream_options={"include_usage": True},
            **limit,
        )
        async with stream:
            async for chunk in stream:
                if isinstance(chunk, ChatCompletionChunk):
                    hearing.take(chunk)


def _whole(text: str) -> str:
    """Some servers cut an emoji in two: its halves joined, and a sign for a half without another,
    which no file takes.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
