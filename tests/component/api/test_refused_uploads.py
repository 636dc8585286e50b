"""Everything that only looks like a picture or a sound, and every file that is too much."""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from support.driving import Driver, refused
from support.http import parts_of, served
from support.uploading import JPEG, MP3, a_picture, a_sound, sent

from api.app import application

pytestmark = pytest.mark.timeout(120)


def _bomb() -> bytes:
    """A PNG of 90,000 by 90,000 pixels in some thousand bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 90_000, 90_000, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def _zipped() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("picture.jpg", bytes(10_000_000))
    return body.getvalue()


PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
REFUSED: dict[str, tuple[Callable[[], bytes], str, int, str]] = {
    "SVG": (lambda: SVG, "image/svg+xml", 415, "upload_refused"),
    "HTML": (lambda: b"<html><script>1</script>", JPEG, 415, "upload_refused"),
    "PDF": (lambda: b"%PDF-1.7\n", JPEG, 415, "upload_refused"),
    "an HLS playlist": (lambda: PLAYLIST, "audio/mpegurl", 415, "upload_refused"),
    "a list of files": (
        lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
        MP3,
        415,
        "upload_refused",
    ),
    "a playlist behind a tag": (
        lambda: b"ID3\x03\0\0\0\0\0\0" + PLAYLIST,
        MP3,
        422,
        "upload_unreadable",
    ),
    "an archive": (_zipped, JPEG, 415, "upload_refused"),
    "a picture and an archive": (
        lambda: a_picture("JPEG") + _zipped(),
        JPEG,
        415,
        "upload_refused",
    ),
    "a picture and a page": (
        lambda: a_picture("GIF") + b"<SCRIPT>alert(1)</SCRIPT>",
        "image/gif",
        415,
        "upload_refused",
    ),
    "a comment that is a page": (
        lambda: a_picture("JPEG", comment=b"<html>"),
        JPEG,
        415,
        "upload_refused",
    ),
    "too many pixels": (_bomb, "image/png", 413, "upload_too_large"),
    "half a JPEG": (lambda: a_picture("JPEG", (900, 900))[:-2_000], JPEG, 422, "upload_unreadable"),
    "half a PNG": (lambda: a_picture("PNG")[:90], "image/png", 422, "upload_unreadable"),
    "half a WebP": (lambda: a_picture("WEBP")[:60], "image/webp", 422, "upload_unreadable"),
    "half a GIF": (lambda: a_picture("GIF")[:40], "image/gif", 422, "upload_unreadable"),
    "half an M4A": (lambda: a_sound("ipod", "aac")[:3_000], "audio/mp4", 422, "upload_unreadable"),
    "half a WAV": (
        lambda: a_sound("wav", "pcm_s16le")[:9_000],
        "audio/wav",
        422,
        "upload_unreadable",
    ),
    "half a FLAC": (
        lambda: a_sound("flac", "flac", 4.0)[:9_000],
        "audio/flac",
        422,
        "upload_unreadable",
    ),
    "noise that begins as MP3": (
        lambda: b"\xff\xfb" + np.random.default_rng(7).bytes(60_000),
        MP3,
        422,
        "upload_unreadable",
    ),
    "too long a sound": (
        lambda: a_sound("flac", "flac", 910, rate=8_000),
        "audio/flac",
        413,
        "upload_too_large",
    ),
    "nothing": (lambda: b"", JPEG, 415, "upload_refused"),
    "a sound as a picture": (lambda: a_sound("flac", "flac"), JPEG, 415, "upload_refused"),
    "JSON": (lambda: b"{}", "application/json", 415, "upload_refused"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_everything_else_is_refused(driver: Driver, case: str) -> None:
    body, media_type, status, code = REFUSED[case]

    answer = await sent(driver, body(), media_type)

    assert refused(answer, status, code)
    assert (await driver.get("/uploads"))["items"] == []


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in pieces"])
async def test_too_large_a_body_is_refused_however_it_comes(
    driver: Driver, *, declared: bool
) -> None:
    async def pieces():
        for _ in range(16):
            yield bytes(1_000_000)

    app = application(parts_of(driver.engine, driver.artifacts))
    async with served(app) as url, httpx.AsyncClient(base_url=url) as client:
        real = Driver(client, driver.engine, driver.artifacts)
        body: Any = bytes(15_000_001) if declared else pieces()

        answer = await sent(real, body)

    assert refused(answer, 413, "upload_too_large")
    told = answer.json()
    assert (told["mostMegabytes"], told["mostMegapixels"], told["mostMinutes"]) == (15, 50, 15)


@pytest.mark.parametrize(
    ("doing", "says"),
    [
        pytest.param("bytearray(2 << 30)", "MemoryError", id="memory"),
        pytest.param("open('much', 'wb').write(bytes(80 << 20))", "OSError", id="disk"),
        pytest.param("exit(resource.getrlimit(0) == (20, 20))", "", id="processor time"),
    ],
)
def test_what_decodes_has_little_room(tmp_path: Path, doing: str, says: str) -> None:
    program = (
        f"import resource; from shared.foreign.decoder import confine; confine('picture'); {doing}"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert says in done.stderr


async def test_a_compressed_body_is_refused(driver: Driver) -> None:
    answer = await sent(driver, a_picture("JPEG"), headers={"content-encoding": "gzip"})

    assert refused(answer, 415, "encoding_refused")


async def test_other_routes_take_no_pictures(driver: Driver) -> None:
    answer = await driver.call(
        "POST", "/projects", content=a_picture("JPEG"), headers={"content-type": JPEG}
    )

    assert refused(answer, 415, "media_type_refused")
