"""Pieces → what the model is asked to say in one breath, and when each piece is heard. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from media_worker.speech.kokoro.pieces import Piece
from shared.messages.manifest import Word

RATE: Final = 24_000
UNIT_SAMPLES: Final = 600
# The model takes 510 letters; it speaks best in sentences, and badly in single syllables.
TAKEN_LETTERS: Final = 510
MOST_LETTERS: Final = 220
FEWEST_LETTERS: Final = 24
# Frames of 25 ms in which a word's attack may be heard; what sounds for longer is the word before.
_ATTACK: Final = 6
_ENDS: Final = frozenset(".!?…")
_JOINTS: Final = frozenset(",;:—")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """``letters`` are the sounds of all pieces, ``shares`` how many of them each piece has."""

    pieces: tuple[Piece, ...]
    letters: str
    shares: tuple[int, ...]

    @property
    def ends(self) -> bool:
        """Whether a full stop follows, or what is cut here only breathes."""
        return self.letters.rstrip()[-1:] in _ENDS


def sentences(pieces: Sequence[Piece], known: frozenset[str]) -> tuple[Sentence, ...]:
    """Cut behind full stops; what is too long, behind commas, then anywhere; what is too short
    joins its neighbour. None is longer than the model takes. Letters that it does not know are
    left out.
    """
    cleaned = [
        Piece(shown=piece.shown, sound="".join(x for x in piece.sound if x in known))
        for piece in pieces
    ]
    parts = [part for piece in cleaned for part in _parts(piece)]
    return tuple(_sentence(group) for group in _groups(parts))


def _parts(piece: Piece) -> Iterator[Piece]:
    """A number or an address may be longer than the model takes, also behind a group that is almost
    full: cut in front of words, or where it must be. Each part shows its share.
    """
    sound, shown = piece.sound, piece.shown
    most, start = TAKEN_LETTERS - MOST_LETTERS, 0
    while len(sound) - start > most:
        blank = sound.rfind(" ", start + 1, start + most + 1)
        end = blank if blank > 0 else start + most
        yield Piece(shown=shown[_share(piece, start) : _share(piece, end)], sound=sound[start:end])
        start = end
    yield Piece(shown=shown[_share(piece, start) :], sound=sound[start:])


def _share(piece: Piece, letters: int) -> int:
    return len(piece.shown) * letters // max(1, len(piece.sound))


def _groups(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    group: list[Piece] = []
    length = 0
    for index, piece in enumerate(pieces):
        group.append(piece)
        length += len(piece.sound)
        rest = pieces[index + 1 :]
        if not any(other.sound for other in rest):
            group += rest
            break
        last = piece.sound[-1:]
        silent_next = not rest[0].sound and not rest[0].shown.strip().isalnum()
        if silent_next and last in _ENDS:
            continue  # a closing quote or a blank belongs to the sentence before it
        behind = _last_sound(group)
        if length < FEWEST_LETTERS:
            continue
        if (
            behind in _ENDS
            or (behind in _JOINTS and length > MOST_LETTERS // 2)
            or length > MOST_LETTERS
        ):
            yield group
            group, length = [], 0
    if group:
        yield group


def _last_sound(group: Sequence[Piece]) -> str:
    return next((piece.sound[-1] for piece in reversed(group) if piece.sound), "")


def _sentence(group: Sequence[Piece]) -> Sentence:
    letters = "".join(piece.sound for piece in group)
    lead = len(letters) - len(letters.lstrip())
    shares = [len(piece.sound) for piece in group]
    for index, share in enumerate(shares):
        if share:
            shares[index] -= lead
            break
    return Sentence(pieces=tuple(group), letters=letters.lstrip(), shares=tuple(shares))


def timed(sentence: Sentence, durations: np.ndarray, loud: np.ndarray, start: int) -> list[Word]:
    """When each piece is heard, the sentence's sound beginning at sample ``start``.

    ``durations`` are those of the letters and of the silence at both ends, ``loud`` the numbers of
    the frames in which something is heard, both in 25 ms. A blank belongs to the pause in front of
    a word; of the last letter before a pause only what is heard counts; marks take no time.
    """
    ends = np.concatenate(([0], np.cumsum(durations))).astype(int)
    at, last, words = 1, int(loud[0]), list[Word]()
    for piece, share in zip(sentence.pieces, sentence.shares, strict=True):
        opened = last
        if any(letter.isalpha() for letter in piece.sound):
            blank = sentence.letters[at - 1] == " "
            begin, end = int(ends[at + blank]), int(ends[at + share])
            inside = loud[(loud >= begin) & (loud < end)]
            opened = max(last, _onset(begin, loud) if last > int(loud[0]) else int(loud[0]))
            last = max(opened, int(inside[-1]) + 1 if len(inside) else end)
        words.append(
            Word(
                start_ms=_ms(start + opened * UNIT_SAMPLES),
                end_ms=_ms(start + last * UNIT_SAMPLES),
                text=piece.shown,
            )
        )
        at += share
    return words


def _onset(begin: int, loud: np.ndarray) -> int:
    """Where a word is first heard: behind a pause its attack sounds before its first letter."""
    onset = begin
    while onset > begin - _ATTACK and (loud == onset - 1).any():
        onset -= 1
    return onset if onset > begin - _ATTACK else begin


def _ms(samples: int) -> int:
    return max(0, round(samples * 1000 / RATE))
