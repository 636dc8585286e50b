"""Previews and samples through a real broker, with a real voice and a real renderer."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np
import pytest
from PIL import Image
from support.building import a_manifest, a_project
from support.waiting import eventually

from media_worker.preview import PreviewMaker
from media_worker.render.adapter import FramesRenderer
from media_worker.render.port import PREVIEW_UNIT
from media_worker.speech.espeak import EspeakSpeech
from shared.artifacts.store import ArtifactStore
from shared.asking import preview_command, sample_command, visual_wanted, voice_wanted
from shared.engines import EDGE_VOICE, ESPEAK_VOICE, IMAGE_MAKER, OPENAI_VOICE, Engines
from shared.messages.asides import PreviewScene, SampleVoice
from shared.messages.manifest import Blob, Manifest
from shared.messages.script import PictureCard, Scene
from shared.messaging.publisher import Publisher
from shared.messaging.topology import ASIDES_QUEUE, COMMANDS
from shared.runtime.asides import AsideSpec
from shared.runtime.settings import ProcessSettings
from shared.runtime.worker import Worker
from shared.voices import find

pytestmark = pytest.mark.timeout(60)
SCENE = Scene(id=UUID(int=7), narration="雨水渗入地下，街道不再积水。", heading="透水铺装")
PROJECT = a_project()


class Counting(PreviewMaker):
    """The real maker, that remembers what it was asked, and waits at the gate."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.asked: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def make(self, command: PreviewScene | SampleVoice) -> Manifest:
        self.asked.append(command.key)
        await self.gate.wait()
        return await super().make(command)


@dataclass(kw_only=True)
class Desk:
    artifacts: ArtifactStore
    publisher: Publisher
    maker: Counting

    async def ask(self, command: PreviewScene | SampleVoice) -> None:
        body = command.model_dump_json().encode()
        name = str(command.meta.message_id)
        await self.publisher.publish(
            COMMANDS, ASIDES_QUEUE, body, kind=command.type, message_id=name
        )

    async def made(self, command: PreviewScene | SampleVoice) -> Manifest:
        await self.ask(command)
        await eventually(lambda: self.artifacts.find(command.key), within=40)
        return await self.artifacts.require(command.key)

    async def failure(self, command: PreviewScene | SampleVoice) -> dict[str, str]:
        await self.ask(command)
        await eventually(lambda: self.artifacts.failure_of(command.meta.message_id))
        return await self.artifacts.failure_of(command.meta.message_id) or {}


@asynccontextmanager
async def working(url: str, folder: Path) -> AsyncIterator[Desk]:
    artifacts = ArtifactStore.at(f"file://{folder}")
    maker = Counting(FramesRenderer(), [EspeakSpeech()], artifacts)
    spec = AsideSpec(maker=maker, slots=1)
    stop = asyncio.Event()
    async with Publisher(url, name="tests") as publisher:
        worker = Worker(
            "worker", [spec], rabbitmq_url=url, publisher=publisher, artifacts=artifacts
        )
        running = asyncio.create_task(worker.run(ProcessSettings(grace_s=2), stop))
        await eventually(worker.consuming)
        try:
            yield Desk(artifacts=artifacts, publisher=publisher, maker=maker)
        finally:
            maker.gate.set()
            stop.set()
            await running


@pytest.fixture
async def desk(rabbitmq_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with working(rabbitmq_url, tmp_path) as desk:
        yield desk


def a_preview(
    voice: str = ESPEAK_VOICE, *, recorded: bool = False, scene: Scene = SCENE
) -> PreviewScene:
    engines = Engines(voice=voice)
    return preview_command(PROJECT, scene, engines, datetime.now(UTC), recorded=recorded)


def streams(folder: Path, manifest: Manifest) -> tuple[Any, list[str]]:
    with av.open(str(folder / manifest.blobs["video"].path)) as file:
        video = file.streams.video[0]
        return (video.width, video.height), [stream.type for stream in file.streams]


async def test_a_preview_is_small_and_sounds_as_the_video_will(desk: Desk, tmp_path: Path) -> None:
    command = a_preview()

    manifest = await desk.made(command)

    assert streams(tmp_path, manifest) == ((568, PREVIEW_UNIT), ["video", "audio"])
    assert "".join(cue.text for cue in manifest.cues) == SCENE.narration
    voice = await desk.artifacts.require(voice_wanted(PROJECT, SCENE, Engines()))
    assert voice.cues == manifest.cues, "a production finds the voice that the preview recorded"


@pytest.mark.parametrize("engine", [EDGE_VOICE, OPENAI_VOICE])
async def test_a_voice_beyond_the_network_is_never_called_for_a_preview(
    desk: Desk, tmp_path: Path, engine: str
) -> None:
    manifest = await desk.made(a_preview(engine))

    assert streams(tmp_path, manifest)[1] == ["video"]
    assert "".join(cue.text for cue in manifest.cues) == SCENE.narration
    assert 3_000 < (manifest.duration_ms or 0) < 8_000


async def test_a_paid_voice_that_was_recorded_is_heard(desk: Desk, tmp_path: Path) -> None:
    spoken = await EspeakSpeech().speak("你好。", language="zh-CN", speaker="default")
    audio = await desk.artifacts.put_bytes(spoken.wav, ".wav", "audio/wav")
    key = voice_wanted(PROJECT, SCENE, Engines(voice=OPENAI_VOICE))
    recorded = a_manifest(key, blobs={"audio": audio}, duration_ms=spoken.duration_ms)
    await desk.artifacts.commit(recorded)

    manifest = await desk.made(a_preview(OPENAI_VOICE, recorded=True))

    assert streams(tmp_path, manifest)[1] == ["video", "audio"]


async def test_a_preview_shows_the_picture_that_was_made_for_its_prompt(
    desk: Desk, tmp_path: Path
) -> None:
    scene = SCENE.model_copy(update={"card": PictureCard(prompt="一面红墙")})
    engines = Engines(image=f"{IMAGE_MAKER}:example/wall")
    key = visual_wanted(PROJECT, scene, engines)
    assert key is not None
    wall = io.BytesIO()
    Image.new("RGB", (600, 400), (220, 20, 20)).save(wall, "PNG")
    picture = await desk.artifacts.put_bytes(wall.getvalue(), ".png", "image/png")
    made = await desk.artifacts.commit(a_manifest(key, blobs={"image": picture}))

    def command(visual: Manifest | None) -> PreviewScene:
        now = datetime.now(UTC)
        return preview_command(PROJECT, scene, engines, now, recorded=False, visual=visual)

    before, after = await desk.made(command(None)), await desk.made(command(made))

    assert redness(tmp_path, before) < 0.01
    assert redness(tmp_path, after) > 0.1


def redness(folder: Path, manifest: Manifest) -> float:
    """The share of the still's pixels that are the wall's."""
    with Image.open(folder / manifest.blobs["still"].path) as still:
        red, green, blue = np.moveaxis(np.asarray(still.convert("RGB"), int), -1, 0)
    return float(((red > 150) & (green < 90) & (blue < 90)).mean())


async def test_a_sample_is_said_at_the_speed_that_was_asked(desk: Desk) -> None:
    speaker = find(ESPEAK_VOICE, "zh-CN", "default")
    assert speaker is not None
    usual, quick = [
        await desk.made(sample_command("ann", ESPEAK_VOICE, speaker, speed, datetime.now(UTC)))
        for speed in (1.0, 2.0)
    ]

    assert (quick.duration_ms or 0) < 0.75 * (usual.duration_ms or 0)


async def test_a_sample_of_a_voice_that_costs_money_is_refused(desk: Desk) -> None:
    speaker = find(OPENAI_VOICE, "en", "nova")
    assert speaker is not None

    failure = await desk.failure(
        sample_command("ann", OPENAI_VOICE, speaker, 1.0, datetime.now(UTC))
    )

    assert failure["code"] == "sample_costs"


async def test_what_cannot_be_made_says_why_and_the_next_is_made(desk: Desk) -> None:
    broken = await desk.artifacts.put_bytes(b"no picture", ".png", "image/png")
    gone = Blob(path=f"blob/{'0' * 64}.png", size=9, media_type="image/png")

    codes = [
        (await desk.failure(a_preview(scene=showing(blob))))["code"] for blob in (broken, gone)
    ]
    missing = await desk.failure(a_preview("kokoro-99"))
    late = await desk.made(a_preview())

    assert codes == ["picture_unreadable", "artifact_missing"]
    assert missing["code"] == "engine_unavailable"
    assert late.blobs


def showing(blob: Blob) -> Scene:
    return SCENE.model_copy(update={"card": PictureCard(picture=blob)})


async def test_a_repeated_question_is_worked_on_once(desk: Desk) -> None:
    desk.maker.gate.clear()
    command = a_preview()
    await desk.ask(command)
    await desk.ask(command)
    await eventually(lambda: desk.maker.asked)

    desk.maker.gate.set()
    await desk.made(command)
    await eventually(lambda: empty(desk))

    assert desk.maker.asked == [command.key]


async def test_what_nobody_waits_for_any_more_is_not_begun(desk: Desk) -> None:
    old = a_preview().model_copy(update={"expires_at": datetime.now(UTC) - timedelta(minutes=16)})
    await desk.ask(old)

    await desk.made(a_preview(EDGE_VOICE))

    assert old.key not in desk.maker.asked


async def test_a_worker_that_stops_hands_its_question_to_the_next(
    rabbitmq_url: str, tmp_path: Path
) -> None:
    command = a_preview()
    async with working(rabbitmq_url, tmp_path) as first:
        first.maker.gate.clear()
        await first.ask(command)
        await eventually(lambda: first.maker.asked)
        first.maker.gate = asyncio.Event()  # the one that is waited for is never set

    async with working(rabbitmq_url, tmp_path) as second:
        await eventually(lambda: second.artifacts.find(command.key), within=40)

    assert second.maker.asked == [command.key]


async def empty(desk: Desk) -> bool:
    return (await desk.publisher.depth(ASIDES_QUEUE))[0] == 0
