"""Users' own pictures and music: made anew, listed, served, and put into scripts and videos."""

import io
from typing import Any
from uuid import uuid4

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from support.driving import Driver, refused
from support.uploading import JPEG, a_picture, a_sound, saved, sent, taken

pytestmark = pytest.mark.timeout(120)


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
    body = saved(wide if mode == "I;16" else ramp.convert(mode), form)

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
    opaque = await taken(driver, saved(picture, "PNG"))
    picture.putpixel((3, 3), (0, 0, 0, 0))

    clear = await taken(driver, saved(picture, "PNG", pnginfo=None))

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


async def test_a_picture_of_the_script_is_shown_as_a_file_of_the_project(driver: Driver) -> None:
    upload = await taken(driver, a_picture("JPEG"))
    project = await driver.with_script()
    view = await driver.get(f"/projects/{project}")
    scenes = view["script"]["scenes"]
    scenes[0]["card"] = {"kind": "picture", "picture": f"upload:{upload['id']}"}
    body = {"title": view["script"]["title"], "scenes": scenes}
    path, version = f"/projects/{project}", f'"{view["scriptVersion"]}"'
    edited = await driver.call("PUT", f"{path}/script", json=body, headers={"If-Match": version})
    blob = edited.json()["script"]["scenes"][0]["card"]["picture"]["path"]

    shown = await driver.call("GET", f"{path}/artifacts/{blob.replace('blob', 'pictures')}")

    assert shown.content == (await driver.call("GET", f"/uploads/{upload['id']}/file")).content
    other = await driver.with_script()
    elsewhere = f"/projects/{other}/artifacts/{blob.replace('blob', 'pictures')}"
    assert refused(await driver.call("GET", elsewhere), 404, "artifact_not_found")


async def test_an_upload_is_called_what_its_user_calls_it(driver: Driver) -> None:
    called = await taken(driver, a_picture("JPEG"), params={"name": " 雨水花园 & 街道.jpg "})
    nameless = await taken(driver, a_picture("PNG"), params={"name": "  "})

    items = (await driver.get("/uploads"))["items"]

    assert [item["name"] for item in items] == [None, "雨水花园 & 街道.jpg"]
    assert [item["path"] for item in items] == [nameless["path"], called["path"]]
    assert called["path"].startswith("blob/")
    for wrong in ("x" * 201, "nul\0"):
        answer = await sent(driver, a_picture("JPEG"), params={"name": wrong})
        assert refused(answer, 422, "invalid_request")
