"""The speakers of each engine, as data: what the API offers and a worker can speak with."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.messages.base import Language

Gender = Literal["female", "male"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh-CN", "en")
DEFAULT: Final = "default"
SENTENCES: Final[dict[Language, str]] = {
    "zh-CN": "你好，我是{name}。2026年，我可以为你的视频配音。",
    "en": "Hello, I'm {name}. In 2026, I can narrate your video.",
}
_OFFLINE: Final = frozenset({"espeak", "kokoro"})
_FREE: Final = _OFFLINE | {"edge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """``id`` is what a project stores; ``pace`` is how the engine's own speed is to be set so that
    this speaker is as fast as the others (4.6 hanzi or 2.6 English words a second).
    """

    id: str
    language: Language
    gender: Gender
    zh: str
    en: str
    pace: float = 1.0

    @property
    def sentence(self) -> str:
        """What a sample says, in the speaker's own language."""
        name = self.name(self.language).partition("（")[0]
        return SENTENCES[self.language].format(name=name)

    def name(self, language: Language) -> str:
        """For people, in their language."""
        return self.zh if language == "zh-CN" else self.en


def _speaker(
    name: str,
    gender: Gender,
    zh: str,
    en: str,
    pace: float = 1.0,
) -> Speaker:
    language: Language = "zh-CN" if name.startswith("z") else "en"
    return Speaker(id=name, language=language, gender=gender, zh=zh, en=en, pace=pace)


KOKORO: Final = (
    _speaker("zf_xiaoxiao", "female", "晓晓", "Xiaoxiao", 0.8),
    _speaker("zm_yunxi", "male", "云希", "Yunxi", 0.781),
    _speaker("zf_xiaobei", "female", "晓贝", "Xiaobei", 0.913),
    _speaker("zf_xiaoni", "female", "晓妮", "Xiaoni", 0.805),
    _speaker("zf_xiaoyi", "female", "晓伊", "Xiaoyi", 0.795),
    _speaker("zm_yunjian", "male", "云健", "Yunjian", 0.8),
    _speaker("zm_yunxia", "male", "云夏", "Yunxia", 0.809),
    _speaker("zm_yunyang", "male", "云扬", "Yunyang", 0.777),
    _speaker("af_heart", "female", "心怡（英语）", "Heart", 0.795),
    _speaker("am_michael", "male", "迈克尔（英语）", "Michael", 0.823),
    _speaker("af_bella", "female", "贝拉（英语）", "Bella", 0.795),
    _speaker("af_sarah", "female", "莎拉（英语）", "Sarah", 0.795),
    _speaker("am_fenrir", "male", "芬里尔（英语）", "Fenrir", 0.791),
    _speaker("am_puck", "male", "帕克（英语）", "Puck", 0.777),
)
_ESPEAK: Final = tuple(
    Speaker(id=DEFAULT, language=language, gender="male", zh="电子音", en="Robot")
    for language in LANGUAGES
)


def _edge(name: str, gender: Gender, zh: str, en: str, pace: float = 1.0) -> Speaker:
    language: Language = "zh-CN" if name.startswith("zh") else "en"
    return Speaker(id=f"{name}Neural", language=language, gender=gender, zh=zh, en=en, pace=pace)


EDGE: Final = (
    _edge("zh-CN-Xiaoxiao", "female", "晓晓", "Xiaoxiao"),
    _edge("zh-CN-Yunxi", "male", "云希", "Yunxi"),
    _edge("zh-CN-Xiaoyi", "female", "晓伊", "Xiaoyi"),
    _edge("zh-CN-Yunjian", "male", "云健", "Yunjian"),
    _edge("zh-CN-Yunyang", "male", "云扬", "Yunyang"),
    _edge("en-US-Aria", "female", "阿里亚（英语）", "Aria"),
    _edge("en-US-Guy", "male", "盖伊（英语）", "Guy"),
    _edge("en-US-Jenny", "female", "珍妮（英语）", "Jenny"),
    _edge("en-US-Christopher", "male", "克里斯托弗（英语）", "Christopher"),
    _edge("en-GB-Sonia", "female", "索尼娅（英式英语）", "Sonia (British)"),
)
_OPENAI_NAMES: Final[tuple[tuple[str, Gender, str], ...]] = (
    ("nova", "female", "诺娃"),
    ("onyx", "male", "奥尼克斯"),
    ("coral", "female", "珊瑚"),
    ("sage", "female", "赛琪"),
    ("echo", "male", "回声"),
    ("ash", "male", "阿什"),
)
OPENAI: Final = tuple(
    Speaker(id=name, language=language, gender=gender, zh=zh, en=name.capitalize())
    for language in LANGUAGES
    for name, gender, zh in _OPENAI_NAMES
)
_BY_ENGINE: Final[dict[str, tuple[Speaker, ...]]] = {
    "espeak": _ESPEAK,
    "kokoro": KOKORO,
    "edge": EDGE,
    "openai": OPENAI,
}


def family(engine: str) -> str:
    """kokoro-1 → kokoro, openai-1:tts-1 → openai: versions of an engine have the same speakers."""
    name = engine.partition(":")[0]
    return name.rpartition("-")[0] or name


def is_offline(engine: str) -> bool:
    """Whether it speaks without the network, for nothing."""
    return family(engine) in _OFFLINE


def is_free(engine: str) -> bool:
    return family(engine) in _FREE


def speakers(engine: str, language: Language) -> tuple[Speaker, ...]:
    """Those of one language, the default one first; none for an unknown engine."""
    known = _BY_ENGINE.get(family(engine), ())
    return tuple(speaker for speaker in known if speaker.language == language)


def find(engine: str, language: Language, speaker: str) -> Speaker | None:
    """``speaker`` by its id; "default" is the first of its engine and language."""
    known = speakers(engine, language)
    if speaker == DEFAULT:
        return known[0] if known else None
    return next((one for one in known if one.id == speaker), None)
