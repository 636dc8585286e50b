"""Pictures and sounds as users have them, and their way to the API."""

import io
from typing import Any

import av
import httpx
import numpy as np
from PIL import Image
from support.driving import Driver

JPEG, MP3 = "image/jpeg", "audio/mpeg"


def a_picture(form: str, size: tuple[int, int] = (60, 40), **saving: Any) -> bytes:
    """Left half red, right half blue."""
    picture = Image.new("RGB", size, (220, 20, 20))
    picture.paste((20, 20, 220), (size[0] // 2, 0, size[0], size[1]))
    return saved(picture, form, **saving)


def saved(picture: Image.Image, form: str, **saving: Any) -> bytes:
    body = io.BytesIO()
    picture.save(body, form, **saving)
    return body.getvalue()


def a_sound(form: str, codec: str, seconds: float = 1.0, *, rate: int = 44_100) -> bytes:
    """A tone."""
    body = io.BytesIO()
    times = np.arange(int(rate * seconds)) / rate
    samples = (8_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    with av.open(body, "w", format=form) as file:
        stream = file.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return body.getvalue()


async def sent(driver: Driver, body: bytes, media_type: str = JPEG, **more: Any) -> httpx.Response:
    headers = {"content-type": media_type, **more.pop("headers", {})}
    return await driver.call("POST", "/uploads", content=body, headers=headers, **more)


async def taken(driver: Driver, body: bytes, media_type: str = JPEG, **more: Any) -> dict[str, Any]:
    answer = await sent(driver, body, media_type, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()
