"""What a file is, by its bytes: never by its name or by what its sender calls it."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from shared.foreign.errors import RefusedFileError

Kind = Literal["picture", "music", "footage"]
# In lower case, and long enough that no picture has one by chance.
_FOREIGN: Final = (
    *(
        b"<script",
        b"<html>",
        b"<html ",
        b"<!doctype",
        b"<svg xmlns",
        b"<?php ",
        b"%pdf-1.",
        b"%pdf-2.",
    ),
)
_MP4_SOUND: Final = frozenset({b"M4A ", b"M4B ", b"mp42", b"mp41", b"isom", b"iso2", b"iso5"})
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sniffed:
    """``format`` is the one decoder that gets to see the file."""

    kind: Kind
    format: str


_PICTURES: Final = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"))
_GIFS: Final = (b"GIF87a", b"GIF89a")
_SOUNDS: Final = ((b"ID3", "mp3"), (b"OggS", "ogg"), (b"fLaC", "flac"))


def sniffed(file: Path) -> Sniffed:
    """Raises RefusedFileError ``upload_refused`` for anything but the pictures and sounds that are
    taken, and for a file that is something else besides.
    """
    with file.open("rb") as opened:
        found = kind_of(opened.read(16))
    if found is None:
        raise RefusedFileError("upload_refused")
    if zipfile.is_zipfile(file) or _holds(file, _FOREIGN):
        raise RefusedFileError("upload_refused", "the file is something else besides")
    return found


def kind_of(head: bytes) -> Sniffed | None:
    """By the first 16 bytes."""
    for magic, name in _PICTURES:
        if head.startswith(magic):
            return Sniffed(kind="picture", format=name)
    if head.startswith(_GIFS):
        return Sniffed(kind="picture", format="GIF")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Sniffed(kind="picture", format="WEBP")
    name = _sound(head)
    return Sniffed(kind="music", format=name) if name else None


def video_format(head: bytes) -> str:
    """By the first 16 bytes; raises RefusedFileError ``upload_refused`` for what is no film."""
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "matroska"
    raise RefusedFileError("upload_refused", "no MP4 and no WebM")


def _sound(head: bytes) -> str | None:
    for magic, name in _SOUNDS:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_SOUND:
        return "mp4"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0x06 == 0 else "mp3"
    return None


def _holds(file: Path, words: tuple[bytes, ...]) -> bool:
    """Whether one of the words (in lower case) stands in the file, in any case."""
    longest = max(map(len, words))
    rest = b""
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            text = (rest + piece).lower()
            if any(word in text for word in words):
                return True
            rest = piece[-longest:]
    return False
