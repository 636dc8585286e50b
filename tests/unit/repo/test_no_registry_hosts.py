"""What is committed works on any machine: no registry's address, no path of one machine."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# Written in parts, since this file is searched too.
_HOSTS = [
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("npmjs", "org"),
    ("npmjs", "com"),
    ("yarnpkg", "com"),
    ("npmmirror", "com"),
    ("deb.debian", "org"),
    ("proxy.golang", "org"),
    ("crates", "io"),
]
_FOLDERS = ("root", "work", "Users")
_OPTIONS = ("index-url", "extra-index-url", "find-links")


def tracked() -> list[Path]:
    git = shutil.which("git")
    assert git is not None
    said = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = [ROOT / name for name in said.stdout.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def lines_with(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    found: list[str] = []
    for file in files:
        data = file.read_bytes()
        if b"\0" in data[:8192]:
            continue
        for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    return found


def test_no_file_names_a_registrys_host() -> None:
    hosts = "|".join(re.escape(".".join(parts)) for parts in _HOSTS)

    assert lines_with(re.compile(rf"\b(?:{hosts})\b"), tracked()) == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    here = re.escape(str(ROOT))
    folders = "|".join(_FOLDERS)

    assert lines_with(re.compile(rf"(?<![\w.$}}*/])/(?:{folders})/[\w.]|{here}/"), tracked()) == []


@pytest.mark.parametrize("name", ["setup", "runtime", "dev"])
def test_every_requirement_is_pinned_with_a_hash_and_has_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    entries = re.split(r"\n(?=[\w])", text.strip())

    assert all(re.match(r"[\w.\[\]-]+==[\w.+!]+", entry) for entry in entries)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not any(f"--{option}" in text or "://" in text for option in _OPTIONS)


def test_what_runs_is_what_is_tested() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        return set(re.findall(r"^[\w.\[\]-]+==\S+", text, re.MULTILINE))

    assert pins("runtime") <= pins("dev")


def test_the_makefile_explains_every_chore() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    explained = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))

    assert phony is not None
    assert set(phony.group(1).split()) == explained
