"""The only writer of commands: it raises the dispatch, marks the task, and puts the command into
the outbox.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.commanding import command_of
from shared.messages.commands import AnyCommand
from shared.messages.milestones import AnyMilestone, RunCancelled, RunFailed
from shared.messaging.topology import COMMANDS, CONTROL, MILESTONES, command_queue, milestone_key
from shared.pipeline import Outcome
from shared.state import Project, Run, RunState, TaskState
from shared.store import collecting, outbox
from shared.store.aggregate import Event, Held, Saved, inserts, lines, standing, updates
from shared.store.history import happened
from shared.store.outbox import Letter, appending
from shared.store.recordset import Statement, send, send_provided
from shared.values import replace


@dataclass(slots=True)
class _Writing:
    """What decisions come to: rows that change, lines for the log, messages for the outbox."""

    changes: list[Saved] = field(default_factory=list[Saved])
    events: list[Event] = field(default_factory=list[Event])
    commands: list[AnyCommand] = field(default_factory=list[AnyCommand])
    milestones: list[AnyMilestone] = field(default_factory=list[AnyMilestone])

    def add(self, held: Held, outcome: Outcome, now: datetime) -> Outcome:
        """The outcome as it will be stored: with what was dispatched, and the version that its
        project then has.
        """
        run, sent = dispatched(outcome.project, outcome.run, now)
        if held.brief and (sent or run.state is not RunState.ACTIVE):
            raise ValueError("a decision of consequence about a project that was read in brief")
        before = held.runs.get(run.id)
        stands = outcome.last.project
        saved = Saved(
            before=held.project,
            after=stands,
            run_before=before,
            run=run,
            touched=before is None or before.state is not run.state,
        )
        self.changes.append(saved)
        self.commands += sent
        self.milestones += outcome.milestones
        self.events += happened(saved, run, sent)
        then = outcome.then and self.add(
            Held(project=stands, runs={}, deleted=held.deleted), outcome.then, now
        )
        version = held.project.version + saved.rises
        project = replace(outcome.project, version=version)
        return Outcome(project=project, run=run, milestones=outcome.milestones, then=then)

    @property
    def refers(self) -> bool:
        """To artifacts, as nothing else but an opening does anew."""
        return bool(self.commands)

    @property
    def posts(self) -> bool:
        return bool(self.commands or self.milestones)

    def notes(self, at: datetime | None = None) -> list[Statement]:
        """The log, dated ``at``, and the outbox."""
        return [*lines(self.events, at), *appending(self._letters())]

    def _letters(self) -> list[Letter]:
        ends = (m for m in self.milestones if isinstance(m, RunCancelled | RunFailed))
        stops = [outbox.stop_message(milestone) for milestone in ends]
        return [
            *(Letter(COMMANDS, command_queue(c.meta.stage), c) for c in self.commands),
            *(Letter(MILESTONES, milestone_key(m.type), m) for m in self.milestones),
            *(Letter(CONTROL, "", stop) for stop in stops),
        ]


class Committed(NamedTuple):
    """The outcomes as stored, with what was dispatched, and whether messages now wait for a
    relay.
    """

    outcomes: list[Outcome]
    posted: bool


async def commit_outcomes(
    conn: AsyncConnection,
    decided: Sequence[tuple[Held, Outcome]],
    *,
    now: datetime,
    also: Sequence[Statement] = (),
) -> Committed:
    """Writes decisions under their projects' locks: state, log, due commands and milestones, and
    what is ``also`` to be written, in one transaction. A run that ``Held`` does not know is new.
    """
    writing = _Writing()
    outcomes = [writing.add(held, outcome, now) for held, outcome in decided]
    changes, opened = updates(writing.changes), inserts(writing.changes)
    if opened and any(change.run_before for change in writing.changes):
        # one run of a project is active: what a new one follows has to end in a statement before
        await send(conn, changes)
        changes = []
    rest = [*changes, *opened, *writing.notes(), *also]
    await send(conn, collecting.with_sharing(rest) if opened or writing.refers else rest)
    return Committed(outcomes, posted=writing.posts)


async def commit_standing(
    conn: AsyncConnection,
    decided: Sequence[tuple[Held, Outcome]],
    *,
    now: datetime,
    also: Sequence[Statement] = (),
) -> tuple[Committed | None, datetime]:
    """``commit_outcomes`` without locks taken before: one statement, a transaction of its own,
    which writes nothing (None) if one of the projects is not as it is ``Held`` any more, or it is
    not ``now``. And the database's clock. No run is new, nor followed by another one.
    """
    writing = _Writing()
    outcomes = [writing.add(held, outcome, now) for held, outcome in decided]
    if inserts(writing.changes):
        raise ValueError("a run can't be opened without the lock of its project")
    changes = [*updates(writing.changes), *writing.notes(now), *also]
    answer = "holds, clock_timestamp() AS now"
    if writing.refers:
        answer += f", CASE WHEN holds THEN {collecting.SHARING} END"
    that = standing((held for held, _ in decided), now)
    found = await send_provided(conn, that, changes, answer)
    return (Committed(outcomes, posted=writing.posts) if found.holds else None), found.now


def dispatched(project: Project, run: Run, now: datetime) -> tuple[Run, list[AnyCommand]]:
    """Every ready task that is due, sent: the run with the raised dispatches, and the commands."""
    if run.state is not RunState.ACTIVE:
        return run, []
    due = {
        task.id: replace(
            task, state=TaskState.DISPATCHED, dispatch=task.dispatch + 1, not_before=None
        )
        for task in run.tasks
        if task.state is TaskState.READY and (task.not_before is None or task.not_before <= now)
    }
    if not due:
        return run, []
    run = replace(run, tasks=tuple(due.get(task.id, task) for task in run.tasks))
    return run, [command_of(project, run, task) for task in run.tasks if task.id in due]
