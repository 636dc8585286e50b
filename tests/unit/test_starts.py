"""What a service reads before it works: a start must not wait for what this run may never use."""

import subprocess
import sys

import pytest

_LOADED = "import sys; from shared.runtime.launching import loaded; loaded(sys.argv[1])"
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
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{_LOADED}; print(*(n for n, m in sys.modules.items() if m))",
            module,
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert _HEAVY & set(told.stdout.split()) == set()


def test_cycles_are_searched_for_once_a_service_is_loaded() -> None:
    ask = f"import gc; {_LOADED}; print(gc.isenabled())"

    told = subprocess.run(
        [sys.executable, "-c", ask, "json"], capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["True"]
