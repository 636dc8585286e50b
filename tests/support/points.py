"""Named moments of services, armed at any time (``shared/runtime/fail_points.py``)."""

import signal
from pathlib import Path


class Points:
    """A folder for each service."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def env(self, service: str) -> dict[str, str]:
        """What its processes are told."""
        points = self._folder / service
        points.mkdir(parents=True, exist_ok=True)
        return {"FAIL_POINT": str(points)}

    def arm(self, service: str, point: str, sign: signal.Signals) -> Path:
        """The file that says that the moment was hit: it holds the pid of who was hit."""
        folder = self._folder / service
        mark = folder / f"{point}.hit"
        mark.unlink(missing_ok=True)
        partial = folder / f".{point}"
        partial.write_text(sign.name)
        partial.rename(folder / point)
        return mark

    def disarm(self) -> None:
        for file in self._folder.glob("*/*"):
            file.unlink(missing_ok=True)
