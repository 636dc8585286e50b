"""Quiet music out of nothing but numbers: three moods, each a loop whose end flows into its
beginning.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

RATE: Final = 48_000
_INNER: Final = 24_000  # at which it is made: nothing in it is higher than half of this
Wave = np.ndarray  # float32, samples × 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """``chords`` are MIDI notes, one chord a bar of four beats; ``play`` fills a bar."""

    bpm: float
    chords: tuple[tuple[int, ...], ...]
    room: float  # seconds of reverberation
    wet: float
    play: Callable[["_Loop", tuple[int, ...], float], None]

    @property
    def bar(self) -> float:
        return 240 / self.bpm


class _Loop:
    """A ring of sound: what rings on past the end is heard at the beginning."""

    def __init__(self, seconds: float, beat: float, seed: np.random.Generator) -> None:
        self.sound = np.zeros((round(seconds * _INNER), 2), np.float32)
        self.beat = beat
        self.seed = seed

    def add(self, note: Wave, at: float, gain: float, side: float = 0.0) -> None:
        """``side``: −1 left … 1 right, at constant power."""
        angle = (side + 1) * np.pi / 4
        both = note[:, None] * np.array([np.cos(angle), np.sin(angle)], np.float32) * gain
        start = round(at * _INNER) % len(self.sound)
        while len(both):
            piece = both[: len(self.sound) - start]
            self.sound[start : start + len(piece)] += piece
            both, start = both[len(piece) :], 0


def loop(mood: str, seed: str) -> Wave:
    """About half a minute of ``mood``, the same for the same ``seed``; peaks stay below 1."""
    chosen = MOODS[mood]
    digest = hashlib.sha256(f"{mood}/{seed}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:8]))
    made = _Loop(chosen.bar * len(chosen.chords), chosen.bar / 4, random)
    for number, chord in enumerate(chosen.chords):
        chosen.play(made, chord, number * chosen.bar)
    sound = _in_a_room(made.sound, chosen.room, chosen.wet, random)
    return sound / max(1e-6, float(np.abs(sound).max())) * 0.5


def _calm(made: _Loop, chord: tuple[int, ...], at: float) -> None:
    _pad(made, chord, at, 4 * made.beat, gain=0.16)
    bass = _tone(_low(chord[0]), 4 * made.beat, partials=(1.0, 0.4, 0.15), attack=0.5)
    made.add(bass, at, 0.10)
    for beat in (0.0, 1.5, 2.5, 3.0):
        if made.seed.random() < 0.62:
            note = int(made.seed.choice(chord)) + int(made.seed.choice((12, 24)))
            made.add(_bell(note, 3.2), at + beat * made.beat, 0.15, made.seed.uniform(-0.5, 0.5))


def _bright(made: _Loop, chord: tuple[int, ...], at: float) -> None:
    _pad(made, chord, at, 4 * made.beat, gain=0.05)
    half = made.beat / 2
    order = [0, 2, 1, 2, 3 % len(chord), 2, 1, 2]
    for number, place in enumerate(order):
        if number in {0, 2, 4, 6} or made.seed.random() < 0.7:
            note = chord[place % len(chord)] + 12
            gain = 0.19 if number % 4 == 0 else 0.13
            made.add(_pluck(note, 1.1), at + number * half, gain, -0.35 + 0.1 * number)
    for beat in (0, 2.5):
        made.add(_pluck(_low(chord[0]), 1.4, soft=0.6), at + beat * made.beat, 0.18)
    for beat in range(4):
        made.add(_shaker(made.seed), at + (beat + 0.5) * made.beat, 0.020, 0.3)


def _tense(made: _Loop, chord: tuple[int, ...], at: float) -> None:
    _pad(made, (_low(chord[0]), *chord[1:3]), at, 4 * made.beat, gain=0.08)
    for number in range(8):
        gain = 0.15 if number % 4 == 0 else 0.09
        when = at + number * made.beat / 2
        made.add(_pluck(_low(chord[0]), 0.5, soft=0.7), when, gain)
        made.add(_pluck(_low(chord[0]) + 12, 0.4, soft=0.7), when, gain * 0.5, 0.3)
    for beat in (1.0, 3.5):
        if made.seed.random() < 0.45:
            note = int(made.seed.choice(chord)) + 24
            side = made.seed.uniform(-0.6, 0.6)
            made.add(_bell(note, 2.6), at + beat * made.beat, 0.09, side)


MOODS: Final[dict[str, Mood]] = {
    "calm": Mood(
        bpm=66,
        room=2.8,
        wet=0.42,
        play=_calm,
        chords=(
            (50, 57, 61, 66),
            (47, 54, 57, 62),
            (43, 50, 59, 66),
            (45, 52, 59, 61),
            (50, 57, 61, 64),
            (54, 57, 61, 66),
            (43, 50, 57, 59),
            (45, 52, 57, 62),
        ),
    ),
    "bright": Mood(
        bpm=104,
        room=1.1,
        wet=0.22,
        play=_bright,
        chords=(
            (48, 55, 60, 64),
            (43, 55, 59, 62),
            (45, 52, 60, 64),
            (41, 53, 57, 60),
        )
        * 2
        + ((45, 52, 60, 64), (41, 53, 57, 60), (48, 55, 60, 64), (43, 55, 59, 62)),
    ),
    "tense": Mood(
        bpm=84,
        room=2.2,
        wet=0.34,
        play=_tense,
        chords=(
            (45, 52, 57, 60),
            (45, 52, 57, 60),
            (41, 53, 57, 60),
            (41, 53, 56, 60),
            (38, 50, 57, 65),
            (38, 50, 57, 62),
            (40, 52, 56, 59),
            (40, 52, 57, 59),
        ),
    ),
}


def _hertz(note: float) -> float:
    return 440.0 * 2 ** ((note - 69) / 12)


def _low(note: int) -> int:
    """The same note in the octave of basses that small loudspeakers still have."""
    return 40 + (note - 40) % 12


def _time(seconds: float) -> np.ndarray:
    return np.arange(round(seconds * _INNER), dtype=np.float32) / _INNER


def _tone(
    note: float, seconds: float, *, partials: Sequence[float], attack: float, release: float = 1.2
) -> Wave:
    """Steady partials that swell and fade; it rings ``release`` seconds past its length."""
    time, base = _time(seconds + release), _hertz(note)
    sound = np.zeros_like(time)
    for number, strength in enumerate(partials, 1):
        sound += strength * np.sin(2 * np.pi * base * number * time)
    swell = np.clip(time / attack, 0, 1)
    fade = np.clip((seconds + release - time) / (release + 0.4), 0, 1)
    return sound * (swell * swell * (3 - 2 * swell)) * (fade * fade * (3 - 2 * fade))


def _pad(made: _Loop, chord: tuple[int, ...], at: float, seconds: float, *, gain: float) -> None:
    """Each note twice, a little apart in pitch and place."""
    for number, note in enumerate(chord):
        for turn, side in ((-0.05, -0.7), (0.05, 0.7)):
            partials = (1.0, 0.55, 0.32, 0.18, 0.10, 0.06)
            tone = _tone(note + turn, seconds, partials=partials, attack=1.1)
            made.add(tone, at, gain / (1 + 0.25 * number), side)


def _bell(note: float, seconds: float) -> Wave:
    time, base = _time(seconds), _hertz(note)
    sound = np.zeros_like(time)
    for ratio, strength, life in ((1, 1.0, 1.1), (2.0, 0.36, 0.7), (3.01, 0.14, 0.35)):
        sound += strength * np.sin(2 * np.pi * base * ratio * time) * np.exp(-time / life)
    return sound * np.clip(time / 0.006, 0, 1) * np.clip((seconds - time) / 0.4, 0, 1)


def _pluck(note: float, seconds: float, soft: float = 1.0) -> Wave:
    """A string: its higher partials die sooner; ``soft`` below 1 takes them down."""
    time, base = _time(seconds), _hertz(note)
    sound = np.zeros_like(time)
    for number in range(1, 8):
        if base * number < 9_000:
            strength = soft ** (number - 1) / number**1.3
            life = 0.55 / number**0.7
            sound += strength * np.sin(2 * np.pi * base * number * time) * np.exp(-time / life)
    return sound * np.clip(time / 0.004, 0, 1) * np.clip((seconds - time) / 0.15, 0, 1)


def _shaker(seed: np.random.Generator) -> Wave:
    noise = seed.normal(0, 1, round(0.07 * _INNER)).astype(np.float32)
    noise[1:] -= noise[:-1]
    return noise * np.exp(-_time(0.07) / 0.016)


def _in_a_room(sound: Wave, seconds: float, wet: float, seed: np.random.Generator) -> Wave:
    """Reverberation around the ring, so that the loop has no seam; comes out at ``RATE``."""
    time = _time(min(seconds, len(sound) / _INNER))
    fine = len(sound) * RATE // _INNER
    heard = np.empty((fine, 2), np.float32)
    for side in range(2):
        noise = seed.normal(0, 1, len(time)) * np.exp(-time * 6.9 / seconds)
        noise *= np.clip(time / 0.012, 0, 1)
        smooth = np.convolve(noise, np.hanning(33) / 16, "same")
        answer = np.fft.rfft(smooth / np.sqrt(np.sum(smooth**2)), len(sound))
        heard[:, side] = np.fft.irfft(np.fft.rfft(sound[:, side]) * (1 - wet + wet * answer), fine)
    return heard
