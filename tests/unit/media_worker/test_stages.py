"""What the stages hand to the renderer: pictures and music fetched from the artifact store."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from support.building import a_manifest, opened_production, task_of

from media_worker.assembly import MOST_MUSIC_BYTES, AssemblyStage
from media_worker.clip import MOST_PICTURE_BYTES, ClipStage
from media_worker.render.port import Assembled, AssemblyJob, ClipJob, Preview
from shared.artifacts.store import ArtifactStore
from shared.errors import ArtifactMissingError, StageError
from shared.messages.base import TaskMeta
from shared.messages.commands import AssembleVideo, RenderClip, ScenePart
from shared.messages.manifest import Blob, Cue, Frames
from shared.messages.script import Card, PictureCard, TitleCard

FRAMES = Frames(fps=30, width=64, height=36, head=1, body=28, tail=1)


@dataclass
class RecordingRenderer:
    """Keeps what it was asked for, with the bytes that it could read then."""

    engine: str = "recording-1"
    jobs: list[Any] = field(default_factory=list)
    read: list[bytes] = field(default_factory=list)

    async def clip(self, job: ClipJob, *, folder: Path, progress: Any) -> tuple[Path, Frames]:
        self.jobs.append(job)
        if job.picture_path:
            self.read.append(job.picture_path.read_bytes())
        (folder / "clip.mp4").write_bytes(b"clip")
        return folder / "clip.mp4", FRAMES

    async def assemble(self, job: AssemblyJob, *, folder: Path, progress: Any) -> Assembled:
        self.jobs.append(job)
        if job.music_path:
            self.read.append(job.music_path.read_bytes())
        files = {name: folder / name for name in ("video.mp4", "cover.jpg", "a.srt", "a.vtt")}
        for file in files.values():
            file.write_bytes(file.name.encode())
        video, cover, srt, vtt = files.values()
        return Assembled(
            video=video,
            cover=cover,
            srt=srt,
            vtt=vtt,
            duration_ms=1_000,
            frames=FRAMES,
            loudness_lufs=-16.0,
            cues=(),
        )

    async def preview(self, job: ClipJob, *, folder: Path) -> Preview:
        raise NotImplementedError


@dataclass
class Silent:
    def progress(self, percent: float) -> None: ...


@pytest.fixture
def artifacts(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore.at(f"file://{tmp_path}/store")


def meta(stage: str) -> TaskMeta:
    outcome = opened_production(scenes=1)
    task = task_of(outcome.run, stage)
    return TaskMeta(
        message_id=uuid4(),
        user_id="ann",
        language="zh-CN",
        project_id=uuid4(),
        run_id=uuid4(),
        correlation_id=uuid4(),
        task_id=task.id,
        stage=stage,
        dispatch=1,
    )


def render(card: Card, **changes: Any) -> RenderClip:
    return RenderClip(
        meta=meta("clip"),
        key="clip/" + "0" * 64,
        engine="recording-1",
        timeout_s=10,
        scene_id=uuid4(),
        heading="湿地",
        card=card,
        cues=(Cue(start_ms=0, end_ms=900, text="湿地"),),
        voice_ms=1_000,
        aspect="1:1",
        theme="paper",
        **changes,
    )


async def assembly(artifacts: ArtifactStore, music: str) -> AssembleVideo:
    voice, clip = "voice/" + "1" * 64, "clip/" + "2" * 64
    audio = await artifacts.put_bytes(b"voice", ".wav", "audio/wav")
    video = await artifacts.put_bytes(b"clip", ".mp4", "video/mp4")
    await artifacts.commit(a_manifest(voice, blobs={"audio": audio}))
    await artifacts.commit(a_manifest(clip, blobs={"video": video}, frames=FRAMES))
    return AssembleVideo(
        meta=meta("assembly"),
        key="video/" + "0" * 64,
        engine="recording-1",
        timeout_s=10,
        title="湿地",
        parts=(ScenePart(scene_id=uuid4(), voice_key=voice, clip_key=clip),),
        aspect="1:1",
        music=music,
    )


async def test_a_clip_is_rendered_in_the_theme_and_captions_that_were_chosen(
    artifacts: ArtifactStore,
) -> None:
    renderer = RecordingRenderer()

    await ClipStage(renderer, artifacts).make(render(TitleCard(), captions="highlight"), Silent())

    [job] = renderer.jobs
    assert (job.theme, job.captions, job.picture_path) == ("paper", "highlight", None)


async def test_a_picture_is_fetched_for_the_renderer(artifacts: ArtifactStore) -> None:
    renderer = RecordingRenderer()
    blob = await artifacts.put_bytes(b"pixels", ".png", "image/png")

    await ClipStage(renderer, artifacts).make(render(PictureCard(picture=blob)), Silent())

    assert renderer.read == [b"pixels"]


async def test_the_picture_that_was_made_for_a_card_is_fetched(artifacts: ArtifactStore) -> None:
    renderer = RecordingRenderer()
    made = await artifacts.put_bytes(b"made", ".png", "image/png")
    own = await artifacts.put_bytes(b"own", ".png", "image/png")
    stage = ClipStage(renderer, artifacts)

    await stage.make(render(PictureCard(prompt="湿地"), visual=made), Silent())
    await stage.make(render(PictureCard(prompt="湿地", picture=own), visual=made), Silent())
    await stage.make(render(TitleCard(), visual=made), Silent())

    assert renderer.read == [b"made", b"own"]
    assert renderer.jobs[-1].picture_path is None


async def test_a_picture_that_is_gone_is_an_artifact_missing(artifacts: ArtifactStore) -> None:
    blob = Blob(path=f"blob/{'a' * 64}.png", size=6, media_type="image/png")

    with pytest.raises(ArtifactMissingError):
        await ClipStage(RecordingRenderer(), artifacts).make(
            render(PictureCard(picture=blob)), Silent()
        )


async def test_a_picture_that_is_too_large_is_not_even_fetched(artifacts: ArtifactStore) -> None:
    blob = Blob(path=f"blob/{'a' * 64}.png", size=MOST_PICTURE_BYTES + 1, media_type="image/png")

    with pytest.raises(StageError) as refused:
        await ClipStage(RecordingRenderer(), artifacts).make(
            render(PictureCard(picture=blob)), Silent()
        )

    assert (refused.value.code, refused.value.retryable) == ("picture_unreadable", False)


@pytest.mark.parametrize("music", ["none", "calm"])
async def test_a_mood_needs_no_file(artifacts: ArtifactStore, music: str) -> None:
    renderer = RecordingRenderer()

    await AssemblyStage(renderer, artifacts).make(await assembly(artifacts, music), Silent())

    [job] = renderer.jobs
    assert (job.music, job.music_path) == (music, None)


async def test_the_users_own_music_is_fetched_by_its_path(artifacts: ArtifactStore) -> None:
    renderer = RecordingRenderer()
    blob = await artifacts.put_bytes(b"song", ".mp3", "audio/mpeg")

    await AssemblyStage(renderer, artifacts).make(await assembly(artifacts, blob.path), Silent())

    assert renderer.read == [b"song"]


async def test_music_that_is_gone_is_an_artifact_missing(artifacts: ArtifactStore) -> None:
    command = await assembly(artifacts, f"blob/{'b' * 64}.mp3")

    with pytest.raises(ArtifactMissingError):
        await AssemblyStage(RecordingRenderer(), artifacts).make(command, Silent())


async def test_music_that_is_too_large_is_not_even_read(
    artifacts: ArtifactStore, tmp_path: Path
) -> None:
    path = tmp_path / "store" / "blob" / f"{'c' * 64}.mp3"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(MOST_MUSIC_BYTES + 1)
    command = await assembly(artifacts, f"blob/{'c' * 64}.mp3")

    with pytest.raises(StageError) as refused:
        await AssemblyStage(RecordingRenderer(), artifacts).make(command, Silent())

    assert (refused.value.code, refused.value.retryable) == ("music_unreadable", False)
