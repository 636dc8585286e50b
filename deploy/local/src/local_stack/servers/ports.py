"""Free ports, chosen once and kept beside the data, so that a restart finds the same addresses."""

import json
import socket
from pathlib import Path


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kept_ports(file: Path, names: list[str]) -> dict[str, int]:
    """The ports of ``names`` as ``file`` remembers them; new ones are chosen and remembered."""
    known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    for name in names:
        if name not in known:
            port = free_port()
            while port in known.values() or port > 45_000:  # RabbitMQ adds 20000 to some of them
                port = free_port()
            known[name] = port
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(known))
    return {name: known[name] for name in names}


def listening(port: int) -> bool:
    """Whether something on this machine takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
