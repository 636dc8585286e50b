"""The desk for dead letters: what operators see, what they can do, and the line that it leaves."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from support.burying import buried, dead_script, last_command
from support.driving import Driver, refused
from support.operating import ops, read

from shared.messages.facts import FactBatch
from shared.messaging.topology import FACTS_QUEUE
from shared.milestones import milestone_of
from shared.store import tables


async def listed(driver: Driver, **narrowed: Any) -> list[int]:
    answer = await ops(driver, "GET", "/dead-letters", params=narrowed)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def redrive(driver: Driver, letter: int, **more: Any) -> httpx.Response:
    return await ops(driver, "POST", f"/dead-letters/{letter}/redrive", **more)


def outcomes(shown: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(line["actor"], line["action"], line["outcome"]) for line in shown["audit"]]


async def test_a_dead_command_is_listed_and_shown_whole(driver: Driver) -> None:
    project, letter = await dead_script(driver)

    [item] = (await ops(driver, "GET", "/dead-letters")).json()["items"]
    shown = await read(driver, letter)

    assert (item["id"], item["queue"], item["type"]) == (
        letter,
        "script-worker.script",
        "script.write.v1",
    )
    assert (shown["way"], shown["projectId"], shown["audit"]) == ("retry", project, [])
    assert json.loads(shown["body"])["type"] == "script.write.v1"
    assert item["size"] == len(shown["body"].encode())
    assert shown["headers"] == {"x-death": "1"}


async def test_a_body_without_end_is_shown_in_part(driver: Driver) -> None:
    letter = await buried(driver.engine, b"\xff" + b"x" * 100_000)

    shown = await read(driver, letter)

    assert (shown["size"], shown["truncated"], shown["way"]) == (100_001, True, None)
    assert shown["body"].startswith("\ufffdxxx")
    assert len(shown["body"]) == 64 * 1024


async def test_the_list_goes_on_where_a_page_ends(driver: Driver) -> None:
    letters = [await buried(driver.engine, f"{number}".encode()) for number in range(5)]
    seen: list[int] = []
    cursor: dict[str, str] = {}

    while True:
        answer = (await ops(driver, "GET", "/dead-letters", params={"limit": 2, **cursor})).json()
        seen += [item["id"] for item in answer["items"]]
        if answer["nextCursor"] is None:
            break
        cursor = {"cursor": answer["nextCursor"]}

    assert seen == letters[::-1]


async def test_the_list_is_narrowed_by_queue_reason_and_what_is_settled(driver: Driver) -> None:
    script = await buried(driver.engine, b"1", reason="rejected")
    facts = await buried(driver.engine, b"2", queue=FACTS_QUEUE, reason="50%_off: bad")
    await ops(driver, "POST", f"/dead-letters/{script}/discard")

    assert await listed(driver, queue=FACTS_QUEUE) == [facts]
    assert await listed(driver, reason="50%_") == [facts]
    assert await listed(driver, reason="5_%") == []
    assert await listed(driver, settled=True) == [script]
    assert await listed(driver, settled=False) == [facts]
    assert await listed(driver, queue=FACTS_QUEUE, settled=True) == []


async def test_redriving_a_dead_command_retries_its_run(driver: Driver) -> None:
    project, letter = await dead_script(driver)
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "FAILED"

    answer = await redrive(driver, letter)

    status = await driver.get(f"/projects/{project}/status")
    assert answer.status_code == 202
    assert answer.json() == {"id": letter, "settledAs": "redriven", "runId": status["runId"]}
    assert status["status"] == "GENERATING_SCRIPT"
    await driver.work(project, "script")
    assert (await driver.get(f"/projects/{project}/status"))["scriptReady"]


async def test_a_production_redriven_keeps_what_was_made(driver: Driver) -> None:
    project = await driver.with_script()
    await driver.post(f"/projects/{project}/production")
    await driver.work(project, "voice")
    clip = await last_command(driver.engine, project)
    letter = await buried(driver.engine, clip, queue="media-worker.clip")

    answer = await redrive(driver, letter)

    assert answer.status_code == 202, answer.text
    held = await driver.held(project)
    voices = [task for task in held.run.tasks if task.stage == "voice"]
    assert str(held.run.id) == answer.json()["runId"]
    assert voices
    assert all(task.reused for task in voices)


async def test_a_command_of_an_older_run_is_not_redriven(driver: Driver) -> None:
    project, letter = await dead_script(driver)
    await driver.post(f"/projects/{project}/retry")

    answer = await redrive(driver, letter)

    assert refused(answer, 409, "dead_letter_outdated")
    shown = await read(driver, letter)
    assert shown["settledAs"] is None
    assert outcomes(shown) == [("olga", "redrive", "dead_letter_outdated")]


async def test_a_command_whose_project_is_gone_is_not_redriven(driver: Driver) -> None:
    project, letter = await dead_script(driver)
    await driver.call("DELETE", f"/projects/{project}")

    assert refused(await redrive(driver, letter), 409, "dead_letter_outdated")


async def test_a_command_that_names_another_user_reaches_nothing_of_them(driver: Driver) -> None:
    project, _ = await dead_script(driver)
    raw = json.loads(await last_command(driver.engine, project))
    raw["meta"]["user_id"] = "eve"
    letter = await buried(driver.engine, json.dumps(raw).encode())

    answer = await redrive(driver, letter)

    assert refused(answer, 409, "dead_letter_outdated")
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "FAILED"


async def test_a_command_whose_task_was_done_after_all_is_not_redriven(driver: Driver) -> None:
    project = await driver.created()
    await driver.post(f"/projects/{project}/script")
    command = await last_command(driver.engine, project)
    await driver.work(project, "script")
    letter = await buried(driver.engine, command)

    assert refused(await redrive(driver, letter), 409, "not_failed")
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "DRAFT"


async def test_an_operator_does_not_agree_to_a_second_charge(driver: Driver) -> None:
    project, letter = await dead_script(driver)
    async with driver.engine.begin() as conn:
        unknown = {"code": "outcome_unknown", "detail": "", "retryable": False}
        await conn.execute(update(tables.projects).values(error=unknown))

    assert refused(await redrive(driver, letter), 409, "charge_unconfirmed")
    assert (await driver.get(f"/projects/{project}/status"))["status"] == "FAILED"


async def test_facts_go_out_again_as_they_were(driver: Driver) -> None:
    project = await driver.with_script()
    held = await driver.held(project)
    fact = {
        **json.loads(await last_command(driver.engine, project)),
        "type": "task.started.v1",
    }
    fact["meta"] |= {"delivery": 0, "seq": 1}
    body = FactBatch(facts=(fact,)).model_dump_json().encode()
    letter = await buried(driver.engine, body, queue=FACTS_QUEUE)

    answer = await redrive(driver, letter)

    assert answer.json() == {"id": letter, "settledAs": "redriven", "runId": None}
    row = await _last_row(driver)
    assert (row["exchange"], row["routing_key"], row["type"], bytes(row["body"])) == (
        "video.facts",
        "projector.facts",
        "facts.v1",
        body,
    )
    assert row["run_id"] == held.run.id


async def test_a_milestone_goes_out_again_beside_its_first_row(driver: Driver) -> None:
    project = await driver.with_script()
    held = await driver.held(project)
    told = milestone_of(held.project, held.run)
    body = told.model_dump_json().encode()
    letter = await buried(driver.engine, body, queue="notifier.milestones")

    answer = await redrive(driver, letter)

    assert answer.status_code == 202
    row = await _last_row(driver)
    assert (row["exchange"], row["routing_key"]) == ("video.milestones", "script.ready")
    assert bytes(row["body"]) == body
    assert row["message_id"] != told.meta.message_id


@pytest.mark.parametrize("body", [b"\xff\x00", b'{"type": "voice.record.v99"}'])
async def test_what_nobody_can_read_can_be_discarded_and_nothing_else(
    driver: Driver, body: bytes
) -> None:
    letter = await buried(driver.engine, body)

    redriven = await redrive(driver, letter)
    discarded = await ops(driver, "POST", f"/dead-letters/{letter}/discard")

    assert refused(redriven, 409, "dead_letter_unreadable")
    assert discarded.json() == {"id": letter, "settledAs": "discarded", "runId": None}
    assert outcomes(await read(driver, letter)) == [
        ("olga", "redrive", "dead_letter_unreadable"),
        ("olga", "discard", "discarded"),
    ]


async def test_a_letter_is_settled_once(driver: Driver) -> None:
    _, letter = await dead_script(driver)
    first = await redrive(driver, letter)

    answers = [
        await redrive(driver, letter),
        await ops(driver, "POST", f"/dead-letters/{letter}/discard"),
    ]

    assert first.status_code == 202
    assert all(refused(answer, 409, "dead_letter_settled") for answer in answers)
    assert (await read(driver, letter))["settledAs"] == "redriven"


async def test_two_operators_at_once_open_one_run(driver: Driver) -> None:
    _, letter = await dead_script(driver)

    answers = await asyncio.gather(*(redrive(driver, letter) for _ in range(4)))

    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    async with driver.engine.connect() as conn:
        runs = select(func.count()).select_from(tables.runs)
        assert (await conn.execute(runs)).scalar_one() == 2


async def test_the_same_key_again_is_the_same_answer_and_one_line(driver: Driver) -> None:
    _, letter = await dead_script(driver)
    key = {"Idempotency-Key": "once"}

    answers = [await redrive(driver, letter, headers=key) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert len((await read(driver, letter))["audit"]) == 1


async def test_there_is_no_letter_that_nobody_wrote(driver: Driver) -> None:
    answers = [
        await ops(driver, "GET", "/dead-letters/77"),
        await redrive(driver, 77),
        await ops(driver, "POST", "/dead-letters/77/discard"),
    ]

    assert all(refused(answer, 404, "dead_letter_not_found") for answer in answers)


async def _last_row(driver: Driver) -> dict[str, Any]:
    async with driver.engine.connect() as conn:
        rows = await conn.execute(select(tables.outbox).order_by(tables.outbox.c.id.desc()))
        return dict(rows.mappings().first() or {})
