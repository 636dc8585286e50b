"""``AssembleVideo`` → the video: bodies copied, joins encoded, all sound made once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from media_worker.render.port import AssemblyJob, Part, Renderer
from media_worker.workspace import workspace
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactMissingError, StageError
from shared.looks import is_own_music
from shared.messages.base import FactMeta
from shared.messages.commands import AssembleVideo, ScenePart
from shared.messages.facts import VideoAssembled
from shared.messages.manifest import Manifest
from shared.runtime.work import Report

MOST_MUSIC_BYTES: Final = 50_000_000


class AssemblyStage:
    """Reads every scene's clip and voice by their manifests; a missing one is
    ``artifact_missing``.
    """

    def __init__(self, renderer: Renderer, artifacts: ArtifactStore) -> None:
        self.engine = renderer.engine
        self._renderer = renderer
        self._artifacts = artifacts

    async def make(self, command: AssembleVideo, report: Report) -> Manifest:
        with workspace() as folder:
            job = AssemblyJob(
                parts=tuple([await self._part(part, folder) for part in command.parts]),
                title=command.title,
                music=command.music,
                music_path=await self._music(command.music, folder),
            )
            made = await self._renderer.assemble(
                job, folder=folder, progress=lambda share: report.progress(99 * share)
            )
            put = self._artifacts.put_file
            blobs = {
                "video": await put(made.video, "video/mp4"),
                "cover": await put(made.cover, "image/jpeg"),
                "srt": await put(made.srt, "application/x-subrip"),
                "vtt": await put(made.vtt, "text/vtt"),
            }
        return Manifest(
            key=command.key,
            engine=self.engine,
            blobs=blobs,
            duration_ms=made.duration_ms,
            frames=made.frames,
            loudness_lufs=made.loudness_lufs,
            cues=made.cues,
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> VideoAssembled:
        return VideoAssembled(meta=meta, manifest=manifest)

    async def _music(self, music: str, folder: Path) -> Path | None:
        """The file of the user's own music; None for a built-in mood."""
        if not is_own_music(music):
            return None
        blob = await self._artifacts.blob_at(music)
        if blob.size > MOST_MUSIC_BYTES:
            raise StageError("music_unreadable", f"{blob.size} bytes", retryable=False)
        return await self._artifacts.local_file(blob, folder)

    async def _part(self, part: ScenePart, folder: Path) -> Part:
        clip = await self._artifacts.require(part.clip_key)
        voice = await self._artifacts.require(part.voice_key)
        if clip.frames is None or voice.duration_ms is None:
            raise ArtifactMissingError(part.clip_key)
        return Part(
            clip_path=await self._artifacts.local_file(clip.blobs["video"], folder),
            frames=clip.frames,
            voice_path=await self._artifacts.local_file(voice.blobs["audio"], folder),
            voice_ms=voice.duration_ms,
            cues=voice.cues,
        )
