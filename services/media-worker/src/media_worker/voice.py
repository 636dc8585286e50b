"""``RecordVoice`` → the narration of one scene, with the times of its captions."""

from datetime import UTC, datetime

from media_worker.speech.port import Speech
from shared.artifacts.store import ArtifactStore
from shared.messages.base import FactMeta
from shared.messages.commands import RecordVoice
from shared.messages.facts import VoiceRecorded
from shared.messages.manifest import Manifest
from shared.runtime.work import Report


class VoiceStage:
    """One call of the voice a scene."""

    def __init__(self, speech: Speech, artifacts: ArtifactStore) -> None:
        self.engine = speech.engine
        self._speech = speech
        self._artifacts = artifacts

    async def make(self, command: RecordVoice, report: Report) -> Manifest:
        report.progress(1)
        spoken = await self._speech.speak(
            command.narration, language=command.meta.language, speaker=command.speaker
        )
        return Manifest(
            key=command.key,
            engine=self.engine,
            blobs={"audio": await self._artifacts.put_bytes(spoken.wav, ".wav", "audio/wav")},
            duration_ms=spoken.duration_ms,
            cues=spoken.cues,
            made_at=datetime.now(UTC),
        )

    async def result(self, meta: FactMeta, manifest: Manifest) -> VoiceRecorded:
        return VoiceRecorded(meta=meta, manifest=manifest)
