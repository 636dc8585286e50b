"""``RecordVoice`` → the narration of one scene, with the times of its captions."""

from datetime import UTC, datetime

from media_worker.speech.port import Speech
from shared.artifacts.receipts import Ticket
from shared.artifacts.store import ArtifactStore
from shared.messages.base import FactMeta
from shared.messages.commands import RecordVoice
from shared.messages.facts import VoiceRecorded
from shared.messages.manifest import Manifest
from shared.runtime.work import Report


class VoiceStage:
    """One call of the voice a scene, by the engine that the run pinned: never by another."""

    def __init__(self, *speeches: Speech, artifacts: ArtifactStore) -> None:
        self._speeches = {speech.engine: speech for speech in speeches}
        self.engine = frozenset(self._speeches)
        self._artifacts = artifacts

    async def make(self, command: RecordVoice, report: Report) -> Manifest:
        report.progress(1)
        spoken = await self._speeches[command.engine].speak(
            command.narration,
            language=command.meta.language,
            speaker=command.speaker,
            speed=command.speed,
            ticket=Ticket.of(command),
        )
        return Manifest(
            key=command.key,
            engine=command.engine,
            blobs={"audio": await self._artifacts.put_bytes(spoken.wav, ".wav", "audio/wav")},
            duration_ms=spoken.duration_ms,
            cues=spoken.cues,
            cost=spoken.cost,
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> VoiceRecorded:
        return VoiceRecorded(meta=meta, manifest=manifest)
