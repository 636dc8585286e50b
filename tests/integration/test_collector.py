"""What the collector removes, rule by rule, and what it never does."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from support.building import a_manifest
from support.clocks import HastyClock
from support.collecting import FREE, Place, placed
from support.paying import Provider

from projector.housekeeping import Housekeeping
from shared.artifacts.calls import CallFailedError, Charge, Reply
from shared.artifacts.receipts import PaidCalls, Ticket
from shared.errors import StageError
from shared.store import tables


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(database_url, tmp_path) as place:
        yield place


async def test_what_nothing_refers_to_goes_after_a_week_and_not_before(place: Place) -> None:
    await place.orphan()
    before = await place.paths()

    await place.collect()
    await place.pass_time(6.9)
    early = await place.collect()
    kept = await place.paths()
    await place.pass_time(0.2)
    late = await place.collect()

    assert (early.due, kept) == ([], before)
    assert set(late.due) == before
    assert await place.paths() == set()


async def test_all_that_a_project_has_made_stays(place: Place) -> None:
    project = await place.driver.with_video()
    await place.orphan()

    report = await place.week()

    assert len(report.due) == 2
    assert await place.there(project)


async def test_runs_of_before_keep_theirs_too(place: Place) -> None:
    project = await place.driver.with_video()
    await place.driver.edited(project, 0, "另一句话。")
    await place.driver.post(f"/projects/{project}/production")
    await place.driver.work(project, "voice", "clip", "assembly")
    async with place.engine.connect() as conn:
        made = list((await conn.execute(select(tables.tasks.c.manifest))).scalars())

    await place.week()

    found = [await place.artifacts.find(one["key"]) for one in made]
    assert len({one.key for one in found if one}) == len({one["key"] for one in made}) > 8


async def test_a_blob_that_two_manifests_share_stays_while_one_of_them_does(place: Place) -> None:
    project = await place.driver.with_video()
    held = await place.driver.held(project)
    shared = next(t.manifest for t in held.run.tasks if t.stage == "voice").blobs["audio"]
    await place.artifacts.commit(a_manifest(FREE, blobs={"audio": shared}))

    report = await place.week()

    assert report.due == [f"{FREE}.json"]
    assert await place.artifacts.has(shared)


async def test_what_a_worker_has_made_but_not_yet_told_stays(place: Place) -> None:
    """The key is known since the dispatch; what the manifest names stands in the store alone."""
    project = await place.driver.created()
    await place.driver.post(f"/projects/{project}/script")
    [task] = (await place.driver.held(project)).run.tasks
    made = await place.orphan(key=task.spec_hash)

    report = await place.week()

    assert report.due == []
    assert await place.artifacts.find(task.spec_hash) == made


async def test_whatever_is_newer_than_the_oldest_open_run_stays(place: Place) -> None:
    """Replies of paid calls, for one, are named by nothing but their receipts."""
    project = await place.driver.created()
    await place.driver.post(f"/projects/{project}/script")
    reply = await place.artifacts.put_bytes(b"paid", ".json", "application/json")
    note = f"receipt/{'c' * 64}/end-1"
    await place.artifacts.create_note(note, b"{}")
    await place.collect()
    await place.pass_time(9)
    async with place.engine.begin() as conn:
        earlier = text("UPDATE runs SET opened_at = opened_at - interval '10 days'")
        await conn.execute(earlier)

    await place.collect()

    assert await place.artifacts.has(reply)
    assert await place.artifacts.read_note(note) == b"{}"


async def test_an_upload_stays_until_it_is_removed_and_then_for_a_week(place: Place) -> None:
    blob = await place.artifacts.put_bytes(b"picture", ".png", "image/png")
    upload = {"id": uuid4(), "user_id": "ann", "kind": "picture", "blob": blob.model_dump()}
    async with place.engine.begin() as conn:
        await conn.execute(tables.uploads.insert().values(upload))
    assert (await place.week()).due == []

    await place.driver.call("DELETE", f"/uploads/{upload['id']}")

    assert (await place.collect()).due == []
    await place.pass_time(8)
    assert (await place.collect()).due == [blob.path]


@pytest.mark.parametrize("where", ["the script", "a pinned script", "the music", "a revision"])
async def test_an_upload_that_is_gone_stays_where_it_is_shown(place: Place, where: str) -> None:
    await place.driver.with_script()
    blob = await place.artifacts.put_bytes(b"shown", ".png", "image/png")
    said = {"scenes": [{"card": {"kind": "picture", "picture": blob.model_dump()}}]}
    statement = {
        "the script": update(tables.projects).values(
            script=text("script || jsonb_build_object('x', CAST(:said AS text))")
        ),
        "a pinned script": update(tables.runs).values(
            script=text("coalesce(script, '{}') || jsonb_build_object('x', CAST(:said AS text))")
        ),
        "the music": update(tables.projects).values(
            options=text("options || jsonb_build_object('music', CAST(:said AS text))")
        ),
        "a revision": update(tables.runs).values(
            revise=text("jsonb_build_object('base', CAST(:said AS text))")
        ),
    }[where]
    async with place.engine.begin() as conn:
        await conn.execute(statement, {"said": str(said)})

    assert (await place.week()).due == []
    assert await place.artifacts.has(blob)


async def test_a_deleted_project_keeps_its_own_until_it_is_purged(place: Place) -> None:
    project = await place.driver.with_video()
    await place.driver.call("DELETE", f"/projects/{project}")
    assert (await place.week()).due == []
    async with place.engine.begin() as conn:
        long_ago = text("UPDATE video_projects SET deleted_at = now() - interval '8 days'")
        await conn.execute(long_ago)
    await Housekeeping(place.engine).tidy()

    report = await place.week()

    assert len(report.due) > 8
    assert await place.paths() == set()
    assert (await place.driver.call("GET", f"/projects/{project}")).status_code == 404


async def test_previews_and_samples_live_for_a_day(place: Place) -> None:
    body = a_manifest(FREE, blobs={}).model_dump_json().encode()
    for name in ("preview", "sample", "image"):
        file = place.root / name / f"{'d' * 64}.json"
        file.parent.mkdir(parents=True)
        file.write_bytes(body)
    await place.collect()
    await place.pass_time(1.1)

    report = await place.collect()

    assert {path.split("/")[0] for path in report.due} == {"preview", "sample"}


async def test_what_a_manifest_names_by_key_stays_with_it(place: Place) -> None:
    """A kind of tomorrow: a clip that names the picture that it was made from."""
    picture = await place.artifacts.put_bytes(b"made", ".png", "image/png")
    image = place.root / "image" / f"{'e' * 64}.json"
    image.parent.mkdir(parents=True)
    image.write_text(f'{{"blobs": {{"picture": {picture.model_dump_json()}}}}}')
    await place.driver.with_video()
    async with place.engine.begin() as conn:
        named = text(
            "UPDATE tasks SET manifest = manifest || "
            f"""'{{"from": "image/{"e" * 64}"}}' WHERE stage = 'clip'"""
        )
        await conn.execute(named)

    assert (await place.week()).due == []
    assert image.exists()
    assert await place.artifacts.has(picture)


async def test_old_receipts_go_whole_and_tombstones_after_a_month(place: Place) -> None:
    run = uuid4()
    await place.artifacts.mark_closed(run)
    for number in (1, 2):
        await place.artifacts.create_note(f"receipt/{'1' * 64}/sending-{number}", b"{}")
    await place.pass_time(6)
    await place.artifacts.create_note(f"receipt/{'1' * 64}/end-2", b"{}")
    await place.artifacts.create_note(f"receipt/{'2' * 64}/sending-1", b"{}")
    await place.collect()
    whole = await place.paths()
    await place.pass_time(6)
    await place.collect()
    later = await place.paths()
    await place.pass_time(20)
    await place.collect()

    assert len(whole) == 5
    assert later == {f"control/cancelled/{run}"}
    assert await place.paths() == set()


async def paid_for(place: Place, project: str, provider: Provider) -> Reply:
    """The project's first task makes its call, or takes up what an earlier worker left."""
    task = (await place.driver.held(project)).run.tasks[0]
    ticket = Ticket(key=task.spec_hash, authorisation=0, run_id=task.run_id)
    return await PaidCalls(place.artifacts, HastyClock()).once(ticket, provider.call)


async def much_later(place: Place) -> None:
    """Twenty days, the collector at work now and then."""
    for _ in range(5):
        await place.pass_time(4)
        await place.collect()


@pytest.mark.parametrize("charge", [Charge.UNKNOWN, Charge.YES])
async def test_a_call_that_may_have_been_paid_for_is_never_made_again_however_late_the_retry(
    place: Place, charge: Charge
) -> None:
    project = await place.driver.created()
    await place.driver.post(f"/projects/{project}/script")
    provider = Provider(failures=[CallFailedError("broken_off", charge=charge)])
    with pytest.raises(StageError) as first:
        await paid_for(place, project, provider)
    await place.driver.fail(project, first.value.code)

    await much_later(place)

    with pytest.raises(StageError) as again:
        await paid_for(place, project, provider)
    assert again.value.code == first.value.code
    assert provider.paid == 1


async def test_a_reply_that_was_paid_for_and_not_used_waits_for_the_retry(place: Place) -> None:
    project = await place.driver.created()
    await place.driver.post(f"/projects/{project}/script")
    reply = await place.artifacts.put_bytes(b"paid", ".json", "application/json")
    provider = Provider(reply=reply)
    await paid_for(place, project, provider)
    await place.driver.fail(project)

    await much_later(place)

    found = await paid_for(place, project, provider)
    assert await place.artifacts.read(found.blobs["reply"]) == b"paid"
    assert provider.paid == 1


async def test_a_receipt_goes_when_its_artifact_is_made_or_its_project_is_gone(
    place: Place,
) -> None:
    made, gone = await place.driver.created(), await place.driver.created(topic="屋顶花园")
    for project in (made, gone):
        await place.driver.post(f"/projects/{project}/script")
        await paid_for(place, project, Provider())
    await place.driver.work(made, "script")
    await place.driver.fail(gone)
    await much_later(place)
    before = await receipts_in(place)
    await place.driver.call("DELETE", f"/projects/{gone}")
    async with place.engine.begin() as conn:
        long_ago = text("UPDATE video_projects SET deleted_at = now() - interval '8 days'")
        await conn.execute(long_ago)
    await Housekeeping(place.engine).tidy()

    await much_later(place)

    assert len(before) == 1, "the one whose artifact was not made"
    assert await receipts_in(place) == set()


async def receipts_in(place: Place) -> set[str]:
    return {path.split("/")[1] for path in await place.paths() if path.startswith("receipt/")}


async def test_what_is_not_ours_is_left_alone(place: Place) -> None:
    strange = place.root / "voice" / "notes.txt"
    strange.parent.mkdir(parents=True)
    strange.write_text("mine")

    assert (await place.week()).seen == 0
    assert strange.exists()
