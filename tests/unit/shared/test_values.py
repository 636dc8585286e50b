import dataclasses
from uuid import uuid4

import pytest

from shared.state import Failure, Options, Task, TaskState
from shared.values import replace


def a_task() -> Task:
    return Task(id=uuid4(), run_id=uuid4(), stage="voice", percent=40.0, seq=3)


def test_a_copy_differs_in_what_is_named_and_leaves_the_old_one_alone() -> None:
    task = a_task()
    changed = replace(task, state=TaskState.RUNNING, seq=4)
    assert changed == dataclasses.replace(task, state=TaskState.RUNNING, seq=4)
    assert (task.state, task.seq, task.percent) == (TaskState.WAITING, 3, 40.0)


def test_a_copy_with_nothing_named_is_equal_and_another_one() -> None:
    options = Options(speed=1.2, style="calm")
    copied = replace(options)
    assert copied == options
    assert copied is not options


def test_a_field_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(AttributeError, match="colour"):
        replace(Failure(code="internal", retryable=False), colour="red")
    assert not hasattr(a_task(), "__dict__")
