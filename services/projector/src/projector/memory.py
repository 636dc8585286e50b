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

MOST: Final = 500  # a project of 60 scenes takes about a megabyte
Versions = Mapping[UUID, tuple[int, bool]]


class Memory:
    """Projects by id. One is good for as long as the locked row still has its version: whoever
    changes a project raises that, so what others wrote meanwhile is never missed.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
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
            held = self._held.pop(project_id, None)
            if held is None or (held.project.version, held.deleted) != state:
                continue
            if held.brief and project_id not in brief:
                continue
            if held.runs.keys() >= set(run_ids[project_id]):
                found[project_id] = held
        return found

    def crowded(self, count: int) -> bool:
        """Whether so many projects more would push out others: who reads one in full to remember it
        then reads it in vain.
        """
        return len(self._held) + count > self._most

    def keep(self, held: Held, outcome: Outcome) -> None:
        """What ``held`` has become, as it was stored, once that is committed. Not a run that has
        ended: the next facts are of another one.
        """
        run = outcome.run
        if run.state is not RunState.ACTIVE:
            return
        project = outcome.project
        self._held[project.id] = replace(held, project=project, runs={run.id: run})
        if len(self._held) > self._most:
            self._held.popitem(last=False)
