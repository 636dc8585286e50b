"""What a child process is given to start with."""

import psutil
import pytest
from support.waiting import eventually

from media_worker.children import kill, spawn


@pytest.mark.parametrize("said", [None, "4"])
async def test_a_child_is_told_what_its_libraries_need_not_do_unless_the_operator_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, said: str | None
) -> None:
    monkeypatch.setenv("REELAY_LIKE_ANY_OTHER", "kept")
    monkeypatch.delenv("PYDANTIC_DISABLE_PLUGINS", raising=False)
    if said is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", said)
    process = await spawn("json.tool")  # waits for its input
    try:
        child = psutil.Process(process.pid)
        await eventually(lambda: "REELAY_LIKE_ANY_OTHER" in child.environ())  # once it is Python
        given = child.environ()
    finally:
        await kill(process)

    assert given["OPENBLAS_NUM_THREADS"] == (said or "1")
    assert given["PYDANTIC_DISABLE_PLUGINS"] == "1"
