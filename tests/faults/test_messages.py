"""Messages that come twice, late, in any order, from nowhere, or broken."""

import json
from typing import Any
from uuid import uuid4

import pytest
from support.faults.trial import trial
from support.faults.wire import SERVED, echo, put
from support.faults.world import World
from support.waiting import eventually

from shared.messaging.topology import FACTS_QUEUE
from shared.store import tables

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="session")]

BROKEN = {
    "no JSON": b"\x80\x81 no JSON",
    "empty": b"",
    "another shape": b'{"type":"voice.record.v1","meta":7}',
    "unknown type": b'{"type":"cake.bake.v1","meta":{}}',
    "newer version": b'{"type":"facts.v2","facts":[{"type":"task.started.v2"}]}',
    "nested": b"[" * 5_000 + b"]" * 5_000,
    "huge number": b'{"type":"facts.v1","facts":[{"type":"task.progressed.v1","percent":1e999}]}',
    "10 MB": b'{"x":"' + b"A" * 10_000_000 + b'"}',
}


async def test_everything_said_again_and_again_in_any_order(world: World) -> None:
    async with echo(world.rabbitmq.url) as echoing:
        async with trial(world, "every message 4 times, in any order", customers=3) as this:
            this.over()
        before = await _settled(world)

        again = await echoing.all_again()
        await world.quiet()

    assert again > 30
    assert await _settled(world) == before, "late and stale messages change nothing"


async def test_broken_messages_are_buried_and_stop_nobody(world: World) -> None:
    async with trial(world, "broken, unknown and huge messages", customers=2) as this:
        for queue in SERVED:
            await put(world.rabbitmq.url, queue.name, *BROKEN.values())
        this.buried = len(SERVED) * len(BROKEN)
        this.over()
        await eventually(lambda: _ended(this), within=60)


async def test_facts_about_what_belongs_to_nobody_or_to_others_change_nothing(
    world: World,
) -> None:
    async with trial(world, "foreign facts", customers=1) as this:
        await eventually(lambda: this.customers[0].project, within=30)
        row = await eventually(lambda: _first_task(world, this.customers[0].project), within=30)
        lies = [
            {"user_id": "mallory"},
            {"project_id": str(uuid4())},
            {"run_id": str(uuid4())},
            {"task_id": str(uuid4())},
        ]
        facts = [{**_failure(row), "meta": {**_failure(row)["meta"], **lie}} for lie in lies]
        body = json.dumps({"type": "facts.v1", "facts": facts}).encode()
        await put(world.rabbitmq.url, FACTS_QUEUE, body, kind="facts.v1")
        this.over()

    assert this.customers[0].ended == "EDITING"


def _failure(row: dict[str, Any]) -> dict[str, Any]:
    """Says of a task, in the right form, that it failed for good."""
    meta = {
        "message_id": str(uuid4()),
        "user_id": row["user_id"],
        "language": "zh-CN",
        "project_id": str(row["project_id"]),
        "run_id": str(row["run_id"]),
        "correlation_id": str(row["run_id"]),
        "occurred_at": "2026-11-25T12:00:00Z",
        "task_id": str(row["id"]),
        "stage": row["stage"],
        "dispatch": 9,
        "delivery": 9,
        "seq": 9,
    }
    return {"type": "task.failed.v1", "meta": meta, "code": "lie", "retryable": False}


async def _first_task(world: World, project: str) -> dict[str, Any] | None:
    rows = [row for row in await world.rows(tables.tasks) if str(row["project_id"]) == project]
    return rows[0] if rows else None


async def _settled(world: World) -> dict[str, list[tuple[Any, ...]]]:
    projects = await world.rows(tables.projects)
    tasks = await world.rows(tables.tasks)
    notices = await world.rows(tables.notices)
    return {
        "projects": sorted((str(p["id"]), p["status"], p["progress"]) for p in projects),
        "tasks": sorted((str(t["id"]), t["state"], t["attempt"]) for t in tasks),
        "notices": sorted((str(n["id"]), n["kind"]) for n in notices),
    }


def _ended(this: Any) -> bool:
    return all(one.ended for one in this.customers)
