"""What this process folded last, so that the next facts of the same projects need not read it
again.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from shared.pipeline import Outcome
from shared.state import RunState
from shared.store.aggregate import Held, in_brief

MOST: Final = 160 * 1024  # kB
IDLE_S: Final = 120.0  # who works tells so every few seconds; a run that is silent may have ended
DOUBT_S: Final = 1.0  # after which what is remembered is relied on again
_FULL_KB: Final = 8.0  # a task with its cues and segments, or a scene of a script: less than that
_BRIEF_KB: Final = 1.0
_LETTER_KB: Final = 0.002
Versions = Mapping[UUID, tuple[int, bool]]


class _Kept(NamedTuple):
    """``at``: when it was last heard of, by our own clock; ``size`` in kB."""

    held: Held
    at: float
    size: float


class Memory:
    """Projects by id, ``most`` kilobytes of them as they are estimated, none that nothing was heard
    of for ``IDLE_S``. Where there is no room, those that were silent for longest first lose their
    texts, and are forgotten when none has texts any more. One is good for as long as the locked row
    still has its version: whoever changes a project raises that, so what others wrote meanwhile is
    never missed.
    """

    def __init__(self, *, most: float = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._size = 0.0
        self._surprised = self._trusted_from = -math.inf
        self._heard: tuple[datetime, float] | None = None
        self._held: OrderedDict[UUID, _Kept] = OrderedDict()  # oldest first
        self._full: OrderedDict[UUID, None] = OrderedDict()  # those of them that have their texts

    def known(
        self,
        versions: Versions,
        run_ids: Mapping[UUID, Collection[UUID]],
        brief: Collection[UUID] = (),
    ) -> dict[UUID, Held]:
        """Those of the locked projects that need no reading; ``run_ids``: the runs that each is
        asked about; ``brief``: those whose texts nobody asks for.
        """
        found: dict[UUID, Held] = {}
        for project_id, state in versions.items():
            held = self._taken(project_id)
            if held is None or (held.project.version, held.deleted) != state:
                continue
            if held.brief and project_id not in brief:
                continue
            if held.runs.keys() >= set(run_ids[project_id]):
                found[project_id] = held
        return found

    def all_of(self, run_ids: Mapping[UUID, Collection[UUID]]) -> list[Held]:
        """The projects as they were remembered, if all of them are, with the runs that each is
        asked about; else none. They may have changed since: whoever writes has to make sure.
        """
        if self._clock() < self._trusted_from:
            return []
        found = [self._held[one].held for one in run_ids if one in self._held]
        all_there = len(found) == len(run_ids) and all(
            held.runs.keys() >= set(run_ids[held.project.id]) for held in found
        )
        return found if all_there else []

    def doubted(self) -> None:
        """One of ``all_of`` had changed. If that goes on, several projectors write the same
        projects, and asking would be in vain most of the time.
        """
        before, self._surprised = self._surprised, self._clock()
        if self._surprised - before < DOUBT_S:
            self._trusted_from = self._surprised + DOUBT_S

    def heard(self, now: datetime) -> None:
        """The database said that it is ``now`` there."""
        self._heard = (now, self._clock())

    @property
    def now(self) -> datetime | None:
        """The database's clock as it should stand, since it was last heard; None before that. Late
        by what its answer took, or a pause of the whole machine: whoever writes has to make sure.
        """
        if self._heard is None:
            return None
        said, at = self._heard
        return said + timedelta(seconds=self._clock() - at)

    @property
    def crowded(self) -> bool:
        """Whether there is little room left: what need not be remembered in full should not be."""
        return 2 * self._size >= self._most

    def keep(self, held: Held, outcome: Outcome) -> None:
        """What ``held`` has become, as it was stored, once that is committed. Not a run that has
        ended: the next facts are of another one.
        """
        run, project, now = outcome.run, outcome.project, self._clock()
        self._taken(project.id)
        if run.state is not RunState.ACTIVE:
            return
        kept = Held(project=project, runs={run.id: run}, deleted=held.deleted, brief=held.brief)
        self._put(project.id, _Kept(kept, now, _size(kept)))
        if not kept.brief:
            self._full[project.id] = None
        self._make_room(now)

    def _make_room(self, now: float) -> None:
        while self._held:
            oldest, kept = next(iter(self._held.items()))
            if now - kept.at >= IDLE_S:
                self._taken(oldest)
            elif self._size <= self._most:
                break
            elif self._full:
                self._shorten(next(iter(self._full)))
            else:
                self._taken(oldest)

    def _shorten(self, project_id: UUID) -> None:
        full = self._held[project_id]
        brief = in_brief(full.held)
        self._size -= full.size
        self._put(project_id, _Kept(brief, full.at, _size(brief)))  # where it was
        del self._full[project_id]

    def _put(self, project_id: UUID, kept: _Kept) -> None:
        self._held[project_id] = kept
        self._size += kept.size

    def _taken(self, project_id: UUID) -> Held | None:
        kept = self._held.pop(project_id, None)
        self._full.pop(project_id, None)
        if kept is None:
            return None
        self._size -= kept.size
        return kept.held


def _size(held: Held) -> float:
    runs, source = held.runs.values(), held.project.source
    parts = 1 + sum(len(run.tasks) for run in runs)
    if held.brief:
        return parts * _BRIEF_KB
    scripts = [held.project.script]
    for run in runs:
        scripts += [run.script, run.revise.base if run.revise else None]
    parts += sum(len(script.scenes) for script in scripts if script)
    return parts * _FULL_KB + len(source.text) * _LETTER_KB
