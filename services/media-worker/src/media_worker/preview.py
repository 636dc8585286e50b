"""``PreviewScene`` → a scene made small, with its voice; ``SampleVoice`` → one sentence."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from media_worker.clip import footage_file, picture_file
from media_worker.render.port import FPS, ClipJob, Renderer
from media_worker.speech.cues import captions, width
from media_worker.speech.port import Speech
from media_worker.speech.reading import clauses
from media_worker.workspace import workspace
from shared import voices
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactMissingError, StageError
from shared.messages.asides import PreviewScene, SampleVoice, SpokenBy
from shared.messages.base import Language
from shared.messages.manifest import Cue, Frames, Manifest
from shared.weights import spoken_seconds

_AUDIO: Final = ".wav", "audio/wav"


class PreviewMaker:
    """Never calls a voice that costs money."""

    def __init__(
        self, renderer: Renderer, speeches: Sequence[Speech], artifacts: ArtifactStore
    ) -> None:
        self._renderer = renderer
        self._speeches = {speech.engine: speech for speech in speeches}
        self._artifacts = artifacts

    async def make(self, command: PreviewScene | SampleVoice) -> Manifest:
        if isinstance(command, SampleVoice):
            return await self._sample(command)
        return await self._preview(command)

    async def _preview(self, command: PreviewScene) -> Manifest:
        if command.engine != self._renderer.engine:
            raise _unavailable(command.engine)
        voice = await self._voice(command, command.voice) if command.voice else None
        with workspace() as folder:
            job = ClipJob(
                heading=command.heading,
                card=command.card,
                cues=voice.cues if voice else estimated(command),
                voice_ms=(voice.duration_ms if voice else None) or estimated_ms(command),
                aspect=command.aspect,
                theme=command.theme,
                captions=command.captions,
                picture_path=await picture_file(
                    command.card, self._artifacts, folder, made=command.visual
                ),
                footage_path=await footage_file(
                    command.card, self._artifacts, folder, made=command.visual
                ),
            )
            sound = voice and await self._artifacts.local_file(voice.blobs["audio"], folder)
            made = await self._renderer.preview(job, folder=folder, voice_path=sound)
            put = self._artifacts.put_file
            blobs = {
                "video": await put(made.clip, "video/mp4"),
                "still": await put(made.still, "image/jpeg"),
            }
        body = made.duration_ms * FPS // 1000
        return Manifest(
            key=command.key,
            engine=command.engine,
            blobs=blobs,
            duration_ms=made.duration_ms,
            cues=job.cues,
            frames=Frames(fps=FPS, width=made.width, height=made.height, body=body),
            made_at=datetime.now(UTC),
        )

    async def _voice(self, command: PreviewScene, spoken: SpokenBy) -> Manifest:
        """The one that is there, or a new one, kept as a production would: it finds it later."""
        found = await self._artifacts.find(spoken.key)
        if found is not None:
            return found
        if not voices.is_offline(spoken.engine):
            raise ArtifactMissingError(spoken.key)
        made = await self._said(
            command.narration,
            spoken.key,
            engine=spoken.engine,
            language=command.meta.language,
            speaker=spoken.speaker,
            speed=spoken.speed,
        )
        return await self._artifacts.commit(made)

    async def _sample(self, command: SampleVoice) -> Manifest:
        if not voices.is_free(command.engine):
            raise StageError("sample_costs", command.engine, retryable=False)
        return await self._said(
            command.text,
            command.key,
            engine=command.engine,
            language=command.meta.language,
            speaker=command.speaker,
            speed=command.speed,
        )

    async def _said(  # noqa: PLR0913  (what a voice is told)
        self, text: str, key: str, *, engine: str, language: Language, speaker: str, speed: float
    ) -> Manifest:
        if engine not in self._speeches:
            raise _unavailable(engine)
        spoken = await self._speeches[engine].speak(
            text, language=language, speaker=speaker, speed=speed
        )
        return Manifest(
            key=key,
            engine=engine,
            blobs={"audio": await self._artifacts.put_bytes(spoken.wav, *_AUDIO)},
            duration_ms=spoken.duration_ms,
            cues=spoken.cues,
            cost=spoken.cost,
            made_at=datetime.now(UTC),
        )


def estimated_ms(command: PreviewScene) -> int:
    """How long the narration may take: no voice has told."""
    pauses = sum(clause.pause_ms for clause in clauses(command.narration, command.meta.language))
    speed = command.speed
    return round((1000 * spoken_seconds(command.narration) + pauses) / speed)


def estimated(command: PreviewScene) -> tuple[Cue, ...]:
    """Captions that share that time by their width."""
    shown = [clause.shown for clause in clauses(command.narration, command.meta.language)]
    whole, length = sum(map(width, shown)) or 1, estimated_ms(command)
    spans: list[tuple[int, int, str]] = []
    at = 0
    for text in shown:
        start, at = at, at + width(text)
        spans.append((length * start // whole, length * at // whole, text))
    return captions(spans)


def _unavailable(engine: str) -> StageError:
    return StageError("engine_unavailable", f"no {engine} here", retryable=False)
