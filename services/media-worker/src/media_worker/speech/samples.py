"""``python -m media_worker.speech.samples OUT [--engine kokoro]``: every offline speaker says one
sentence to a wav file, by the same port as in a video.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from media_worker.settings import MediaSettings
from media_worker.speech.port import Speech, Spoken
from media_worker.speech.served import offline
from shared import voices
from shared.runtime.settings import read
from shared.voices import Speaker


async def sample(speech: Speech, speaker: Speaker) -> Spoken:
    """One sentence in the speaker's own language; raises as ``speak`` does."""
    return await speech.speak(speaker.sentence, language=speaker.language, speaker=speaker.id)


def file_name(engine: str, speaker: Speaker) -> str:
    return f"{voices.family(engine)}-{speaker.id}-{speaker.language}.wav"


async def samples(speech: Speech, out: Path) -> AsyncIterator[Path]:
    """The files of all speakers of one engine, as they are written."""
    for language in voices.LANGUAGES:
        for speaker in voices.speakers(speech.engine, language):
            path = out / file_name(speech.engine, speaker)
            await asyncio.to_thread(path.write_bytes, (await sample(speech, speaker)).wav)
            yield path


async def _write(out: Path, engine: str | None) -> None:
    for speech in offline(read(MediaSettings)):
        if engine in (None, voices.family(speech.engine)):
            async for path in samples(speech, out):
                print(path)  # noqa: T201  (the command's answer)
            await speech.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="One sample sentence of each speaker")
    parser.add_argument("out", type=Path)
    parser.add_argument("--engine", help="only this one: kokoro or espeak")
    said = parser.parse_args()
    said.out.mkdir(parents=True, exist_ok=True)
    asyncio.run(_write(said.out, said.engine))


if __name__ == "__main__":
    main()
