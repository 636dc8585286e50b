"""What this process folded last, so that the next facts of the same projects need not read it
again.
"""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from shared.pipeline import Outcome
from shared.store.aggregate import Held, Saved

MOST: Final = 2_000
Versions = Mapping[UUID, tuple[int, bool]]


class Memory:
    """Projects by id. One is good for as long as the locked row still has its version: whoever
    changes a project raises that, so what others wrote meanwhile is never missed.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._held: OrderedDict[UUID, Held] = OrderedDict()

    def known(
        self, versions: Versions, run_ids: Mapping[UUID, Collection[UUID]]
    ) -> dict[UUID, Held]:
        """Those of the locked projects that need no reading; ``run_ids``: the runs that each is
        asked about.
        """
        found: dict[UUID, Held] = {}
        for project_id, state in versions.items():
            held = self._held.pop(project_id, None)
            if held is None or (held.project.version, held.deleted) != state:
                continue
            if held.runs.keys() >= set(run_ids[project_id]):
                found[project_id] = held
        return found

    def keep(self, held: Held, outcome: Outcome) -> None:
        """What ``held`` has become, once that is committed; not where another run followed at
        once, whose facts are read anew.
        """
        if outcome.then is not None:
            return
        run = outcome.run
        saved = Saved(
            before=held.project,
            after=outcome.project,
            run_before=held.runs.get(run.id),
            run=run,
            touched=held.runs[run.id].state is not run.state,
        )
        version = held.project.version + saved.rises
        project = replace(outcome.project, version=version)
        self._held[project.id] = Held(project=project, runs={run.id: run}, deleted=held.deleted)
        if len(self._held) > self._most:
            self._held.popitem(last=False)
