"""A private RabbitMQ node: its own name, epmd, ports and data; the machine's own node is never
touched.
"""

import asyncio
import hashlib
import os
import secrets
import signal
import time
from contextlib import suppress
from pathlib import Path

from local_stack.servers.errors import ServerError
from local_stack.servers.install import rabbitmq_home
from local_stack.servers.ports import kept_ports, listening

_CONFIG = """\
listeners.tcp.default = 127.0.0.1:{amqp}
consumer_timeout = 7200000
loopback_users = none
log.file.level = warning
"""


class RabbitMQ:
    """``start`` takes up the data of before; ``stop`` is orderly; ``kill`` is the fault."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        ports = kept_ports(self._folder / "ports.json", ["amqp", "dist", "epmd"])
        self.port, self._dist, self._epmd = ports["amqp"], ports["dist"], ports["epmd"]
        self._name = "reelay-" + hashlib.sha256(str(self._folder).encode()).hexdigest()[:8]
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def pid(self) -> int:
        """The Erlang machine's own process, not the shell that started it."""
        return int((self._folder / "pid").read_text())

    async def start(self) -> None:
        home = await rabbitmq_home()
        self._write_files()
        (self._folder / "pid").unlink(missing_ok=True)
        with (self._folder / "out.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(home / "bin" / "rabbitmq-server"),
                env=self._environment(home),
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await self._until_ready()

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)
        self._end_epmd()

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def _end(self, sign: int) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            for pid in {self.pid, self._process.pid} if sign == signal.SIGKILL else {self.pid}:
                _signal(pid, sign)
            try:
                await asyncio.wait_for(self._process.wait(), 30)
            except TimeoutError:
                os.killpg(self._process.pid, signal.SIGKILL)
                await self._process.wait()
        self._process = None

    def _end_epmd(self) -> None:
        """epmd outlives its node; ours has a port of its own, so its process is known by it."""
        for found in Path("/proc").glob("[0-9]*/environ"):
            try:
                command = (found.parent / "comm").read_text().strip()
                if (
                    command == "epmd"
                    and f"ERL_EPMD_PORT={self._epmd}".encode() in found.read_bytes().split(b"\0")
                ):
                    _signal(int(found.parent.name), signal.SIGTERM)
            except OSError:
                continue

    def _write_files(self) -> None:
        for name in ("mnesia", "log"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "rabbitmq.conf").write_text(_CONFIG.format(amqp=self.port))
        (self._folder / "enabled_plugins").write_text("[].\n")
        cookie = self._folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(secrets.token_hex(16))
            cookie.chmod(0o400)

    def _environment(self, home: Path) -> dict[str, str]:
        here = str(self._folder)
        return {
            "PATH": f"{home / 'bin'}:{home.parents[1] / 'bin'}:{os.environ.get('PATH', '')}",
            "LANG": "C.UTF-8",
            "HOME": here,
            "RABBITMQ_HOME": str(home),
            "RABBITMQ_NODENAME": f"{self._name}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist),
            "ERL_EPMD_PORT": str(self._epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": f"{here}/mnesia",
            "RABBITMQ_LOG_BASE": f"{here}/log",
            "RABBITMQ_LOGS": f"{here}/log/node.log",
            "RABBITMQ_PID_FILE": f"{here}/pid",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{here}/enabled_plugins",
            "RABBITMQ_CONFIG_FILE": f"{here}/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": f"{here}/none",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            process = self._process
            if process is None or process.returncode is not None:
                raise ServerError(
                    f"RabbitMQ ended at its start; see {self._folder}/out.log and log/"
                )
            if (self._folder / "pid").exists() and listening(self.port):
                return
            await asyncio.sleep(0.05)
        raise ServerError(f"RabbitMQ is not ready after 90 s; see {self._folder}/log/node.log")


def _signal(pid: int, sign: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)
