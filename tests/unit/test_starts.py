"""What a service reads before it works: a start must not wait for what this run may never use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_LEANLY = """
from shared.runtime.loading import lean
with lean():
    import {module}
"""
_HEAVY = {
    "openai",
    "edge_tts",
    "aiohttp",
    "numpy",
    "av",
    "PIL",
    "pypinyin",
    "rjieba",
    "onnxruntime",
    "rich",
    "pygments",
}


@pytest.mark.parametrize(
    "module",
    ["api.main", "projector.main", "script_worker.main", "media_worker.main", "notifier.main"],
)
def test_a_service_starts_without_the_libraries_of_providers_pictures_and_consoles(
    module: str,
) -> None:
    ask = "import sys; print(*(name for name, module in sys.modules.items() if module is not None))"

    told = printed(_LEANLY.format(module=module) + ask)

    assert _HEAVY & set(told) == set()


def test_no_cycles_are_searched_for_while_a_service_is_loaded_and_then_as_ever(
    tmp_path: Path,
) -> None:
    (tmp_path / "asking.py").write_text("import gc; print(gc.isenabled())")
    ask = "import gc; print(gc.isenabled(), gc.get_freeze_count() > 1_000)"

    told = printed(_LEANLY.format(module="asking") + ask, PYTHONPATH=str(tmp_path))

    assert told == ["False", "True", "True"]


def test_a_media_worker_is_told_on_its_command_line_which_stages_it_serves() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "media_worker", "--stages", "voice,dance"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "MEDIA_STAGES.1" in done.stderr


def printed(code: str, **env: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()
