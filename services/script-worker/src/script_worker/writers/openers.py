"""Sentences that need the one before: pronouns lean on it, conjunctions may be dropped."""

import re
from typing import Final

_BUT: Final = r"但(?!丁|凡|愿)"
_CHINESE_LINK: Final = re.compile(
    rf"^(?:(?:但是|{_BUT}|然而|不过|可是|此外|另外|同时|与此同时|因此|所以|因而|于是|而且|并且|况且"
    r"|不仅如此|除此之外|相反|反之|换句话说|换言之|也就是说|可见|例如|比如|譬如|当然|结果)[，,]"
    rf"|但是|{_BUT}|然而|不过(?!是)|可是|所以|因而|于是|而且|并且|因此|而(?!是|言|立|非|不是|已))\s*"
)
_CHINESE_LEAN: Final = re.compile(
    r"^(?:它|他(?!山)|她|这|那(?!曲|不勒斯)|其(?!实|次|他|它)|此(?!外)|该(?!死)|对此|为此|由此|如此"
    r"|后者|前者|上述|两者|二者|以上|否则|从而|而是|而不是|而非|正因|之后[，,]|随后|接着"
    r"|另一|一方面|同样)"
)
_ENGLISH_LINK: Final = re.compile(
    r"^(?:(?:but|and|or|so(?! far| many| much| long| that| as)|yet)\s*,?\s+"
    r"|(?:however|therefore|moreover|furthermore|in addition|besides|also|thus|hence|consequently"
    r"|nevertheless|nonetheless|instead|meanwhile|for example|for instance|as a result"
    r"|on the other hand|in contrast|by contrast|similarly|likewise|in other words|of course|still"
    r"|that said|even so|after all|in turn|in fact|indeed|as such|then),\s+"
    r"|(?:therefore|thus|hence|then)\s+)",
    re.IGNORECASE,
)
_ENGLISH_LEAN: Final = re.compile(
    r"^(?!it\s+(?:is|was|takes|took|pays|helps|costs)\s+\w+(?:\s+\w+)?\s+(?:that|to|for)\b"
    r"|this (?:year|month|week|morning|article|guide|story)|these days)"
    r"(?:(?:it|this|these|those|they|he|she|its|their|his|her|them|such|both|neither|either|nor"
    r"|otherwise)\b|that\b(?! said)|it['’]s|that['’]s|they['’]re"
    r"|the (?:former|latter|other|others|same|two|result)\b|one of them|others? )",
    re.IGNORECASE,
)
_FIRST: Final = re.compile(
    r"^(?:首先|第一(?:步|[是，、,：:])|其一|先|first(?:ly)?[,\s]|step one)", re.IGNORECASE
)
_LATER: Final = re.compile(
    r"^(?:其次|再次|然后|接着|最后|第[二三四五六七八九十](?:步|[是，、,：:])|其[二三四]"
    r"|(?:second|third|fourth|next|then|after that|finally|last)(?:ly)?[,\s]"
    r"|step (?:two|three|four))",
    re.IGNORECASE,
)


def counts(sentence: str) -> bool:
    """Whether it opens as a step of a row."""
    return bool(_FIRST.match(sentence)) or counts_on(sentence)


def counts_on(sentence: str) -> bool:
    """Whether it opens as a later step of a row."""
    return bool(_LATER.match(sentence))


def without_link(sentence: str) -> str:
    """The sentence without an opening conjunction, where the rest stands as a sentence."""
    rest = _CHINESE_LINK.sub("", sentence, count=1)
    if rest == sentence:
        rest = _ENGLISH_LINK.sub("", sentence, count=1)
        rest = rest[:1].upper() + rest[1:] if rest != sentence else rest
    return rest if any(letter.isalnum() for letter in rest) else sentence


def links(sentence: str) -> bool:
    """Whether it opens with a conjunction that may be dropped."""
    return without_link(sentence) != sentence


def leans(sentence: str) -> bool:
    """Whether it can't be understood without the sentence before it."""
    bare = without_link(sentence).lstrip('“"「『')
    return bool(_CHINESE_LEAN.match(bare) or _ENGLISH_LEAN.match(bare))
