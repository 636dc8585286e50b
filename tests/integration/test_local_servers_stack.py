"""``make up`` and ``make down`` with everything real: nothing lost, nothing left running."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from support.waiting import eventually

from local_stack import daemon
from local_stack.errors import StackError
from local_stack.roster import wait_gone
from local_stack.servers.ports import free_port
from local_stack.settings import StackSettings
from local_stack.state import Row, StackState, StateFile

pytestmark = pytest.mark.timeout(180)
_PROJECTS = "/api/video-creation/projects"
_ROOT = Path(__file__).parents[2]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StackSettings]:
    """A stack of this test's own, as its environment would say; taken down at the end."""
    said = {
        "REELAY_DIR": str(tmp_path / "my C# stack, 100%?"),
        "REELAY_SERVERS": "private",
        "API_PORT": str(free_port(str(tmp_path))),
    }
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    settings = StackSettings()
    yield settings
    daemon.down(settings)


def processes_of(state: StackState) -> list[psutil.Process]:
    return [psutil.Process(pid) for pid in (state.pid, *(row.pid for row in state.rows)) if pid]


def created(state: StackState) -> str:
    body = {"topic": "海绵城市", "title": "海绵城市"}
    answer = httpx.post(state.api_url + _PROJECTS, json=body, headers={"Idempotency-Key": "k"})
    return answer.raise_for_status().json()["projectId"]


def title_of(state: StackState, project: str) -> str:
    answer = httpx.get(f"{state.api_url}{_PROJECTS}/{project}")
    return answer.raise_for_status().json()["title"]


def test_projects_survive_down_and_up_and_nothing_is_left_in_between(
    settings: StackSettings,
) -> None:
    first = daemon.up(settings)
    project = created(first)
    processes = processes_of(first)

    assert daemon.down(settings)

    assert wait_gone(processes, timeout_s=5) == []
    assert not daemon.down(settings)
    second = daemon.up(settings)
    assert second.pid != first.pid
    assert title_of(second, project) == "海绵城市"


def test_a_supervisor_that_is_killed_takes_all_along_and_the_next_one_goes_on(
    settings: StackSettings,
) -> None:
    first = daemon.up(settings)
    project = created(first)
    processes = processes_of(first)

    os.kill(first.pid, signal.SIGKILL)

    assert wait_gone(processes, timeout_s=30) == []
    assert StateFile(settings.reelay_dir).running() is None
    assert title_of(daemon.up(settings), project) == "海绵城市"


@pytest.mark.parametrize("server", ["postgres", "rabbitmq"])
def test_a_server_that_is_killed_is_started_again_and_the_services_come_back_to_it(
    settings: StackSettings, server: str
) -> None:
    first = daemon.up(settings)
    project = created(first)

    os.kill(_row(first, server).pid or 0, signal.SIGKILL)

    again = _awaited(settings, lambda state: _row(state, server).restarts == 1)
    ready = _awaited(settings, lambda state: state.phase == "ready")
    assert _row(again, server).pid != _row(first, server).pid
    assert title_of(ready, project) == "海绵城市"


def test_a_demo_is_seen_and_ended_as_a_stack_is(settings: StackSettings) -> None:
    demo = [sys.executable, "-m", "local_stack", "demo"]
    with subprocess.Popen(demo, cwd=_ROOT, env={**os.environ, "GRACE_S": "7"}) as process:
        state = _awaited(settings, lambda state: bool(state.rows))
        processes = processes_of(state)

        assert daemon.down(settings)

        assert process.wait() == 130
    assert (state.phase, state.pid, state.grace_s) == ("demo", process.pid, 7)
    assert {"postgres", "api"} <= {row.name for row in state.rows}
    assert wait_gone(processes, timeout_s=5) == []
    assert StateFile(settings.reelay_dir).running() is None


def _row(state: StackState, name: str) -> Row:
    return next(row for row in state.rows if row.name == name)


def _awaited(settings: StackSettings, so: Callable[[StackState], bool]) -> StackState:
    async def look() -> StackState | None:
        state = StateFile(settings.reelay_dir).running()
        return state if state and so(state) else None

    return asyncio.run(eventually(look, within=60))


def test_a_taken_port_is_refused_with_advice(
    settings: StackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = daemon.up(settings)
    monkeypatch.setenv("REELAY_DIR", f"{settings.reelay_dir} too")

    with pytest.raises(StackError, match=f"Port {settings.api_port} is taken"):
        daemon.up(StackSettings())

    assert daemon.up(settings).pid == state.pid, "a second up finds the first"
