"""The folder that artifacts lie in, as a disk that can fill up, turn read-only, or go away."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

SIZE: Final = "256m"


class Disk:
    """A small file system of its own where one may be mounted (Linux, root). Elsewhere a folder
    that takes nothing stands for all three troubles.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"
        folder.mkdir(parents=True, exist_ok=True)
        self.mounted = os.geteuid() == 0 and _runs("mount", "-t", "tmpfs", "-o", f"size={SIZE}",
                                                   "tmpfs", str(folder))  # fmt: skip

    def fill(self) -> None:
        """Not a byte more fits."""
        if not self.mounted:
            self.lock()
            return
        with self._ballast.open("wb") as ballast:
            for size in (1 << 20, 4096, 1):
                self._add(ballast.fileno(), size)

    def lock(self) -> None:
        """It can be read, and takes nothing."""
        if self.mounted:
            assert _runs("mount", "-o", "remount,ro", str(self._folder))
        else:
            for folder in (self._folder, *self._folder.glob("*/")):
                folder.chmod(0o500)

    def remove(self) -> None:
        """Nothing is there: neither what was written nor a place to write to."""
        if not self.mounted:
            self.lock()
            return
        assert _runs("mount", "-t", "tmpfs", "-o", "ro,size=4k", "tmpfs", str(self._folder))

    def heal(self) -> None:
        if not self.mounted:
            for folder in (self._folder, *self._folder.glob("*/")):
                folder.chmod(0o700)
            return
        if _mounts(self._folder) > 1:
            assert _runs("umount", str(self._folder))
        assert _runs("mount", "-o", f"remount,rw,size={SIZE}", str(self._folder))
        self._ballast.unlink(missing_ok=True)

    def release(self) -> None:
        while self.mounted and _mounts(self._folder):
            assert _runs("umount", "--lazy", str(self._folder))
        shutil.rmtree(self._folder, ignore_errors=True)

    @staticmethod
    def _add(file: int, size: int) -> None:
        try:
            while os.write(file, b"\0" * size):
                pass
        except OSError:
            return


def _mounts(folder: Path) -> int:
    """How many file systems lie on that folder, one over the other."""
    lines = Path("/proc/mounts").read_text().splitlines()
    return sum(line.split()[1] == str(folder) for line in lines)


def _runs(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
