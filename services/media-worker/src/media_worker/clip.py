"""``RenderClip`` → the picture of one scene: whole frames with handles on both sides, captions
burned in.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from media_worker.render.port import ClipJob, Renderer
from shared.artifacts.store import ArtifactStore
from shared.messages.base import FactMeta
from shared.messages.commands import RenderClip
from shared.messages.facts import ClipRendered
from shared.messages.manifest import Manifest
from shared.runtime.work import Report


class ClipStage:
    """Works in a folder of its own that goes with the job."""

    def __init__(self, renderer: Renderer, artifacts: ArtifactStore) -> None:
        self.engine = renderer.engine
        self._renderer = renderer
        self._artifacts = artifacts

    async def make(self, command: RenderClip, report: Report) -> Manifest:
        job = ClipJob(
            heading=command.heading,
            card=command.card,
            cues=command.cues,
            voice_ms=command.voice_ms,
            aspect=command.aspect,
            theme=command.theme,
        )
        with tempfile.TemporaryDirectory(prefix="reelay-clip-") as folder:
            path, frames = await self._renderer.clip(
                job, folder=Path(folder), progress=lambda share: report.progress(99 * share)
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
