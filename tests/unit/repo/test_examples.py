"""The examples against an API that tells what the test says: how they end, what they outlive."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"
DROPPED, AWAY = "dropped", "away"
PROGRAMS = [
    pytest.param("sh", "submit.sh", id="submit.sh"),
    pytest.param(sys.executable, "follow.py", id="follow.py"),
    pytest.param(sys.executable, "live.py", id="live.py"),
]


def status(state: str, **more: Any) -> dict[str, Any]:
    body = {"status": state, "progress": 40, "progressMessage": "正在录音", "error": None}
    return {**body, "videoReady": False, "runState": "active", "pollAfterMs": 1, **more}


READY = status("EDITING", progress=100, videoReady=True, runState="done", pollAfterMs=None)


class Answer(BaseHTTPRequestHandler):
    """Each look at the project takes the next of ``steps``."""

    steps: list[dict[str, Any] | str]

    def log_message(self, *_: object) -> None: ...

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send({"projectId": "p"})

    def do_GET(self) -> None:
        live = self.path.endswith("/events")
        if live or "/status" in self.path:
            self._step(live=live)
        elif "/links/" in self.path:
            self._send({"url": "/signed"})
        else:
            self._send(b"a video")

    def _step(self, *, live: bool) -> None:
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if step == DROPPED:
            return
        if step == AWAY:
            self._send({"status": 503, "code": "database_unavailable"}, 503)
        else:
            self._send(b"data: %b\n\n" % wire(step) if live else step)

    def _send(self, body: Any, code: int = 200) -> None:
        content = body if isinstance(body, bytes) else wire(body)
        self.send_response(code)
        for name, value in (("Content-Length", len(content)), ("ETag", '"1"'), ("Retry-After", 0)):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)


def wire(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.fixture
def api() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ended(api: ThreadingHTTPServer, program: str, name: str, video: Path) -> tuple[int, str]:
    """The exit code, and what was said."""
    command = [program, str(EXAMPLES / name), str(EXAMPLES / "article.en.md"), str(video)]
    env = {**os.environ, "REELAY_URL": f"http://127.0.0.1:{api.server_port}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=15, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(("program", "name"), PROGRAMS)
def test_an_example_ends_when_somebody_cancels_the_run(
    api: ThreadingHTTPServer, tmp_path: Path, program: str, name: str
) -> None:
    cancelled = status("DRAFT", runState="cancelled", pollAfterMs=None)
    Answer.steps = [status("GENERATING_SCRIPT"), cancelled]

    code, said = ended(api, program, name, tmp_path / "video.mp4")

    assert code == 1
    assert "the run is cancelled" in said


@pytest.mark.parametrize(("program", "name"), PROGRAMS)
def test_an_example_goes_on_when_the_api_is_back(
    api: ThreadingHTTPServer, tmp_path: Path, program: str, name: str
) -> None:
    Answer.steps = [status("GENERATING_SCRIPT"), DROPPED, AWAY, READY]
    video = tmp_path / "video.mp4"

    code, said = ended(api, program, name, video)

    assert code == 0, said
    assert video.read_bytes() == b"a video"
