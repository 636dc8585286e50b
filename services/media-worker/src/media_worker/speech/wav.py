"""Sound as a RIFF file: mono, 16 bit. Pure."""

import io
import wave


def wav(pcm: bytes, rate: int) -> bytes:
    body = io.BytesIO()
    with wave.open(body, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return body.getvalue()
