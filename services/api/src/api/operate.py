"""``reelay dead list|show|redrive|discard``, ``reelay queues``, ``reelay workers``: the operators'
desk in a terminal, over HTTP. ``REELAY_URL`` says where, ``REELAY_TOKEN`` who.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import httpx

_DESK: Final = "/api/ops"
_LETTERS: Final = {
    "id": "ID",
    "receivedAt": "RECEIVED",
    "queue": "QUEUE",
    "type": "TYPE",
    "settledAs": "SETTLED",
    "reason": "REASON",
}
_QUEUES: Final = {
    "name": "QUEUE",
    "role": "ROLE",
    "exists": "EXISTS",
    "ready": "READY",
    "consumers": "CONSUMERS",
}
_WORKERS: Final = {
    "stage": "STAGE",
    "consumers": "CONSUMERS",
    "running": "RUNNING",
    "stalled": "STALLED",
    "waiting": "WAITING",
    "oldestWaitingSeconds": "OLDEST (s)",
}
_AUDIT: Final = {"at": "WHEN", "actor": "WHO", "action": "WHAT", "outcome": "OUTCOME"}
_WIDEST: Final = 60


def main(said: Sequence[str] | None = None) -> int:
    """0 when it was done; 1, with the reason on stderr, when it was refused or nobody answered."""
    asked = _parser().parse_args(said)
    headers = {"Idempotency-Key": str(uuid4())}
    if token := os.environ.get("REELAY_TOKEN"):
        headers["Authorization"] = f"Bearer {token}"
    url = os.environ.get("REELAY_URL", "http://localhost:5173")
    try:
        with httpx.Client(base_url=url + _DESK, headers=headers, timeout=30) as client:
            sys.stdout.write(_done(client, asked))
    except httpx.HTTPStatusError as refused:
        sys.stderr.write(_reason(refused.response) + "\n")
        return 1
    except httpx.TransportError as away:
        sys.stderr.write(f"No answer from {url}: {away}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reelay", description="The operators' desk of Reelay")
    things = parser.add_subparsers(dest="thing", required=True)
    things.add_parser("queues", help="every queue as the broker says, and what waits to be sent")
    things.add_parser("workers", help="who takes each stage's work, what runs and what waits")
    dead = things.add_parser("dead", help="messages that could not be handled")
    actions = dead.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="the newest first; open ones unless --settled")
    listing.add_argument("--queue", help="only those that died in this queue")
    listing.add_argument("--reason", help="only those whose reason contains this")
    listing.add_argument("--settled", action="store_true", help="those that were settled")
    for action, meaning in (
        ("show", "one letter whole, with what was done about it"),
        ("redrive", "send it again; a command as a retry of its project's latest run"),
        ("discard", "do nothing more about it"),
    ):
        actions.add_parser(action, help=meaning).add_argument("id", type=int)
    return parser


def _done(client: httpx.Client, asked: argparse.Namespace) -> str:
    if asked.thing == "queues":
        found = _answer(client.get("/queues"))
        head = f"{found['outbox']} messages to be sent, the oldest {found['outboxAgeSeconds']} s"
        head += f" old; {found['deadLetters']} open dead letters\n"
        return head + table(_QUEUES, found["items"])
    if asked.thing == "workers":
        return table(_WORKERS, _answer(client.get("/workers")))
    if asked.action == "list":
        return table(_LETTERS, list(_letters(client, asked)))
    letter = f"/dead-letters/{asked.id}"
    if asked.action == "show":
        return _shown(_answer(client.get(letter)))
    settled = _answer(client.post(f"{letter}/{asked.action}"))
    opened = f"; run {settled['runId']} was opened" if settled["runId"] else ""
    return f"Letter {settled['id']} was {settled['settledAs']}{opened}.\n"


def _letters(client: httpx.Client, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """All of them, page by page."""
    wanted = {"queue": asked.queue, "reason": asked.reason, "settled": asked.settled}
    narrowed = {name: value for name, value in wanted.items() if value is not None}
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = _answer(client.get("/dead-letters", params={"limit": 100, **narrowed, **cursor}))
        found += page["items"]
        if page["nextCursor"] is None:
            return found
        cursor = {"cursor": page["nextCursor"]}


def _shown(letter: dict[str, Any]) -> str:
    body, audit = letter.pop("body"), letter.pop("audit")
    lines = "".join(f"{name}: {value}\n" for name, value in letter.items())
    done = f"\n{table(_AUDIT, audit)}" if audit else ""
    return f"{lines}{done}\n{_safe(body)}\n"


def table(columns: dict[str, str], rows: list[dict[str, Any]]) -> str:
    """Columns as wide as their widest value; what is not known is a dash."""
    lines = [list(columns.values()), *([_cell(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        + "\n"
        for line in lines
    )


def _cell(value: Any) -> str:
    text = "-" if value is None else _safe(str(value)).replace("\n", " ")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _safe(text: str) -> str:
    """Bodies come from anywhere: nothing in them may command the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def _answer(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem['code']}: {problem['detail']}. {problem['action']}"
    except (ValueError, KeyError, TypeError):
        return f"The answer was {answer.status_code}, and no answer of Reelay's."


if __name__ == "__main__":
    sys.exit(main())
