"""``MakeVisual`` → the picture that a card asks for, by the maker that the run pinned."""

from datetime import UTC, datetime

from media_worker.visuals.port import Maker, Order
from media_worker.workspace import workspace
from shared.artifacts.receipts import Ticket
from shared.artifacts.store import ArtifactStore
from shared.messages.base import FactMeta
from shared.messages.commands import MakeVisual
from shared.messages.facts import VisualMade
from shared.messages.manifest import Manifest
from shared.runtime.work import Report


class VisualStage:
    """Waits on providers, minutes long: it holds no place of a renderer."""

    def __init__(self, *makers: Maker, artifacts: ArtifactStore) -> None:
        self._makers = {maker.engine: maker for maker in makers}
        self.engine = frozenset(self._makers)
        self._artifacts = artifacts

    async def make(self, command: MakeVisual, report: Report) -> Manifest:
        report.progress(1)
        order = Order(prompt=command.prompt, aspect=command.aspect, ticket=Ticket.of(command))
        with workspace() as folder:
            made = await self._makers[command.engine].make(
                order, folder=folder, progress=lambda share: report.progress(1 + 98 * share)
            )
            blob = await self._artifacts.put_file(made.file, made.media_type)
        return Manifest(
            key=command.key,
            engine=command.engine,
            blobs={command.kind: blob},
            duration_ms=made.duration_ms,
            cost=made.cost or None,
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> VisualMade:
        return VisualMade(meta=meta, manifest=manifest)
