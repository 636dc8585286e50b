"""Where a Chromium is; on Debian it is installed when that needs no question."""

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PACKAGES = ("chromium", "fonts-wqy-microhei")
_ADVICE = (
    "The browser tests need Chromium and a Chinese font. Run once:\n"
    "  sudo apt-get update && sudo apt-get install -y --no-install-recommends "
    + " ".join(_PACKAGES)
)


def chromium() -> str:
    """The program. Raises FileNotFoundError with what to do."""
    if (found := _installed()) and _reads_chinese():
        return found
    if shutil.which("apt-get") and _may_install():
        sys.stderr.write("Installing Chromium for the browser tests (once) ...\n")
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *_PACKAGES)
    if found := _installed():
        return found
    raise FileNotFoundError(_ADVICE)


def _installed() -> str | None:
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _reads_chinese() -> bool:
    if shutil.which("fc-list") is None:
        return True
    said = subprocess.run(["fc-list", ":lang=zh"], check=False, capture_output=True)
    return bool(said.stdout.strip())


def _may_install() -> bool:
    return not _sudo() or subprocess.run([*_sudo(), "true"], check=False).returncode == 0


def _sudo() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def _apt(*words: str) -> None:
    command = [*_sudo(), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    waiting = ["-o", "DPkg::Lock::Timeout=300"]
    subprocess.run([*command, *waiting, *words], check=False, capture_output=True)
