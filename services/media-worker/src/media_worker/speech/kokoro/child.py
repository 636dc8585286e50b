"""``python -m media_worker.speech.kokoro.child THREADS``: text in, 16-bit sound and word times out.

A process of its own: the model takes seconds to load and the cores while it speaks, and
libespeak-ng keeps one global state.
"""

import functools
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from media_worker.speech.espeak_library import Phonetics
from media_worker.speech.kokoro import english
from media_worker.speech.kokoro.model import Model, letters
from media_worker.speech.kokoro.pieces import pieces
from media_worker.speech.kokoro.sentences import RATE, Sentence, sentences, timed
from media_worker.speech.loudness import FRAME_MS, heard, levelled, pcm
from media_worker.speech.servant import serve
from shared.messages.manifest import Word
from shared.runtime.parent import die_with_parent

_FRAME: Final = RATE * FRAME_MS // 1000
_MARGIN: Final = 1  # frames kept around what is heard
PAUSE_MS: Final = 300
BREATH_MS: Final = 80


class Narrator:
    """The model with what turns text into its letters."""

    def __init__(self, threads: int) -> None:
        self._model = Model(threads)
        self._known = frozenset(letters())
        phonetics = Phonetics()
        self._alone = functools.cache(partial(_alone, phonetics))

    def __call__(self, question: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """``text``, ``language``, ``voice`` (a file), ``speed`` (the model's own), ``pause``."""
        said = sentences(pieces(question["text"], question["language"], self._alone), self._known)
        sounds: list[np.ndarray] = []
        words: list[Word] = []
        at = 0
        for index, sentence in enumerate(said):
            sound, times = self._sentence(sentence, question, at)
            sounds.append(sound)
            words += times
            at += len(sound)
            if index + 1 < len(said) and len(sound):
                pause = (PAUSE_MS if sentence.ends else BREATH_MS) / question["pause"]
                sounds.append(np.zeros(round(RATE * pause / 1000), np.float32))
                at += len(sounds[-1])
        whole = np.concatenate(sounds) if sounds else np.zeros(0, np.float32)
        head = {"rate": RATE, "words": [[w.start_ms, w.end_ms, w.text] for w in words]}
        return head, pcm(levelled(whole, RATE))

    def _sentence(
        self, sentence: Sentence, question: dict[str, Any], at: int
    ) -> tuple[np.ndarray, list[Word]]:
        """Its sound without the silence at both ends, and its words' times from the whole's
        start.
        """
        if not any(letter.isalpha() for letter in sentence.letters):
            now = at * 1000 // RATE
            return np.zeros(0, np.float32), [
                Word(start_ms=now, end_ms=now, text=piece.shown) for piece in sentence.pieces
            ]
        samples, durations = self._model.say(
            sentence.letters, Path(question["voice"]), question["speed"]
        )
        loud = heard(samples, RATE)
        if not len(loud):
            loud = np.arange(len(samples) // _FRAME)
        first = max(0, int(loud[0]) - _MARGIN) * _FRAME
        last = min(len(samples), (int(loud[-1]) + 1 + _MARGIN) * _FRAME)
        times = timed(sentence, durations, loud, at - first)
        return samples[first:last], times


def _alone(phonetics: Phonetics, word: str) -> str:
    return english.letters(phonetics.ipa(word))


def main() -> None:
    die_with_parent()
    serve(Narrator(int(sys.argv[1])))


if __name__ == "__main__":
    main()
