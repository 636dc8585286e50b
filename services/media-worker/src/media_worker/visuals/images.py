"""Pictures of any provider that speaks the OpenAI protocol (``POST /images/generations``)."""

import asyncio
import base64
import binascii
import json
from pathlib import Path
from typing import Any, Final

import httpx2
import openai
from openai.types import ImagesResponse

from media_worker.visuals.anew import Anew, unreadable
from media_worker.visuals.fetching import fetched
from media_worker.visuals.port import Made, Order, Progress
from media_worker.workspace import workspace
from shared.artifacts.away import patiently
from shared.artifacts.calls import Charge, Clock, Reply, SystemClock
from shared.artifacts.receipts import Attempt, Call, PaidCalls
from shared.artifacts.store import ArtifactStore
from shared.makers import image_terms
from shared.openai_failures import failure_of, refused
from shared.runtime import fail_points
from shared.runtime.settings import ImageSettings

_CONNECT_S: Final = 10.0
_UNASKED: Final = "-"  # the SDK wants a key even where the server wants none
_USUAL_S: Final = 20.0
_COST: Final = {"images": 1.0}


class ImageMaker:
    """An answer holds the picture itself, or says where it lies; the place is kept as the call's
    job, so that a picture that was paid for can be fetched by another worker.
    """

    def __init__(
        self, settings: ImageSettings, artifacts: ArtifactStore, clock: Clock | None = None
    ) -> None:
        self._terms = image_terms(settings)
        self.engine = self._terms.engine
        self._timeout_s = settings.image_timeout_s
        self._artifacts = artifacts
        self._clock = clock or SystemClock()
        self._paid = PaidCalls(artifacts, self._clock)
        self._anew = Anew()
        times = httpx2.Timeout(settings.image_timeout_s, connect=_CONNECT_S)
        self._fetching = httpx2.AsyncClient(timeout=times)
        self._client = openai.AsyncOpenAI(
            api_key=settings.image_api_key or _UNASKED,
            base_url=self._terms.base_url,
            timeout=times,
            max_retries=0,
        )

    async def close(self) -> None:
        await self._client.close()
        await self._fetching.aclose()

    async def make(self, order: Order, *, folder: Path, progress: Progress) -> Made:
        async def make(attempt: Attempt) -> Reply:
            answer = await self._asked(order)
            return await self._kept(answer, attempt)

        telling = asyncio.create_task(_passing(progress))
        try:
            reply = await self._paid.retried(order.ticket, Call(make=make, attach=self._fetched))
        finally:
            telling.cancel()
        blob = reply.blobs["image"]
        source = await self._artifacts.local_file(blob, folder)
        return await self._anew.picture(source, folder, reply.cost)

    async def _asked(self, order: Order) -> ImagesResponse:
        """The one place that costs money. Silence after sending may have been charged."""
        size = self._terms.sizes.get(order.aspect)
        generate: Any = self._client.images.generate
        try:
            async with asyncio.timeout(self._timeout_s):
                return await generate(
                    model=self._terms.model,
                    prompt=order.prompt,
                    n=1,
                    **({"size": size} if size else {}),
                )
        except (openai.OpenAIError, TimeoutError, json.JSONDecodeError) as error:
            raise failure_of(error, unanswered=Charge.UNKNOWN) from error

    async def _kept(self, answer: ImagesResponse, attempt: Attempt) -> Reply:
        fail_points.reached("visual.sent")
        found = answer.data[0] if isinstance(answer, ImagesResponse) and answer.data else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if found is not None and found.b64_json:
            return await self._stored(_bytes(found.b64_json), _cost(answer))
        if found is not None and found.url:
            await attempt.job(found.url)
            fail_points.reached("visual.noted")
            return await self._fetched(found.url)
        if found is not None and found.revised_prompt:
            raise refused(found.revised_prompt, dict(_COST))
        raise unreadable("an answer without a picture", dict(_COST))

    async def _fetched(self, url: str) -> Reply:
        with workspace() as folder:
            file = folder / "picture.bin"
            await fetched(self._fetching, url, file, self._clock)
            fail_points.reached("visual.fetched")
            return await self._stored(file.read_bytes(), dict(_COST))

    async def _stored(self, body: bytes, cost: dict[str, float]) -> Reply:
        if not body:
            raise unreadable("an empty picture", cost)
        put = self._artifacts.put_bytes
        blob = await patiently(lambda: put(body, ".bin", "application/octet-stream"))
        return Reply(blobs={"image": blob}, cost=cost)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise unreadable("a picture that is no base64", dict(_COST)) from None


def _cost(answer: ImagesResponse) -> dict[str, float]:
    if answer.usage is None:
        return dict(_COST)
    return {
        **_COST,
        "input_tokens": float(answer.usage.input_tokens or 0),  # the SDK hands on what is missing
        "output_tokens": float(answer.usage.output_tokens or 0),
    }


async def _passing(progress: Progress) -> None:
    """A share of the usual time: the provider tells nothing before the end."""
    for second in range(1, 1_000):
        await asyncio.sleep(1)
        progress(second / (second + _USUAL_S))
