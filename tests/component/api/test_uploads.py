"""Users' own pictures and music: real files of every kind, and everything that only looks like
one.
"""

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from support.driving import Driver, refused
from support.http import parts_of, served

from api.app import application

pytestmark = pytest.mark.timeout(120)
JPEG, MP3 = "image/jpeg", "audio/mpeg"


def a_picture(form: str, size: tuple[int, int] = (60, 40), **saving: Any) -> bytes:
    """Left half red, right half blue."""
    picture = Image.new("RGB", size, (220, 20, 20))
    picture.paste((20, 20, 220), (size[0] // 2, 0, size[0], size[1]))
    return _saved(picture, form, **saving)


def _saved(picture: Image.Image, form: str, **saving: Any) -> bytes:
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


async def shown(driver: Driver, upload: dict[str, Any]) -> Image.Image:
    answer = await driver.call("GET", f"/uploads/{upload['id']}/file")
    assert answer.headers["content-type"] == upload["mediaType"]
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (upload["width"], upload["height"])
    return picture


def is_red(pixel: Any) -> bool:
    return pixel[0] > 150 and pixel[2] < 100


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_picture_of_each_format_is_made_anew(driver: Driver, form: str) -> None:
    upload = await taken(driver, a_picture(form), "image/whatever")

    assert (upload["kind"], upload["mediaType"], upload["seconds"]) == ("picture", JPEG, None)
    picture = await shown(driver, upload)
    assert is_red(picture.getpixel((10, 20)))
    assert not is_red(picture.getpixel((50, 20)))


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "I;16", "LA"])
async def test_colours_of_all_kinds_are_taken(driver: Driver, mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    ramp = Image.linear_gradient("L")
    wide = Image.fromarray(np.asarray(ramp).astype(np.uint16) * 257)
    body = _saved(wide if mode == "I;16" else ramp.convert(mode), form)

    picture = (await shown(driver, await taken(driver, body))).convert("L")

    assert picture.getpixel((128, 5)) < 70
    assert picture.getpixel((128, 250)) > 185


async def test_a_photo_is_turned_upright_and_says_nothing_of_its_maker(driver: Driver) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "a telephone"  # to be turned clockwise; its maker
    body = a_picture("JPEG", exif=exif, comment=b"at home")
    assert b"a telephone" in body

    upload = await taken(driver, body)

    assert (upload["width"], upload["height"]) == (40, 60)
    picture = await shown(driver, upload)
    assert is_red(picture.getpixel((20, 10)))
    assert not picture.getexif()
    assert not {"comment", "exif", "icc_profile"} & set(picture.info)


async def test_what_is_transparent_stays_so(driver: Driver) -> None:
    picture = Image.new("RGBA", (20, 20), (220, 20, 20, 255))
    opaque = await taken(driver, _saved(picture, "PNG"))
    picture.putpixel((3, 3), (0, 0, 0, 0))

    clear = await taken(driver, _saved(picture, "PNG", pnginfo=None))

    assert (opaque["mediaType"], clear["mediaType"]) == (JPEG, "image/png")
    assert (await shown(driver, clear)).getpixel((3, 3))[3] == 0


async def test_a_large_picture_is_bounded(driver: Driver) -> None:
    upload = await taken(driver, a_picture("JPEG", (4000, 1000)))

    assert (upload["width"], upload["height"]) == (2560, 640)


@pytest.mark.parametrize(
    ("form", "codec"),
    [
        *[("mp3", "libmp3lame"), ("ipod", "aac"), ("adts", "aac"), ("wav", "pcm_s16le")],
        *[("ogg", "libopus"), ("flac", "flac")],
    ],
)
async def test_music_of_each_format_is_made_anew(driver: Driver, form: str, codec: str) -> None:
    rate = 48_000 if codec == "libopus" else 44_100
    upload = await taken(driver, a_sound(form, codec, 2.0, rate=rate), "audio/whatever")

    assert (upload["kind"], upload["mediaType"], upload["width"]) == ("music", "audio/mp4", None)
    assert upload["seconds"] == pytest.approx(2.0, abs=0.15)
    file = await driver.call("GET", f"/uploads/{upload['id']}/file")
    with av.open(io.BytesIO(file.content)) as track:
        samples = [frame.to_ndarray() for frame in track.decode(audio=0)]
    assert track.format.name.startswith("mov")
    assert np.abs(np.concatenate(samples, axis=1)).max() > 0.1


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


@pytest.mark.parametrize(
    ("doing", "says"),
    [
        pytest.param("bytearray(2 << 30)", "MemoryError", id="memory"),
        pytest.param("open('much', 'wb').write(bytes(80 << 20))", "OSError", id="disk"),
        pytest.param("exit(resource.getrlimit(0) == (20, 20))", "", id="processor time"),
    ],
)
def test_what_decodes_has_little_room(tmp_path: Path, doing: str, says: str) -> None:
    program = f"import resource; from api.decoder import confine; confine('picture'); {doing}"

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


async def test_uploads_are_listed_page_by_page_and_removed(driver: Driver) -> None:
    ids = [(await taken(driver, a_picture("PNG", (20 + n, 20))))["id"] for n in range(3)]

    first = await driver.get("/uploads", params={"limit": 2})
    second = await driver.get("/uploads", params={"limit": 2, "cursor": first["nextCursor"]})
    gone = await driver.call("DELETE", f"/uploads/{ids[1]}")

    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["nextCursor"] is None
    assert gone.json() == {"count": 1}
    assert [item["id"] for item in (await driver.get("/uploads"))["items"]] == [ids[2], ids[0]]
    for method, path in (("DELETE", ids[1]), ("GET", f"{ids[1]}/file")):
        assert refused(await driver.call(method, f"/uploads/{path}"), 404, "upload_not_found")


async def test_a_file_is_served_in_ranges(driver: Driver) -> None:
    path = f"/uploads/{(await taken(driver, a_picture('JPEG')))['id']}/file"
    whole = await driver.call("GET", path)

    part = await driver.call("GET", path, headers={"range": "bytes=2-5"})
    same = await driver.call("GET", path, headers={"if-none-match": whole.headers["etag"]})
    head = await driver.call("HEAD", path)

    assert (part.status_code, part.content) == (206, whole.content[2:6])
    assert same.status_code == 304
    assert head.headers["content-length"] == str(len(whole.content))
    assert whole.headers["x-content-type-options"] == "nosniff"


async def put(driver: Driver, project: str, card: Any, version: int = 1) -> httpx.Response:
    return await driver.call(
        "PUT",
        f"/projects/{project}/script",
        json={"title": "x", "scenes": [{"narration": "x", "card": card}]},
        headers={"If-Match": f'"{version}"'},
    )


async def test_a_card_shows_an_upload_and_keeps_it(driver: Driver) -> None:
    project = await driver.with_script()
    upload = await taken(driver, a_picture("JPEG"))
    named = {"kind": "picture", "picture": f"upload:{upload['id']}", "caption": "湿地"}

    first = await put(driver, project, named)
    card = first.json()["script"]["scenes"][0]["card"]
    await driver.call("DELETE", f"/uploads/{upload['id']}")
    again = await put(driver, project, card, 2)

    assert first.status_code == 200, first.text
    assert (card["picture"]["media_type"], card["caption"]) == (JPEG, "湿地")
    assert again.json()["script"]["scenes"][0]["card"] == card
    elsewhere = await driver.with_script()
    assert refused(await put(driver, elsewhere, card), 404, "upload_not_found")


async def test_a_card_shows_nothing_of_others(driver: Driver) -> None:
    upload = await taken(driver, a_picture("JPEG"), user="bob")
    hers = await taken(driver, a_sound("flac", "flac"), "audio/flac")
    project = await driver.with_script()

    for one in (upload["id"], hers["id"], uuid4()):
        answer = await put(driver, project, {"kind": "picture", "picture": f"upload:{one}"})
        assert refused(answer, 404, "upload_not_found")
    for wrong in ("upload:x", "../../etc/passwd", f"upload:{upload['id']}/../x"):
        answer = await put(driver, project, {"kind": "picture", "picture": wrong})
        assert refused(answer, 422, "invalid_request")


async def test_music_is_an_upload_of_ones_own(driver: Driver) -> None:
    upload = await taken(driver, a_sound("flac", "flac"), "audio/flac")
    music = f"upload:{upload['id']}"
    project = await driver.created(music=music)
    kept = (await driver.get(f"/projects/{project}"))["music"]
    path = f"/projects/{project}"

    await driver.call("PATCH", path, json={"music": "calm"})
    back = await driver.call("PATCH", path, json={"music": music})
    await driver.call("DELETE", f"/uploads/{upload['id']}")
    same = await driver.call("PATCH", path, json={"music": kept})

    assert kept.startswith("blob/")
    assert back.json()["music"] == same.json()["music"] == kept
    for wrong, user in ((music, "ann"), (kept, "bob"), ("upload:x", "ann")):
        answer = await driver.post("/projects", {"topic": "x", "music": wrong}, user=user)
        assert refused(answer, 404, "upload_not_found")
        answer = await driver.call("PATCH", path, json={"music": f"upload:{uuid4()}"})
        assert refused(answer, 404, "upload_not_found")
