"""What a service reads before it works: a start must not wait for what this run may never use."""

import subprocess
import sys

import pytest

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
}


@pytest.mark.parametrize(
    "module",
    ["api.main", "projector.main", "script_worker.main", "media_worker.main", "notifier.main"],
)
def test_a_service_starts_without_the_libraries_of_providers_and_pictures(module: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert _HEAVY & set(told.stdout.split()) == set()
