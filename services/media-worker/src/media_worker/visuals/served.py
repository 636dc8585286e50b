"""The makers of visuals that this worker has: those that are configured in full."""

import structlog

from media_worker.visuals.images import ImageMaker
from media_worker.visuals.port import Maker
from shared.artifacts.store import ArtifactStore
from shared.makers import ImageNotConfiguredError
from shared.runtime.settings import ImageSettings

_log = structlog.get_logger()


def makers(image: ImageSettings, artifacts: ArtifactStore) -> list[Maker]:
    """None is no fault: runs that need none are as before, and others are not opened."""
    if image.image == "off":
        return []
    try:
        return [ImageMaker(image, artifacts)]
    except ImageNotConfiguredError as missing:
        _log.warning("image.unconfigured", detail=missing.detail)
        return []
