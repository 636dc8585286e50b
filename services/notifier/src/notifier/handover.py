"""Finished videos, put where their owner wants them and announced by webhook: at least once, under
one id.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import httpx
import structlog
from obstore.exceptions import BaseError

from notifier.deliveries import LEASE_S, Deliveries, Delivery
from notifier.settings import HandoverSettings
from notifier.webhook import Handed, body_of, headers_of, meaning, pause_after
from shared.artifacts.places import place, put_stream
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactMissingError
from shared.messages.manifest import Blob, Manifest
from shared.store.engine import is_away

LOOK_S: Final = 5.0
ANSWER_S: Final = 20.0
_NAMES: Final = {
    "video": "video.mp4",
    "cover": "cover.jpg",
    "srt": "captions.srt",
    "vtt": "captions.vtt",
}
_log = structlog.get_logger()


class Handover:
    """``pause_after`` decides when a failed attempt is followed by the next; a receiver has
    ``answer_s`` to answer.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        artifacts: ArtifactStore,
        settings: HandoverSettings,
        *,
        pause_after: Callable[[int, str | None], float | None] = pause_after,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._deliveries = deliveries
        self._artifacts = artifacts
        self._settings = settings
        self._place = place(settings.handover_url, settings)
        self._pause_after = pause_after
        self._answer_s = answer_s
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Something new is owed."""
        self._awake.set()

    async def run(self) -> None:
        while True:
            self._awake.clear()
            try:
                while await self.sweep():
                    pass
            except Exception as error:
                if not is_away(error):
                    raise
                _log.warning("handover.held", reason=repr(error))
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._awake.wait()
            except TimeoutError:
                pass

    async def sweep(self) -> bool:
        """One attempt at the next that is due; False when none is."""
        delivery = await self._deliveries.claim()
        if delivery is None:
            return False
        try:
            async with asyncio.timeout(LEASE_S - 60):
                await self._attempt(delivery)
        except ArtifactMissingError as missing:
            await self._deliveries.settle(delivery, "gone", missing.detail)
        except (BaseError, OSError, httpx.HTTPError) as error:
            await self._again(delivery, type(error).__name__)
        return True

    async def _attempt(self, delivery: Delivery) -> None:
        manifest = await self._deliveries.manifest(delivery.milestone.meta.run_id)
        if manifest is None:
            await self._deliveries.settle(delivery, "gone", "the project was deleted")
            return
        files = await self._copied(delivery, manifest)
        if not self._settings.handover_webhook_url:
            await self._deliveries.settle(delivery, "delivered", "copied")
            return
        answer = await self._announced(delivery, body_of(delivery.milestone, files))
        outcome = meaning(answer.status_code)
        told = f"HTTP {answer.status_code}"
        if outcome is None:
            await self._again(delivery, told, answer.headers.get("retry-after"))
        else:
            await self._deliveries.settle(delivery, outcome, told)
            _log.info("video.handed_over", delivery=str(delivery.id), outcome=outcome)

    async def _copied(self, delivery: Delivery, manifest: Manifest) -> list[Handed]:
        meta = delivery.milestone.meta
        folder = f"{meta.project_id}/{meta.run_id}"
        files: list[Handed] = []
        for role, name in _NAMES.items():
            if blob := manifest.blobs.get(role):
                await self._copy(blob, f"{folder}/{name}")
                url = f"{self._settings.handover_url.rstrip('/')}/{folder}/{name}"
                files.append(Handed(name=name, url=url, blob=blob))
        return files

    async def _copy(self, blob: Blob, path: str) -> None:
        """Piece by piece; what an earlier attempt copied whole is left as it is."""
        try:
            if (await self._place.head_async(path))["size"] == blob.size:
                return
        except FileNotFoundError:
            pass
        if not await self._artifacts.has(blob):
            raise ArtifactMissingError(blob.path)
        await put_stream(self._place, path, self._artifacts.stream(blob), blob.media_type)

    async def _announced(self, delivery: Delivery, body: bytes) -> httpx.Response:
        """Redirects are not followed, and the environment's proxies are not asked."""
        key, at = self._settings.webhook_key, int(time.time())
        headers = headers_of(delivery.id, body, key=key, at=at)
        async with (
            asyncio.timeout(self._answer_s),
            httpx.AsyncClient(timeout=self._answer_s, trust_env=False) as client,
        ):
            url = self._settings.handover_webhook_url
            request = client.build_request("POST", url, content=body, headers=headers)
            answer = await client.send(request, stream=True)
            await answer.aclose()
            return answer

    async def _again(self, delivery: Delivery, why: str, wished: str | None = None) -> None:
        pause = self._pause_after(delivery.attempts, wished)
        _log.warning("handover.failed", delivery=str(delivery.id), reason=why, again_s=pause)
        if pause is None:
            await self._deliveries.settle(delivery, "given_up", why)
        else:
            await self._deliveries.postpone(delivery, pause, why)
