"""B6: the same thirty seconds rendered by us, by one ffmpeg graph, by MoviePy, and the encoder
alone.
"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import av
import imageio_ffmpeg

from benchmarks import peers
from benchmarks.machine import cpu_seconds, described
from benchmarks.rounds import Claim, Contender, Figures, Result, in_turn
from benchmarks.servers import FOLDER
from benchmarks.timeline import for_peers, timeline
from local_stack.processes import run
from media_worker.render.adapter import FramesRenderer
from media_worker.render.encode import PARAMS
from media_worker.render.port import FPS, AssemblyJob, Part, size_of
from shared.messages.base import Aspect

COLUMNS = {"cpu_s": "CPU, s", "wall_s": "wall, s", "mb": "file, MB"}
OURS, KEPT = "Reelay", "Reelay, its processes kept"
ENCODER, GRAPH, MOVIEPY = "the encoder alone", "one ffmpeg graph", "MoviePy"
OWN_ENCODER = "the encoder alone, set as ours"
Shape = tuple[Aspect, int]  # and pixels of the shorter side
_SHAPES: Final[tuple[Shape, ...]] = (("16:9", 720), ("9:16", 1080))
_WORKERS: Final = 2
_PATIENCE_S: Final = 600  # MoviePy takes minutes
_KEEP_S: Final = 3_600  # from one round to the next


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    shapes = _SHAPES[:1] if smoke else _SHAPES
    contenders: dict[str, Contender] = {}
    kept = FramesRenderer(keep_s=_KEEP_S)
    try:
        for shape in shapes:
            bench = Bench(FOLDER / "render" / _named(shape), shape, kept, short=smoke)
            await bench.prepare()
            contenders |= {
                f"{name}, {_named(shape)}": work for name, work in bench.contenders().items()
            }
        series = await in_turn(contenders, rounds, say)
    finally:
        await kept.close()
    return Result(
        id="b6",
        title="rendering the same 30 seconds",
        columns=COLUMNS,
        series=series,
        claims=[claim for shape in shapes for claim in _claims(shape)],
        notes=[
            f"Five scenes under a slow zoom with crossfades and two captions each, {FPS} "
            "frames/s, x264 veryfast, CRF 23: peers as it is, ours with B-frames at fixed places, "
            "a longer look ahead, and closed groups where clips are joined (of the same pictures "
            "smaller files at the same PSNR than where x264 places its B-frames); in crossfades "
            "with a shorter search for motion, which makes them 6 % larger.",
            "Reelay draws the cards and captions, encodes on two processes as `make up` does on "
            "two cores, mixes, measures and levels the sound, joins, writes cover and captions; "
            "peers get cards and captions as finished pictures and the sound as a finished file.",
            "A worker's rendering processes stay for the next video. Where they are kept, each "
            "round's is a further one; where nothing is said, each round starts them anew.",
            "The encoder alone reads the finished frames of our own video, on as many threads as "
            "it likes; set as ours (that of fades apart), it works on one, and needs less.",
        ],
        about=described("av", "numpy"),
    )


def _named(shape: Shape) -> str:
    return "{}x{}".format(*size_of(*shape))


def _claims(shape: Shape) -> list[Claim]:
    size = _named(shape)

    def claim(
        ours: str, against: str, metric: str, bar: float | None = None, aim: float | None = None
    ) -> Claim:
        what = "CPU" if metric == "cpu_s" else "time"
        return Claim(text=f"{ours} / {against}, {what}, {size}", metric=metric,
                     of=f"{ours}, {size}", against=f"{against}, {size}", bar=bar, aim=aim,
                     above=False)  # fmt: skip

    return [
        claim(OURS, ENCODER, "cpu_s", 1.45, 1.3),
        claim(KEPT, ENCODER, "cpu_s", 1.45, 1.3),
        claim(OURS, OWN_ENCODER, "cpu_s"),
        claim(OURS, GRAPH, "cpu_s", 0.8),
        claim(OURS, GRAPH, "wall_s", 1.0, 0.6),
        claim(OURS, MOVIEPY, "cpu_s", 1 / 7),
    ]


class Bench:
    """``short``: two scenes of a second only."""

    def __init__(self, folder: Path, shape: Shape, kept: FramesRenderer, *, short: bool) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._folder = folder
        self._shape = shape
        self._kept = kept
        self._plan = (
            timeline(folder, *shape, scenes=2, voice_ms=1_000)
            if short
            else timeline(folder, *shape)
        )
        self._frames = folder / "frames.yuv"
        self._sound = folder / "sound.m4a"

    async def prepare(self) -> None:
        """One render of ours gives the encoder its frames and all peers the sound, and starts the
        processes that are kept.
        """
        video = await self._rendered(self._kept)
        ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
        quiet = [ffmpeg, "-y", "-loglevel", "error", "-i", video]
        await self._ran([*quiet, "-an", "-pix_fmt", "yuv420p", "-f", "rawvideo", self._frames])
        await self._ran([*quiet, "-vn", "-c:a", "copy", self._sound])
        for_peers(self._plan, self._folder)

    def contenders(self) -> dict[str, Contender]:
        width, height = size_of(*self._shape)
        encoder: Sequence[str | Path] = [
            imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-f", "rawvideo",
            "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(FPS), "-i", self._frames,
            "-c:v", "libx264", "-preset", "veryfast", "-crf", "23",
        ]  # fmt: skip
        out = self._folder / "out.mp4"
        told = self._folder / "timeline.json", self._sound, self._folder / "out.mp4"
        graph = [sys.executable, peers.HERE / "render_graph.py", *told]
        moviepy = [peers.python(), peers.HERE / "render_moviepy.py", *told]

        def running(command: Sequence[str | Path]) -> Callable[[], "asyncio.Future[Path]"]:
            return lambda: asyncio.ensure_future(self._ran(command))

        return {
            OURS: self._timed(lambda: asyncio.ensure_future(self._rendered_anew())),
            KEPT: self._timed(lambda: asyncio.ensure_future(self._rendered(self._kept))),
            ENCODER: self._timed(running([*encoder, out])),
            OWN_ENCODER: self._timed(running([*encoder, "-x264-params", PARAMS, out])),
            GRAPH: self._timed(running(graph)),
            MOVIEPY: self._timed(running(moviepy)),
        }

    def _timed(self, work: Callable[[], "asyncio.Future[Path]"]) -> Contender:
        async def contender() -> Figures:
            cpu, began = cpu_seconds(os.getpid()), time.monotonic()
            made = await work()
            wall_s, spent = time.monotonic() - began, cpu_seconds(os.getpid()) - cpu
            self._check(made)
            return {
                "cpu_s": spent,
                "wall_s": wall_s,
                "mb": made.stat().st_size / 1e6,
            }

        return contender

    async def _ran(self, command: Sequence[str | Path]) -> Path:
        """The last word of the command is the file that it writes."""
        log = self._folder / "log.txt"
        if await run(command, log=log, env=os.environ, within_s=_PATIENCE_S):
            said = log.read_text()[-500:] or f"not done within {_PATIENCE_S} s"
            raise RuntimeError(f"{command[0]} failed: {said}")
        return Path(command[-1])

    def _check(self, video: Path) -> None:
        """Whoever made it: every frame is there."""
        with av.open(str(video)) as file:
            shown = sum(1 for _ in file.demux(video=0)) - 1  # the last packet only flushes
        if abs(shown - self._plan.frames) > 1:
            raise RuntimeError(f"{video} has {shown} frames, not {self._plan.frames}")

    async def _rendered_anew(self) -> Path:
        renderer = FramesRenderer(keep_s=30)
        try:
            return await self._rendered(renderer)
        finally:
            await renderer.close()

    async def _rendered(self, renderer: FramesRenderer) -> Path:
        free = asyncio.Semaphore(_WORKERS)
        folder = self._folder / "ours"
        shutil.rmtree(folder, ignore_errors=True)

        async def part(number: int) -> Part:
            job, voice = self._plan.jobs[number], self._plan.voices[number]
            mine = folder / str(number)
            mine.mkdir(parents=True)
            async with free:
                clip, frames = await renderer.clip(job, folder=mine, progress=lambda _: None)
            return Part(
                clip_path=clip,
                frames=frames,
                voice_path=voice,
                voice_ms=job.voice_ms,
                cues=job.cues,
            )

        parts = await asyncio.gather(*(part(number) for number in range(len(self._plan.jobs))))
        job = AssemblyJob(parts=tuple(parts), title="海绵城市")
        return (await renderer.assemble(job, folder=folder, progress=lambda _: None)).video
