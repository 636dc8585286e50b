"""The voice that a fresh machine has, through all processes: heard when the captions say so."""

import io
import re
from pathlib import Path

import av
import numpy as np
import pytest
from support.silence import begins_and_ends, near, silences, unheard
from support.stack import stacked
from support.user import User

pytestmark = pytest.mark.timeout(240)
_RATE = 24_000
_FAINT = 0.006  # of full scale; the voice itself is at about 0.1
_OUTLINE = (
    "## 透水铺装\n雨水可以直接渗入地下。街道不再积水。\n\n"
    "## 雨水花园\n它滞留多余的雨水。植物的根系会过滤掉污染物。"
)
_CUE = re.compile(r"(\d\d):(\d\d):(\d\d)\.(\d{3}) --> (\d\d):(\d\d):(\d\d)\.(\d{3})")


async def test_two_scenes_in_the_neural_voice_are_heard_when_their_captions_say(
    database_url: str, rabbitmq_url: str, tmp_path: Path
) -> None:
    env = {"api": {"VOICE": "auto"}}
    async with (
        stacked(tmp_path, database_url, rabbitmq_url, env=env) as (stack, inside),
        User(stack.api_url) as user,
    ):
        await user.script(outline=_OUTLINE)
        await user.produce(within=200)

        base = f"/projects/{user.project}/artifacts"
        video = await user.get(f"{base}/video.mp4")
        captions = (await user.get(f"{base}/captions.vtt")).decode()
        engines = {manifest.engine for manifest in (await inside.manifests("voice")).values()}

    assert {engine.partition("-")[0] for engine in engines} == {"kokoro"}
    cues = [_ms(*cue) for cue in _CUE.findall(captions)]
    assert len(cues) >= 4, "a pause within each scene and one between the two"
    sound = _sound(video)
    begin, end = begins_and_ends(sound, _RATE, faint=_FAINT)
    assert near(cues[0][0], begin)
    assert near(cues[-1][1], end)
    assert unheard(cues, silences(sound, _RATE, faint=_FAINT)) == []


def _ms(*parts: str) -> tuple[int, int]:
    h, m, s, ms, h2, m2, s2, ms2 = map(int, parts)
    return ((h * 60 + m) * 60 + s) * 1000 + ms, ((h2 * 60 + m2) * 60 + s2) * 1000 + ms2


def _sound(video: bytes) -> np.ndarray:
    """Its sound as one channel of ``_RATE`` samples a second."""
    into = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
    with av.open(io.BytesIO(video)) as container:
        parts = [
            out.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for out in into.resample(frame)
        ]
    return np.concatenate(parts)
