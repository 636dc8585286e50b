"""Services that are started again when they die."""

import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from support.waiting import eventually

from local_stack.errors import StackError
from local_stack.servers.ports import free_port
from local_stack.supervisor import Service, Supervisor, pause_after

_FOREVER = "import time\nwhile True: time.sleep(60)"
_READY = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def service(code: str, *arguments: str, ready_url: str | None = None) -> Service:
    command = (sys.executable, "-c", code, *arguments)
    return Service(name="worker", command=command, ready_url=ready_url)


@asynccontextmanager
async def supervised(tmp_path: Path, one: Service) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor([one], logs=tmp_path, cwd=tmp_path, env={})
    await supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop(grace_s=5)


def another(supervisor: Supervisor, than: int) -> Callable[[], bool]:
    return lambda: supervisor.pid("worker") != than


@pytest.mark.parametrize(
    ("deaths", "seconds"),
    [
        pytest.param(1, 0.2, id="the first death"),
        pytest.param(3, 0.8, id="twice as long each time"),
        pytest.param(50, 5.0, id="never longer than that"),
    ],
)
def test_a_service_that_keeps_dying_is_started_ever_more_slowly(
    deaths: int, seconds: float
) -> None:
    assert pause_after(deaths) == pytest.approx(seconds)


async def test_a_killed_service_is_started_again_and_counted(tmp_path: Path) -> None:
    async with supervised(tmp_path, service(_FOREVER)) as supervisor:
        first = supervisor.pid("worker")

        await supervisor.kill("worker", signal.SIGKILL)

        await eventually(another(supervisor, first))
        await eventually(lambda: supervisor.restarts["worker"] == 1)


async def test_a_killed_service_stays_dead_while_restarting_is_off(tmp_path: Path) -> None:
    async with supervised(tmp_path, service(_FOREVER)) as supervisor:
        first = supervisor.pid("worker")
        supervisor.restarting = False
        await supervisor.kill("worker")

        assert not (await supervisor.standings())[0].alive
        supervisor.restarting = True

        await eventually(another(supervisor, first))


async def test_a_service_that_could_not_be_started_for_a_while_is_started_again(
    tmp_path: Path,
) -> None:
    program, away = tmp_path / "program", tmp_path / "away"
    program.symlink_to(sys.executable)
    one = Service(name="worker", command=(str(program), "-c", _FOREVER))
    async with supervised(tmp_path, one) as supervisor:
        first = supervisor.pid("worker")
        program.rename(away)
        await supervisor.kill("worker")
        with pytest.raises(AssertionError):
            await eventually(another(supervisor, first), within=1)

        away.rename(program)

        await eventually(another(supervisor, first))
        assert supervisor.restarts["worker"] == 1


async def test_a_service_is_ready_when_its_address_says_so(tmp_path: Path) -> None:
    port = free_port(str(tmp_path))
    one = service(_READY, str(port), ready_url=f"http://127.0.0.1:{port}/ready")
    async with supervised(tmp_path, one) as supervisor:
        await supervisor.wait_ready(within_s=15)

        assert (await supervisor.standings())[0].ready


async def test_waiting_in_vain_names_the_service_and_the_end_of_its_log(tmp_path: Path) -> None:
    one = service("print('no such module', flush=True); raise SystemExit(1)")
    async with supervised(tmp_path, one) as supervisor:
        await eventually(lambda: supervisor.restarts["worker"] >= 1)
        supervisor.restarting = False
        await eventually(lambda: psutil.pid_exists(supervisor.pid("worker")) is False)

        with pytest.raises(StackError, match=r"worker has ended(.|\n)*no such module"):
            await supervisor.wait_ready(within_s=0.2)


async def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    async with supervised(tmp_path, service(_FOREVER)) as supervisor:
        pid = supervisor.pid("worker")

    assert not psutil.pid_exists(pid)


async def test_a_stopped_supervisor_can_be_started_again(tmp_path: Path) -> None:
    port = free_port(str(tmp_path))
    one = service(_READY, str(port), ready_url=f"http://127.0.0.1:{port}/ready")
    async with supervised(tmp_path, one) as supervisor:
        first = supervisor.pid("worker")
        await supervisor.stop(grace_s=5)

        await supervisor.start()
        await supervisor.wait_ready(within_s=15)

        assert supervisor.pid("worker") != first
