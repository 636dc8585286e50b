"""Words with their times → captions whose words are their whole text."""

from hypothesis import given
from hypothesis import strategies as st

from media_worker.speech.cues import MOST_WIDTH, cued, width
from shared.messages.manifest import Word


def words(*texts: str) -> list[Word]:
    """Each word takes 100 ms; marks and blanks take none."""
    made: list[Word] = []
    at = 0
    for text in texts:
        length = 100 if any(letter.isalnum() for letter in text) else 0
        made.append(Word(start_ms=at, end_ms=at + length, text=text))
        at += length
    return made


def test_a_caption_is_a_clause_and_quotes_stay_with_their_words() -> None:
    cues = cued(words("他", "说", "：", "“", "你好", "，", "朋友", "。", "”", "再见"))

    assert [cue.text for cue in cues] == ["他说：", "“你好，", "朋友。”", "再见"]
    assert [(cue.start_ms, cue.end_ms) for cue in cues] == [
        (0, 200),
        (200, 300),
        (300, 400),
        (400, 500),
    ]


def test_a_long_clause_is_cut_between_words_into_about_equal_lines() -> None:
    text = "artificial, ,intelligence, ,is, ,changing, ,the, ,way, ,we, ,make, ,all, ,videos,."

    cues = cued(words(*text.split(",")))

    assert [cue.text for cue in cues] == [
        "artificial intelligence is changing",
        "the way we make all videos.",
    ]


def test_an_abbreviation_ends_no_caption() -> None:
    assert len(cued(words("Ask", " ", "Dr.", " ", "Smith", ",", " ", "e.g.", " ", "now"))) == 2


@given(
    st.lists(
        st.sampled_from(["雨水", "花园", "，", "。", "“", "”", "AI", " ", "40%", "a" * 90, "word"]),
        min_size=1,
        max_size=40,
    )
)
def test_no_word_is_lost_and_every_caption_fits(texts: list[str]) -> None:
    spoken = words(*texts)

    cues = cued(spoken)

    if any(word.end_ms > word.start_ms for word in spoken):
        assert "".join("".join(cue.text for cue in cues).split()) == "".join("".join(texts).split())
    for cue in cues:
        assert "".join(word.text for word in cue.words) == cue.text
        assert cue.text == cue.text.strip()
        assert width(cue.text) <= MOST_WIDTH + 20
    times = [time for cue in cues for word in cue.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
