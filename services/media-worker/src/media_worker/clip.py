"""``RenderClip`` → the picture of one scene: whole frames with handles on both sides, captions
burned in.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from media_worker.render.port import ClipJob, Renderer
from media_worker.workspace import workspace
from shared.artifacts.store import ArtifactStore
from shared.errors import StageError
from shared.messages.base import FactMeta
from shared.messages.commands import RenderClip
from shared.messages.facts import ClipRendered
from shared.messages.manifest import Blob, Manifest
from shared.messages.script import Card, FootageCard, PictureCard
from shared.runtime.work import Report

MOST_PICTURE_BYTES: Final = 20_000_000


class ClipStage:
    """Works in a folder of its own that goes with the job."""

    def __init__(self, renderer: Renderer, artifacts: ArtifactStore) -> None:
        self.engine = renderer.engine
        self._renderer = renderer
        self._artifacts = artifacts

    async def make(self, command: RenderClip, report: Report) -> Manifest:
        with workspace() as folder:
            job = await clip_job(command, self._artifacts, folder)
            path, frames = await self._renderer.clip(
                job, folder=folder, progress=lambda share: report.progress(99 * share)
            )
            video = await self._artifacts.put_file(path, "video/mp4")
        total = frames.head + frames.body + frames.tail
        return Manifest(
            key=command.key,
            engine=self.engine,
            blobs={"video": video},
            duration_ms=round(1000 * total / frames.fps),
            frames=frames,
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> ClipRendered:
        return ClipRendered(meta=meta, manifest=manifest)


async def clip_job(command: RenderClip, artifacts: ArtifactStore, folder: Path) -> ClipJob:
    """What the renderer is given. A footage card's footage is fetched into ``folder``."""
    return ClipJob(
        heading=command.heading,
        card=command.card,
        cues=command.cues,
        voice_ms=command.voice_ms,
        aspect=command.aspect,
        theme=command.theme,
        captions=command.captions,
        picture_path=await picture_file(command.card, artifacts, folder, made=command.visual),
        footage_path=await footage_file(command.card, artifacts, folder, made=command.visual),
    )


async def footage_file(
    card: Card, artifacts: ArtifactStore, folder: Path, *, made: Blob | None
) -> Path | None:
    """What was ``made`` for a footage card, fetched into ``folder``; None for other cards."""
    footage = made if isinstance(card, FootageCard) else None
    return await artifacts.local_file(footage, folder) if footage else None


async def picture_file(
    card: Card, artifacts: ArtifactStore, folder: Path, *, made: Blob | None
) -> Path | None:
    """A picture card's picture, the user's own or else the one that was ``made`` for it, fetched
    into ``folder``; None for other cards.
    """
    picture = (card.picture or made) if isinstance(card, PictureCard) else None
    if picture is None:
        return None
    if picture.size > MOST_PICTURE_BYTES:
        raise StageError("picture_unreadable", f"{picture.size} bytes", retryable=False)
    return await artifacts.local_file(picture, folder)
