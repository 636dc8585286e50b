"""Which columns a change writes: few different sets of short ones, and what is long only where it
changed.
"""

from dataclasses import replace
from uuid import uuid4

import pytest
from support.building import a_manifest, a_script, opened_production, with_script

from shared.state import changed_tasks
from shared.store import rows
from shared.store.aggregate import Saved, updates

LONG = {"script", "revise", "video", "manifest"}


def test_nothing_is_written_where_nothing_changed() -> None:
    project = replace(with_script(), video=a_manifest(), video_version=1)

    assert rows.project_changes(project, replace(project)) == {}


@pytest.mark.parametrize("change", [{"notified": True}, {"progress": 40}, {"video_version": 3}])
def test_what_is_long_is_not_written_again_with_what_is_short(change: dict[str, object]) -> None:
    project = replace(with_script(), video=a_manifest(), video_version=1)

    written = rows.project_changes(project, replace(project, **change))

    assert change.items() <= written.items()
    assert not LONG & written.keys()


def test_a_new_script_is_written_and_no_other_long_column() -> None:
    project = replace(with_script(), video=a_manifest(), video_version=1)
    written = rows.project_changes(project, replace(project, script=a_script(2), script_version=2))

    assert LONG & written.keys() == {"script"}
    assert written["script_version"] == 2


def test_progress_of_all_kinds_is_one_set_of_columns() -> None:
    task = opened_production().run.tasks[0]
    changes = [{"percent": 9.0}, {"seq": 4, "percent": 9.0}, {"seq": 4, "delivery": 1}]

    assert len({tuple(rows.task_changes(task, replace(task, **one))) for one in changes}) == 1


def test_a_run_that_is_decided_on_twice_at_once_is_refused() -> None:
    project, run = with_script(), opened_production().run
    halves = [replace(run, percent=percent) for percent in (5, 6)]

    with pytest.raises(ValueError, match="twice"):
        updates([Saved(before=project, after=project, run_before=run, run=one) for one in halves])


def test_tasks_that_changed_places_are_refused() -> None:
    run = opened_production().run

    with pytest.raises(ValueError, match="changed places"):
        changed_tasks(run, replace(run, tasks=run.tasks[::-1]))


def test_run_ids_of_others_are_no_repeat() -> None:
    project = replace(with_script(), video=a_manifest(), video_version=1)
    runs = [replace(opened_production().run, id=uuid4()) for _ in range(2)]

    changes = [
        Saved(before=project, after=project, run_before=run, run=replace(run, percent=5))
        for run in runs
    ]

    assert len(updates(changes)) == 2  # one of the project, one of both runs
