"""English words that sound by their place in the sentence, in the model's letters. Data."""

from typing import Final

# Said without stress in running text.
WEAK: Final = {
    "a": "ɐ", "an": "ɐn", "of": "ʌv", "and": "ænd", "in": "ɪn", "for": "fɔɹ", "is": "ɪz",
    "was": "wʌz", "that": "ðæt", "as": "æz", "at": "æt", "with": "wɪð", "from": "fɹʌm",
    "have": "hæv", "has": "hæz", "had": "hæd", "can": "kæn", "will": "wɪl", "you": "ju",
    "your": "jʊɹ", "it": "ɪt", "its": "ɪts", "he": "hi", "she": "ʃi", "they": "ðA", "we": "wi",
    "were": "wɜɹ", "are": "ɑɹ", "be": "bi", "been": "bɪn", "or": "ɔɹ", "but": "bʌt",
    "by": "bI", "his": "hɪz", "her": "hɜɹ", "our": "Wəɹ", "their": "ðɛɹ", "them": "ðɛm",
    "him": "hɪm", "us": "ʌs", "my": "mI", "me": "mi", "than": "ðæn", "if": "ɪf", "am": "æm",
    "could": "kʊd", "would": "wʊd", "should": "ʃʊd", "into": "ˈɪntu", "on": "ɔn", "'s": "z",
}  # fmt: skip
# word: (as a noun or adjective, as a verb)
NOUN_VERB: Final = {
    "record": ("ɹˈɛkəɹd", "ɹəkˈɔɹd"),
    "records": ("ɹˈɛkəɹdz", "ɹəkˈɔɹdz"),
    "present": ("pɹˈɛzᵊnt", "pɹizˈɛnt"),
    "use": ("jˈus", "jˈuz"),
    "uses": ("jˈusəz", "jˈuzəz"),
    "close": ("klˈOs", "klˈOz"),
    "live": ("lˈIv", "lˈɪv"),
    "object": ("ˈɑbʤɛkt", "əbʤˈɛkt"),
    "project": ("pɹˈɑʤɛkt", "pɹəʤˈɛkt"),
    "increase": ("ˈɪnkɹˌis", "ɪnkɹˈis"),
    "decrease": ("dˈikɹˌis", "dəkɹˈis"),
    "produce": ("pɹˈOdus", "pɹədˈus"),
    "contrast": ("kˈɑntɹæst", "kəntɹˈæst"),
    "conflict": ("kˈɑnflɪkt", "kənflˈɪkt"),
    "permit": ("pˈɜɹmɪt", "pəɹmˈɪt"),
    "separate": ("sˈɛpɹət", "sˈɛpəɹˌAt"),
    "estimate": ("ˈɛstəmət", "ˈɛstəmˌAt"),
    "house": ("hˈWs", "hˈWz"),
    "content": ("kˈɑntɛnt", "kəntˈɛnt"),
    "lead": ("lˈid", "lˈid"),
    "wind": ("wˈɪnd", "wˈInd"),
    "tear": ("tˈɪɹ", "tˈɛɹ"),
    "minute": ("mˈɪnət", "mˈɪnət"),
}
BEFORE_VERB: Final = frozenset({
    "to", "will", "can", "could", "may", "might", "must", "should", "would", "shall",
    "cannot", "can't", "won't", "don't", "doesn't", "didn't", "i", "you", "we", "they", "who",
    "please", "and", "let", "let's", "not", "also",
})  # fmt: skip
READ_PAST: Final = frozenset({
    "have", "has", "had", "was", "were", "been", "be", "is", "are", "he", "she", "it",
    "already",
})  # fmt: skip
