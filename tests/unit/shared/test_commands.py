"""Commands built from a run."""

from dataclasses import replace

from support.building import NOW, opened_production, opened_script, task_of

from shared.commanding import TIMEOUT_S, command_of
from shared.messages.commands import RecordVoice, WriteScript
from shared.store.dispatch import dispatched


def test_the_same_dispatch_is_the_same_message_however_often_it_is_built() -> None:
    outcome = opened_production(scenes=1)
    task = replace(task_of(outcome.run, "voice"), dispatch=1)

    first = command_of(outcome.project, outcome.run, task)
    again = command_of(outcome.project, outcome.run, task)
    next_dispatch = command_of(outcome.project, outcome.run, replace(task, dispatch=2))

    assert first.meta.message_id == again.meta.message_id
    assert next_dispatch.meta.message_id != first.meta.message_id


def test_dispatching_raises_the_number_of_every_ready_task_and_of_no_other() -> None:
    outcome = opened_production(scenes=2)

    run, commands = dispatched(outcome.project, outcome.run, NOW)

    assert [(t.stage, t.dispatch) for t in run.tasks if t.dispatch] == [("voice", 1), ("voice", 1)]
    assert all(isinstance(command, RecordVoice) for command in commands)
    assert dispatched(outcome.project, run, NOW)[1] == []


def test_a_command_carries_every_input_the_engine_and_the_limit() -> None:
    outcome = opened_script()

    _, [command] = dispatched(outcome.project, outcome.run, NOW)

    assert isinstance(command, WriteScript)
    assert command.source == outcome.project.source
    assert command.engine == outcome.run.engines.writer
    assert command.timeout_s == TIMEOUT_S["script"] == 600
    assert command.key.startswith("script/")
