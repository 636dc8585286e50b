"""``python -m media_worker.render.child``: clips, previews and assemblies, one after another; each
job is a line of JSON, and so is each word about it: its progress, at last what was made or why not.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from media_worker.render import memory
from media_worker.render.assembling import assemble
from media_worker.render.port import AssemblyJob, ClipJob
from media_worker.render.scenes import clip, preview
from shared.errors import StageError
from shared.runtime.parent import die_with_parent

_CLIP: TypeAdapter[ClipJob] = TypeAdapter(ClipJob)
_ASSEMBLY: TypeAdapter[AssemblyJob] = TypeAdapter(AssemblyJob)


def main() -> None:
    die_with_parent()
    memory.keep()
    for job in sys.stdin:
        try:
            _say({"made": _made(json.loads(job))})
        except StageError as refused:
            if refused.retryable:
                raise
            _say({"refused": {"code": refused.code, "detail": refused.detail}})


def _made(request: dict[str, Any]) -> dict[str, Any]:
    folder, job = Path(request["folder"]), request["job"]
    told = 0

    def tell(share: float) -> None:
        nonlocal told
        if (percent := int(100 * share + 1e-9)) > told:  # 100 * 0.29 is 28.999…
            told = percent
            _say({"progress": percent / 100})

    if request["kind"] == "clip":
        return clip(_CLIP.validate_python(job), folder, tell)
    if request["kind"] == "preview":
        voice = Path(request["voice"]) if request["voice"] else None
        return preview(_CLIP.validate_python(job), folder, voice)
    return assemble(_ASSEMBLY.validate_python(job), folder, tell)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
