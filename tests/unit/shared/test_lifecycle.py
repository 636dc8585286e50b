"""The status table and the task lattice."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.building import a_manifest, a_project, meta_for, opened_production, task_of

from shared.lifecycle import TRANSITIONS, Change, TransitionError, changed_by, moved
from shared.messages.facts import Fact, Note, TaskFailed, TaskProgressed, TaskStarted, VoiceRecorded
from shared.state import ProjectStatus, Task, TaskState

OUTCOME = opened_production(scenes=1)
PROJECT, RUN = OUTCOME.project, OUTCOME.run
TASK = task_of(RUN, "voice")
MANIFEST = a_manifest(TASK.spec_hash)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    place = {
        "dispatch": draw(st.integers(1, 3)),
        "delivery": draw(st.integers(0, 2)),
        "seq": draw(st.integers(1, 4)),
    }
    meta = meta_for(PROJECT, RUN, TASK, **place)
    # What one position states is one thing: derive the content from the position.
    kind = draw(st.sampled_from(["started", "progressed", "progressed", "failed", "recorded"]))
    label = "-".join(map(str, place.values()))
    if kind == "started":
        return TaskStarted(meta=meta.model_copy(update={"seq": 0}))
    if kind == "progressed":
        percent = 10.0 * place["dispatch"] + 5 * place["seq"]
        return TaskProgressed(meta=meta, percent=percent, note=Note(code=label))
    if kind == "failed":
        return TaskFailed(meta=meta, code=label, retryable=True)
    return VoiceRecorded(meta=meta, manifest=MANIFEST)


def joined(task: Task, fact: Fact) -> Task:
    return replace(task, **changed_by(task, fact))


def folded(stated: list[Fact]) -> Task:
    task = TASK
    for fact in stated:
        task = joined(task, fact)
    return task


def comparable(task: Task) -> Task:
    """Done forgets its position; which dispatch's result came first is of no account."""
    return (
        task
        if task.state is not TaskState.DONE
        else Task(
            id=task.id,
            run_id=task.run_id,
            stage=task.stage,
            state=task.state,
            manifest=task.manifest,
        )
    )


@given(stated=st.lists(facts(), max_size=14), order=st.randoms())
def test_any_order_and_any_repeats_of_facts_end_in_the_same_task(
    stated: list[Fact], order: Random
) -> None:
    shuffled = stated + order.sample(stated, k=len(stated) // 2)
    order.shuffle(shuffled)

    assert comparable(folded(shuffled)) == comparable(folded(stated))


@given(stated=st.lists(facts(), max_size=14))
def test_a_task_never_loses_percent(stated: list[Fact]) -> None:
    task, percents = TASK, [0.0]
    for fact in stated:
        task = joined(task, fact)
        percents.append(task.percent)

    assert percents == sorted(percents)


def test_done_is_the_top_and_clears_the_failure_and_the_position() -> None:
    failed = joined(
        TASK, TaskFailed(meta=meta_for(PROJECT, RUN, TASK), code="voice_failed", retryable=True)
    )

    done = joined(failed, VoiceRecorded(meta=meta_for(PROJECT, RUN, TASK), manifest=MANIFEST))

    assert (done.state, done.percent, done.error, done.seq) == (TaskState.DONE, 100, None, 0)
    assert (
        joined(
            done,
            TaskFailed(meta=meta_for(PROJECT, RUN, TASK, dispatch=9), code="x", retryable=True),
        )
        == done
    )


def test_a_fact_of_an_older_dispatch_changes_only_the_percent() -> None:
    newer = joined(TASK, TaskStarted(meta=meta_for(PROJECT, RUN, TASK, dispatch=2)))

    late = joined(
        newer, TaskProgressed(meta=meta_for(PROJECT, RUN, TASK, dispatch=1, seq=9), percent=40)
    )

    assert (late.dispatch, late.seq, late.percent) == (2, newer.seq, 40)


@pytest.mark.req("R9")
@pytest.mark.parametrize(
    ("status", "change", "after"),
    [
        ("DRAFT", Change.GENERATE_SCRIPT, "GENERATING_SCRIPT"),
        ("GENERATING_SCRIPT", Change.SCRIPT_WRITTEN, "DRAFT"),
        ("EDITING", Change.REVISE, "GENERATING_SCRIPT"),
        ("COMPLETED", Change.REVISE, "GENERATING_SCRIPT"),
        ("GENERATING_SCRIPT", Change.SCRIPT_REWRITTEN, "EDITING"),
        ("DRAFT", Change.PRODUCE, "GENERATING_AUDIO"),
        ("GENERATING_AUDIO", Change.VOICES_DONE, "GENERATING_VIDEO"),
        ("GENERATING_VIDEO", Change.ASSEMBLED, "EDITING"),
        ("EDITING", Change.COMPLETE, "COMPLETED"),
        ("GENERATING_VIDEO", Change.FAIL, "FAILED"),
        ("COMPLETED", Change.REVERT_TO_EDITING, "EDITING"),
        ("EDITING", Change.PRODUCE, "GENERATING_AUDIO"),
    ],
)
def test_the_seeds_way_through_the_statuses_is_in_the_table(
    status: str, change: Change, after: str
) -> None:
    assert moved(ProjectStatus(status), change) == ProjectStatus(after)


def test_a_change_that_is_not_in_the_table_is_refused_with_a_stable_code() -> None:
    with pytest.raises(TransitionError) as refused:
        moved(ProjectStatus.COMPLETED, Change.PRODUCE)

    assert refused.value.code == "wrong_status"


@pytest.mark.parametrize("status", ["EDITING", "COMPLETED"])
def test_beside_a_finished_video_a_script_run_may_only_revise(status: str) -> None:
    with pytest.raises(TransitionError):
        moved(ProjectStatus(status), Change.GENERATE_SCRIPT)


def test_every_status_can_be_reached_and_left() -> None:
    reached = set(TRANSITIONS.values())
    left = {status for status, _ in TRANSITIONS}

    assert reached == set(ProjectStatus) == left


def test_a_new_project_is_a_draft_without_a_script() -> None:
    project = a_project()

    assert project.status is ProjectStatus.DRAFT
    assert not project.script_ready
