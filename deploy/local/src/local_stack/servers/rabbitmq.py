"""A private RabbitMQ node: its own name, ports, password and epmd, on 127.0.0.1 only."""

import asyncio
import os
import secrets
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from local_stack.errors import ServerFailedError
from local_stack.processes import Process, Program
from local_stack.roster import Roster
from local_stack.servers.ports import kept_ports
from local_stack.servers.rabbitmq_programs import Programs, programs

_USER: Final = "reelay"
_START_S: Final = 120
_HEARTBEAT_S: Final = 15
_WRITTEN_S: Final = 1.5
_AMQP_GREETING: Final = b"AMQP\x00\x00\x09\x01"
_ERLANG: Final = (
    "+S 1:1 +SDio 2 +sbwt none +sbwtdcpu none +sbwtdio very_short"
    " -noinput -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
)
"""One scheduler is enough. A start is thousands of small file look-ups, each handed to a thread for
I/O: two that stay awake between them for a very short time halve its time, and longer ones ("long")
make it no shorter, but take 0.30 of a core at a hundred messages a second where these take 0.20.
"""
_CONFIG: Final = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
consumer_timeout = 7200000
default_user = {user}
default_pass = {password}
log.file.level = info
log.file.rotation.size = 10000000
log.file.rotation.count = 1
log.console = false
disk_free_limit.absolute = 50MB
"""


class RabbitMQ:
    """Lives in ``folder``. May be killed and started again: same port, same data."""

    name = "rabbitmq"

    def __init__(
        self, folder: Path, *, kept: Path | None = None, roster: Roster | None = None
    ) -> None:
        """``kept``: where programs are unpacked when the machine can't have them installed."""
        self._folder = folder.absolute()
        self._kept = (kept or self._folder / "programs").absolute()
        self._roster = roster
        self._ports: dict[str, int] = {}
        self._epmd: Process | None = None
        self._node: Process | None = None
        self._new = not (self._folder / "data").exists()

    @property
    def url(self) -> str:
        """The default virtual host; a heartbeat short enough to notice a lost link."""
        address = f"amqp://{_USER}:{self._secret('password')}@127.0.0.1:{self._ports['amqp']}/"
        return f"{address}?heartbeat={_HEARTBEAT_S}"

    @property
    def pid(self) -> int | None:
        return self._node.pid if self._node else None

    @property
    def alive(self) -> bool:
        return self._node is not None and self._node.alive

    async def start(self) -> None:
        """Returns when clients are greeted. Raises ServerFailedError or ServerMissingError."""
        await self.launch()
        await self.wait_up()

    async def launch(self) -> None:
        """Returns when the node's process runs, seconds before it greets: ``url`` holds from here
        on. Raises ServerMissingError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        found = await asyncio.to_thread(programs, self._kept)
        if not self._ports:
            self._ports = kept_ports(self._folder / "ports.json", ["amqp", "dist", "epmd"])
        env = self._environment(found)
        if self._epmd is None or not self._epmd.alive:
            epmd = [found.epmd, "-port", str(self._ports["epmd"]), "-address", "127.0.0.1"]
            self._epmd = self._process("epmd", epmd, env)
            self._epmd.start()
        self._node = self._process(self.name, [found.server], env)
        self._node.start()

    async def wait_up(self) -> None:
        """Returns when clients are greeted; a node that doesn't come up is killed. Raises
        ServerFailedError.
        """
        deadline = asyncio.get_running_loop().time() + _START_S
        while not await self._greets():
            if not self.alive or asyncio.get_running_loop().time() > deadline:
                await self.kill()
                raise ServerFailedError(f"RabbitMQ did not start; its logs are in {self._folder}")
            await asyncio.sleep(0.05)

    async def written(self) -> None:
        """Returns when the queues that a new node has just been given would survive its death.

        Their names are written down to a second late (Ra keeps them in DETS, ``auto_save`` 500 ms);
        a node killed before that recovers the last one without a leader, and nobody can read it.
        """
        if self._new:
            await asyncio.sleep(_WRITTEN_S)
            self._new = False

    async def stop(self) -> None:
        if self._node is not None:
            await self._node.stop(grace_s=30)
        if self._epmd is not None:
            await self._epmd.stop(grace_s=5)

    async def kill(self) -> None:
        """As a crash: what was confirmed is there after the next start."""
        if self._node is not None:
            await self._node.kill()
        if self._epmd is not None:
            await self._epmd.stop(grace_s=5)

    def _process(self, name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> Process:
        log = self._folder / "console.log"
        program = Program(name=name, command=command, log=log, env=env, cwd=self._folder)
        return Process(program, self._roster)

    async def _greets(self) -> bool:
        """Whether the port speaks AMQP: it is opened last, when all queues are there."""
        try:
            async with asyncio.timeout(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._ports["amqp"])
                try:
                    writer.write(_AMQP_GREETING)
                    return await reader.readexactly(1) == b"\x01"
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False

    def _environment(self, found: Programs) -> dict[str, str]:
        """Everything is said, so that no file of the system's own node is read or written."""
        at, ports = self._folder, {name: str(port) for name, port in self._ports.items()}
        self._configure()
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_"))},
            "HOME": str(at),
            "PATH": f"{found.erlang}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "ERL_EPMD_PORT": ports["epmd"],
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"reelay{zlib.crc32(str(at).encode()):08x}@localhost",
            "RABBITMQ_NODE_PORT": ports["amqp"],
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": ports["dist"],
            "RABBITMQ_MNESIA_BASE": str(at / "data"),
            "RABBITMQ_LOG_BASE": str(at / "log"),
            "RABBITMQ_LOGS": str(at / "log" / "node.log"),
            "RABBITMQ_PID_FILE": str(at / "node.pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(at / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(at / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(at / "rabbitmq-env.conf"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": " ".join(
                [_ERLANG, *(f"-pa {folder}" for folder in found.code)]
            ),
            "RABBITMQ_ALLOW_INPUT": "1",  # the script becomes the node instead of watching it
        }
        if found.libraries is not None:
            env["LD_LIBRARY_PATH"] = str(found.libraries)
        return env

    def _configure(self) -> None:
        for folder in ("data", "log"):
            (self._folder / folder).mkdir(exist_ok=True)
        config = self._folder / "rabbitmq.conf"
        config.touch(mode=0o600)
        config.write_text(
            _CONFIG.format(amqp=self._ports["amqp"], user=_USER, password=self._secret("password"))
        )
        (self._folder / "enabled_plugins").write_text("[].\n")
        cookie = self._folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.touch(mode=0o600)
            cookie.write_text(self._secret("cookie"))
            cookie.chmod(0o400)

    def _secret(self, name: str) -> str:
        """Made once, for our eyes only."""
        file = self._folder / name
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(16))
        return file.read_text()
