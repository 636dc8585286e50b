"""What follows from the state of a run."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.building import (
    NOW,
    a_script,
    failed,
    opened_production,
    opened_script,
    progressed,
    result,
    started,
    task_of,
    with_script,
)

from projector.fold import folded
from shared.engines import Engines
from shared.messages.facts import Fact
from shared.openings import open_production, open_script
from shared.pipeline import (
    RUN_LIMIT,
    Outcome,
    advanced,
    closed,
    going_on,
    inputs_exist,
    key_of,
    steady,
)
from shared.state import ProjectStatus, RunState, TaskState
from shared.store.dispatch import dispatched


def after(outcome: Outcome, *facts: Fact) -> Outcome:
    return advanced(outcome.project, folded(outcome.run, facts, NOW), NOW)


def sent(outcome: Outcome) -> Outcome:
    """The outcome with its ready tasks dispatched, as the store does it."""
    run, _ = dispatched(outcome.project, outcome.run, NOW)
    return replace(outcome, run=run)


def results(outcome: Outcome, stage: str) -> list[Fact]:
    project, run = outcome.project, outcome.run
    return [result(project, run, task) for task in run.tasks if task.stage == stage]


def test_all_tasks_of_a_production_exist_when_it_opens_and_only_voices_are_ready() -> None:
    run = opened_production(scenes=3).run

    assert [t.stage for t in run.tasks] == ["voice", "clip"] * 3 + ["assembly"]
    assert {t.stage for t in run.tasks if t.state is TaskState.READY} == {"voice"}
    assert sum(t.state is TaskState.WAITING for t in run.tasks) == 4


def test_a_scenes_clip_is_ready_as_soon_as_its_own_voice_exists() -> None:
    outcome = sent(opened_production(scenes=3))
    second = task_of(outcome.run, "voice", 1)

    outcome = after(outcome, result(outcome.project, outcome.run, second))

    ready = [t for t in outcome.run.tasks if t.state is TaskState.READY]
    assert [(t.stage, t.position) for t in ready] == [("clip", 1)]


def test_assembly_is_ready_only_when_every_clip_exists() -> None:
    outcome = sent(opened_production(scenes=2))
    outcome = sent(after(outcome, *results(outcome, "voice")))
    first, last = results(outcome, "clip")

    half = after(outcome, first)
    whole = after(half, last)

    assert half.run.tasks[-1].state is TaskState.WAITING
    assert whole.run.tasks[-1].state is TaskState.READY


def test_what_is_ready_is_the_same_however_often_it_is_asked() -> None:
    run = opened_production(scenes=2).run

    assert list(inputs_exist(run)) == list(inputs_exist(run))


@pytest.mark.req("R9")
def test_a_production_goes_from_audio_to_video_to_editing_with_one_milestone() -> None:
    outcome = sent(opened_production(scenes=2))
    statuses, milestones = [outcome.project.status], list(outcome.milestones)
    for stage in ("voice", "clip", "assembly"):
        outcome = sent(after(outcome, *results(outcome, stage)))
        statuses.append(outcome.project.status)
        milestones += outcome.milestones

    assert statuses == ["GENERATING_AUDIO", "GENERATING_VIDEO", "GENERATING_VIDEO", "EDITING"]
    assert [m.type for m in milestones] == ["video.ready.v1"]
    assert (outcome.run.state, outcome.project.progress) == (RunState.DONE, 100)


@pytest.mark.req("R14")
def test_a_written_script_returns_to_draft_with_the_script_and_a_milestone() -> None:
    outcome = sent(opened_script())
    script = a_script(4)

    outcome = after(
        outcome, result(outcome.project, outcome.run, outcome.run.tasks[0], script=script)
    )

    assert outcome.project.status is ProjectStatus.DRAFT
    assert outcome.project.script == script
    assert outcome.project.completed_at == NOW
    assert [m.type for m in outcome.milestones] == ["script.ready.v1"]


def test_a_retryable_failure_is_tried_again_after_10_then_60_seconds_then_the_run_fails() -> None:
    outcome = sent(opened_production(scenes=1))
    delays = []
    for _ in range(2):
        task = task_of(outcome.run, "voice")
        fact = failed(outcome.project, outcome.run, task, dispatch=task.dispatch)
        outcome = after(outcome, fact)
        task = task_of(outcome.run, "voice")
        delays.append(task.not_before - NOW)
        later = replace(task, not_before=NOW)
        tasks = tuple(later if t.id == task.id else t for t in outcome.run.tasks)
        outcome = sent(replace(outcome, run=replace(outcome.run, tasks=tasks)))
    task = task_of(outcome.run, "voice")

    outcome = after(outcome, failed(outcome.project, outcome.run, task, dispatch=task.dispatch))

    assert delays == [timedelta(seconds=10), timedelta(seconds=60)]
    assert outcome.project.status is ProjectStatus.FAILED
    assert outcome.run.error.code == "render_failed"


def test_the_same_failure_heard_twice_costs_one_attempt() -> None:
    outcome = sent(opened_production(scenes=1))
    task = task_of(outcome.run, "voice")
    fact = failed(outcome.project, outcome.run, task, dispatch=task.dispatch)

    once = after(outcome, fact)
    twice = after(once, fact)

    assert task_of(twice.run, "voice").attempt == task_of(once.run, "voice").attempt == 2


def test_a_failure_that_no_retry_mends_ends_the_run_and_drops_what_is_unfinished() -> None:
    outcome = sent(opened_production(scenes=2))
    first, second = task_of(outcome.run, "voice", 0), task_of(outcome.run, "voice", 1)

    outcome = after(
        outcome,
        result(outcome.project, outcome.run, first),
        failed(outcome.project, outcome.run, second, code="engine_unavailable", retryable=False),
    )

    states = {(t.stage, t.position): t.state for t in outcome.run.tasks}
    assert states["voice", 0] is TaskState.DONE
    assert states["voice", 1] is TaskState.FAILED
    assert states["clip", 0] is TaskState.DROPPED
    assert [m.type for m in outcome.milestones] == ["run.failed.v1"]


def test_a_run_past_its_two_hours_fails_and_says_so() -> None:
    outcome = sent(opened_production(scenes=1))
    run = replace(outcome.run, first_started_at=NOW - RUN_LIMIT - timedelta(seconds=1))

    late = advanced(outcome.project, run, NOW)

    assert late.run.error.code == "run_timeout"


def test_a_video_whose_last_result_is_read_after_the_two_hours_is_finished() -> None:
    outcome = sent(opened_production(scenes=1))
    done = tuple(replace(task, state=TaskState.DONE) for task in outcome.run.tasks)
    began = NOW - RUN_LIMIT - timedelta(seconds=1)

    late = advanced(outcome.project, replace(outcome.run, tasks=done, first_started_at=began), NOW)

    assert late.run.state is RunState.DONE


def test_a_closed_run_is_changed_by_nothing() -> None:
    outcome = opened_production(scenes=1)
    cancelled = closed(outcome.project, outcome.run, RunState.CANCELLED, now=NOW)

    again = advanced(cancelled.project, cancelled.run, NOW)

    assert (again.project, again.run) == (cancelled.project, cancelled.run)
    assert cancelled.project.status is ProjectStatus.DRAFT


def test_a_scenes_key_knows_neither_its_place_nor_how_many_scenes_there_are() -> None:
    long = with_script(3)
    short = replace(long, script=long.script.model_copy(update={"scenes": long.script.scenes[1:]}))
    long_run = open_production(long, uuid4(), Engines())
    short_run = open_production(short, uuid4(), Engines())

    before = key_of(long, long_run, task_of(long_run, "voice", 1))
    after_cut = key_of(short, short_run, task_of(short_run, "voice", 0))

    assert before == after_cut


def test_another_user_or_another_word_is_another_artifact() -> None:
    project = with_script(1)
    run = open_production(project, uuid4(), Engines())
    voice = task_of(run, "voice")
    other_user = replace(project, user_id="bob")

    assert key_of(project, run, voice) != key_of(other_user, run, voice)


def test_again_asks_for_another_take_and_a_retry_for_the_same() -> None:
    project = with_script(1)

    again = open_script(project, uuid4(), Engines(), again=True)
    retry = open_script(project, uuid4(), Engines(), again=False)

    assert (again.take, retry.take) == (2, 1)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), scenes=st.integers(1, 4))
def test_progress_never_falls_and_only_a_finished_run_says_a_hundred(
    seed: int, scenes: int
) -> None:
    order = Random(seed)
    outcome = sent(opened_production(scenes=scenes))
    seen = [outcome.project.progress]
    while outcome.run.state is RunState.ACTIVE:
        open_tasks = [
            t for t in outcome.run.tasks if t.state in {TaskState.DISPATCHED, TaskState.RUNNING}
        ]
        task = order.choice(open_tasks)
        project, run, place = outcome.project, outcome.run, {"dispatch": task.dispatch}
        fact = order.choice(
            [
                started(project, run, task, **place),
                progressed(
                    project, run, task, order.uniform(0, 100), seq=order.randint(1, 9), **place
                ),
                result(project, run, task, **place),
            ]
        )
        outcome = sent(after(outcome, fact))
        seen.append(outcome.project.progress)

    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert 100 not in seen[:-1]


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), scenes=st.integers(1, 4))
def test_what_decides_nothing_leaves_a_steady_run_steady(seed: int, scenes: int) -> None:
    """Whichever of its tasks it tells of, and from wherever in their history."""
    order = Random(seed)
    outcome, steadily = sent(opened_production(scenes=scenes)), 0
    while outcome.run.state is RunState.ACTIVE:
        project, run = outcome.project, outcome.run
        if steady(run, NOW):
            task = order.choice(run.tasks)
            place = {"dispatch": order.randint(1, 3), "seq": order.randint(0, 9)}
            told = order.choice(
                [
                    started(project, run, task, **place),
                    progressed(project, run, task, order.uniform(0, 100), **place),
                ]
            )
            then = folded(run, [told], NOW)
            assert steady(then, NOW)
            assert going_on(project, then) == advanced(project, then, NOW)
            steadily += 1
        unfinished = [t for t in run.tasks if t.state in {TaskState.DISPATCHED, TaskState.RUNNING}]
        task = order.choice(unfinished)
        tells = [progressed(project, run, task, 40, dispatch=1), result(project, run, task)]
        outcome = sent(after(outcome, order.choice(tells)))

    assert steadily
