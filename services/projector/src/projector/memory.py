"""What this process folded last, so that the next facts of the same projects need not read it
again.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from shared.pipeline import Outcome
from shared.state import RunState
from shared.store.aggregate import Held

MOST: Final = 160 * 1024  # kB
_FULL_KB: Final = 8.0  # a task with its share of scripts, cues and segments: about that much
_BRIEF_KB: Final = 1.0
Versions = Mapping[UUID, tuple[int, bool]]


class Memory:
    """Projects by id, ``most`` kilobytes of them as they are estimated; those go first that were
    not asked for the longest. One is good for as long as the locked row still has its version:
    whoever changes a project raises that, so what others wrote meanwhile is never missed.
    """

    def __init__(self, *, most: float = MOST) -> None:
        self._most = most
        self._size = 0.0
        self._held: OrderedDict[UUID, Held] = OrderedDict()

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

    @property
    def crowded(self) -> bool:
        """Whether there is little room left: what need not be remembered in full should not be."""
        return 2 * self._size >= self._most

    def keep(self, held: Held, outcome: Outcome) -> None:
        """What ``held`` has become, as it was stored, once that is committed. Not a run that has
        ended: the next facts are of another one.
        """
        run = outcome.run
        if run.state is not RunState.ACTIVE:
            return
        project = outcome.project
        self._taken(project.id)
        kept = self._held[project.id] = replace(held, project=project, runs={run.id: run})
        self._size += _size(kept)
        while self._size > self._most:
            self._taken(next(iter(self._held)))

    def _taken(self, project_id: UUID) -> Held | None:
        held = self._held.pop(project_id, None)
        if held is not None:
            self._size -= _size(held)
        return held


def _size(held: Held) -> float:
    tasks = sum(len(run.tasks) for run in held.runs.values())
    return (tasks + 1) * (_BRIEF_KB if held.brief else _FULL_KB)
