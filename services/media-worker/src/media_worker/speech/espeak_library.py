"""libespeak-ng by ctypes: what its programs here have in common."""

import ctypes
from typing import Any, Final

import espeakng_loader  # pyright: ignore[reportMissingTypeStubs]

_SYNCHRONOUS: Final = 2
_UTF8: Final = 1
# International letters, with a tie (U+0361) between those that are one sound.
_IPA_TIED: Final = 0x02 | 0x80 | (0x361 << 8)


class Phonetics:
    """How single English words sound, by espeak-ng's rules and dictionary. One in a process."""

    def __init__(self) -> None:
        self._lib: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        if self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data, 0) <= 0:
            raise RuntimeError("libespeak-ng did not start")
        if self._lib.espeak_SetVoiceByName(b"en-us"):
            raise RuntimeError("libespeak-ng has no voice en-us")
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._lib.espeak_TextToPhonemes.argtypes = [
            ctypes.POINTER(ctypes.c_char_p),
            ctypes.c_int,
            ctypes.c_int,
        ]

    def ipa(self, word: str) -> str:
        """International letters, stress marks in front of the vowels."""
        rest = ctypes.c_char_p(word.encode())
        said = list[str]()
        while rest.value is not None:
            part: bytes | None = self._lib.espeak_TextToPhonemes(
                ctypes.byref(rest), _UTF8, _IPA_TIED
            )
            said.append((part or b"").decode())
        return " ".join(said)
