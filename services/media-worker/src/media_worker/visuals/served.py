"""The makers of visuals that this worker has: those that are configured in full."""

from typing import TYPE_CHECKING

import structlog

from media_worker.visuals.port import Maker
from shared.artifacts.store import ArtifactStore
from shared.makers import FootageNotConfiguredError, ImageNotConfiguredError
from shared.runtime.settings import FootageSettings, ImageSettings

if TYPE_CHECKING:
    from collections.abc import Callable

_log = structlog.get_logger()


def makers(image: ImageSettings, footage: FootageSettings, artifacts: ArtifactStore) -> list[Maker]:
    """None is no fault: runs that need none are as before, and others are not opened. A client
    library that nobody asked for is not loaded: that takes longer than all else of a start.
    """
    wanted: list[Callable[[], Maker]] = []
    if image.image != "off":
        from media_worker.visuals.images import ImageMaker  # noqa: PLC0415

        wanted.append(lambda: ImageMaker(image, artifacts))
    if footage.footage != "off":
        from media_worker.visuals.footage import FootageMaker  # noqa: PLC0415

        wanted.append(lambda: FootageMaker(footage, artifacts))
    found: list[Maker] = []
    for make in wanted:
        try:
            found.append(make())
        except (ImageNotConfiguredError, FootageNotConfiguredError) as missing:
            _log.warning("maker.unconfigured", code=missing.code, detail=missing.detail)
    return found
