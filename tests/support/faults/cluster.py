"""Three RabbitMQ nodes in a cluster behind one address, each of which can be killed, frozen, or cut
off from the others.
"""

import asyncio
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import psutil
from support.proxy import Proxy

from local_stack.processes import Process, Program
from local_stack.servers.ports import free_port
from local_stack.servers.rabbitmq import RabbitMQ
from local_stack.servers.rabbitmq_programs import Programs, programs

NODES: Final = 3
_FORMATION: Final = """\
cluster_formation.peer_discovery_backend = classic_config
cluster_partition_handling = pause_minority
net_ticktime = 10
"""


class Node(RabbitMQ):
    """One of the three. They share their secrets and the daemon that knows their ports."""

    def __init__(self, folder: Path, kept: Path, *, name: str, ports: dict[str, int]) -> None:
        super().__init__(folder, kept=kept)
        self.node = name
        self.peers: list[Node] = []
        self._ports = ports

    @property
    def port(self) -> int:
        return self._ports["amqp"]

    def known_by(self, epmd: Process, secrets_of_all: Mapping[str, str]) -> None:
        self._epmd = epmd
        self._folder.mkdir(parents=True)
        for secret, text in secrets_of_all.items():
            (self._folder / secret).write_text(text)

    async def stop(self) -> None:
        if self._node is not None:
            self.send(signal.SIGCONT)
            await self._node.stop(grace_s=20)

    async def kill(self) -> None:
        if self._node is not None:
            await self._node.kill()

    def send(self, sign: signal.Signals) -> None:
        """To the whole node, whatever processes it is made of."""
        if self.alive:
            server = psutil.Process(self.pid)
            for process in (server, *server.children(recursive=True)):
                process.send_signal(sign)

    async def ctl(self, *words: str, within: float = 40) -> str:
        found = programs(self._kept)
        asked = await asyncio.create_subprocess_exec(
            found.server.with_name("rabbitmqctl"), "-q", "-n", self.node, *words,
            env=self._environment(found), cwd=self._folder, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(within):
            said, _ = await asked.communicate()
        assert asked.returncode == 0, said.decode()
        return said.decode()

    async def cut_off(self) -> None:
        """From its peers, not from its clients: they do not know each other's cookie any more."""
        await self.ctl("eval", "".join(self._forget(peer) for peer in self.peers) + "ok.")

    async def heal(self) -> None:
        known = "".join(
            f"erlang:set_cookie('{peer.node}', erlang:get_cookie()), net_kernel:connect_node("
            f"'{peer.node}'), "
            for peer in self.peers
        )
        await self.ctl("eval", known + "ok.")

    @staticmethod
    def _forget(peer: "Node") -> str:
        return f"erlang:set_cookie('{peer.node}', cut), erlang:disconnect_node('{peer.node}'), "

    def _environment(self, found: Programs) -> dict[str, str]:
        return {**super()._environment(found), "RABBITMQ_NODENAME": self.node}

    def _configure(self) -> None:
        super()._configure()
        nodes = sorted(one.node for one in (self, *self.peers))
        lines = [
            f"cluster_formation.classic_config.nodes.{number} = {node}"
            for number, node in enumerate(nodes, 1)
        ]
        with (self._folder / "rabbitmq.conf").open("a") as config:
            config.write(_FORMATION + "\n".join(lines) + "\n")


class Balancer(Proxy):
    """Leads each new connection to the next node that takes it."""

    def __init__(self, nodes: list[Node]) -> None:
        super().__init__("127.0.0.1", 0)
        self._nodes = nodes
        self._turn = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in self._nodes:
            self._turn += 1
            node = self._nodes[self._turn % len(self._nodes)]
            if node.alive and node not in self.avoided and await node._greets():
                self._target = ("127.0.0.1", node.port)
                break
        await super().handle(reader, writer)

    avoided: frozenset[Node] = frozenset()


class Cluster:
    """As one RabbitMQ for whoever only wants to connect."""

    name = "rabbitmq"

    def __init__(self, folder: Path, *, kept: Path) -> None:
        self._folder = folder
        ports = [
            free_port(f"{folder}/{number}/{kind}")
            for number in range(NODES)
            for kind in ("amqp", "dist")
        ]
        self._epmd_port = free_port(f"{folder}/epmd", but=ports)
        self._kept = kept
        self.nodes = [
            Node(
                folder / f"node-{number}",
                kept,
                name=f"q{number}p{self._epmd_port}@localhost",
                ports={
                    "amqp": ports[2 * number],
                    "dist": ports[2 * number + 1],
                    "epmd": self._epmd_port,
                },
            )
            for number in range(NODES)
        ]
        self.balancer = Balancer(self.nodes)
        self._server: asyncio.Server | None = None
        self._epmd: Process | None = None

    @property
    def url(self) -> str:
        first = self.nodes[0]
        return first.url.replace(f":{first.port}/", f":{self.balancer.port}/")

    async def start(self) -> None:
        found = programs(self._kept)
        self._folder.mkdir(parents=True)
        command = [found.epmd, "-port", str(self._epmd_port), "-address", "127.0.0.1"]
        self._epmd = Process(Program(name="epmd", command=command, log=self._folder / "epmd.log"))
        self._epmd.start()
        shared = {"password": secrets.token_hex(16), "cookie": secrets.token_hex(16)}
        for node in self.nodes:
            node.peers = [one for one in self.nodes if one is not node]
            node.known_by(self._epmd, shared)
        await asyncio.gather(*(node.start() for node in self.nodes))
        running = await self.nodes[0].ctl("eval", "length(rabbit_nodes:all_running()).")
        assert running.strip() == str(NODES), running
        self._server = await asyncio.start_server(self.balancer.handle, "127.0.0.1", 0)
        self.balancer.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self.balancer.cut()
            self._server.close()
        await asyncio.gather(*(node.stop() for node in self.nodes))
        if self._epmd is not None:
            await self._epmd.stop(grace_s=5)

    async def leader(self, queue: str) -> Node:
        """The node that leads a queue, asked of whichever answers."""
        for node in self.nodes:
            if not node.alive:
                continue
            for line in (await node.ctl("list_queues", "name", "leader")).splitlines():
                name, _, leader = line.partition("\t")
                if name == queue:
                    return next(one for one in self.nodes if one.node == leader)
        raise AssertionError(f"{queue} has no leader")
