"""The renderer as workers see it: a child process for each job, so that a render can be killed at
once.
"""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from media_worker.children import child
from media_worker.render.port import Assembled, AssemblyJob, ClipJob, Preview, Progress
from shared.engines import FRAMES_RENDERER
from shared.errors import StageError
from shared.messages.manifest import Cue, Frames

_MODULE: Final = "media_worker.render.child"
_ASSEMBLY: TypeAdapter[AssemblyJob] = TypeAdapter(AssemblyJob)
_CLIP: TypeAdapter[ClipJob] = TypeAdapter(ClipJob)
_PREVIEW: TypeAdapter[Preview] = TypeAdapter(Preview)


class FramesRenderer:
    """Frames composed in YUV planes, encoded with libx264, joined by stream copy."""

    engine = FRAMES_RENDERER

    async def clip(self, job: ClipJob, *, folder: Path, progress: Progress) -> tuple[Path, Frames]:
        request = {
            "kind": "clip",
            "folder": str(folder),
            "job": _CLIP.dump_python(job, mode="json"),
        }
        made = await _made(request, progress, "render_failed")
        return Path(made["path"]), Frames.model_validate(made["frames"])

    async def assemble(self, job: AssemblyJob, *, folder: Path, progress: Progress) -> Assembled:
        dumped = _ASSEMBLY.dump_python(job, mode="json")
        request = {"kind": "assembly", "folder": str(folder), "job": dumped}
        made = await _made(request, progress, "assembly_failed")
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
        made = await _made(request, lambda _: None, "render_failed")
        return _PREVIEW.validate_python(made)


async def _made(request: dict[str, Any], progress: Progress, code: str) -> dict[str, Any]:
    """The child's last word; what it wrote to stderr when there is none. What it says can't be
    done is not tried again.
    """
    async with child(_MODULE, request) as process:
        if process.stdout is None or process.stderr is None:
            raise StageError(code, "the child has no output", retryable=True)
        complaints = asyncio.create_task(process.stderr.read())
        made: dict[str, Any] | None = None
        async for line in process.stdout:
            said = json.loads(line)
            made = said.get("made", made)
            if "refused" in said:
                raise StageError(**said["refused"], retryable=False)
            if "progress" in said:
                progress(said["progress"])
        exit_code = await process.wait()
        errors = (await complaints).decode(errors="replace")
    if exit_code or made is None:
        raise StageError(code, f"ended with {exit_code}: {errors[-800:].strip()}", retryable=True)
    return made
