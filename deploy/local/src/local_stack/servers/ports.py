"""Free TCP ports that a folder keeps, so that a stack comes back on the ports that it had."""

import json
import socket
import zlib
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

# Below the range of outgoing connections, so that nobody takes a port by chance.
_FIRST: Final = 15_000
_COUNT: Final = 16_000


def free_port(seed: str, *, but: Collection[int] = ()) -> int:
    """A port on 127.0.0.1 that nobody listens on; each seed begins to look elsewhere."""
    return next(port for port in _candidates(seed) if port not in but and is_free(port))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def kept_ports(file: Path, names: Collection[str]) -> dict[str, int]:
    """One port a name: that of last time where it is still free, else a new one, remembered in
    ``file``.
    """
    kept: dict[str, int] = {}
    with suppress(FileNotFoundError, json.JSONDecodeError):
        kept = json.loads(file.read_text())
    chosen: dict[str, int] = {}
    for name in names:
        port = kept.get(name, 0)
        if not port or port in chosen.values() or not is_free(port):
            port = free_port(f"{file.resolve()}/{name}", but=chosen.values())
        chosen[name] = port
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(chosen))
    return chosen


def _candidates(seed: str) -> Iterator[int]:
    start = zlib.crc32(seed.encode())
    return (_FIRST + (start + step) % _COUNT for step in range(_COUNT))
