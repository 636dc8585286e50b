"""The renderer as workers see it: each job in a process, so that it can be killed at once."""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from media_worker.pool import ProcessPool
from media_worker.render.port import Assembled, AssemblyJob, ClipJob, Preview, Progress
from shared.engines import FRAMES_RENDERER
from shared.errors import StageError
from shared.messages.manifest import Cue, Frames

_MODULE: Final = "media_worker.render.child"
_ASSEMBLY: TypeAdapter[AssemblyJob] = TypeAdapter(AssemblyJob)
_CLIP: TypeAdapter[ClipJob] = TypeAdapter(ClipJob)
_PREVIEW: TypeAdapter[Preview] = TypeAdapter(Preview)


class FramesRenderer:
    """Frames composed in YUV planes, encoded with libx264, joined by stream copy. Its processes
    stay for ``keep_s`` seconds after a job, for the next one.
    """

    engine = FRAMES_RENDERER

    def __init__(self, *, keep_s: float = 0) -> None:
        self._pool = ProcessPool(_MODULE, keep_s=keep_s)

    async def clip(self, job: ClipJob, *, folder: Path, progress: Progress) -> tuple[Path, Frames]:
        request = {
            "kind": "clip",
            "folder": str(folder),
            "job": _CLIP.dump_python(job, mode="json"),
        }
        made = await self._made(request, progress, "render_failed")
        return Path(made["path"]), Frames.model_validate(made["frames"])

    async def assemble(self, job: AssemblyJob, *, folder: Path, progress: Progress) -> Assembled:
        dumped = _ASSEMBLY.dump_python(job, mode="json")
        request = {"kind": "assembly", "folder": str(folder), "job": dumped}
        made = await self._made(request, progress, "assembly_failed")
        return Assembled(
            video=folder / "video.mp4",
            cover=folder / "cover.jpg",
            srt=folder / "captions.srt",
            vtt=folder / "captions.vtt",
            duration_ms=made["duration_ms"],
            frames=Frames.model_validate(made["frames"]),
            loudness_lufs=made["loudness_lufs"],
            cues=tuple(Cue.model_validate(cue) for cue in made["cues"]),
        )

    async def preview(
        self, job: ClipJob, *, folder: Path, voice_path: Path | None = None
    ) -> Preview:
        dumped = _CLIP.dump_python(job, mode="json")
        voice = str(voice_path) if voice_path else None
        request = {"kind": "preview", "folder": str(folder), "job": dumped, "voice": voice}
        made = await self._made(request, lambda _: None, "render_failed")
        return _PREVIEW.validate_python(made)

    async def close(self) -> None:
        """Ends the processes that are idle."""
        await self._pool.close()

    async def _made(self, request: dict[str, Any], progress: Progress, code: str) -> dict[str, Any]:
        """The child's last word; what it wrote to stderr when there is none. What it says can't
        be done is not tried again.
        """
        async with self._pool.process(request) as pooled:
            async for line in pooled.stdout:
                said = json.loads(line)
                if "made" in said:
                    return said["made"]
                if "refused" in said:
                    raise StageError(**said["refused"], retryable=False)
                progress(said["progress"])
            why = f"ended with {await pooled.process.wait()}: {pooled.complaints()}"
            raise StageError(code, why, retryable=True)
