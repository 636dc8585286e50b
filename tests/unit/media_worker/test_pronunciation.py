"""How words sound: characters of several readings, English words by their place, marks."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.speech.kokoro import english, pinyin
from media_worker.speech.kokoro.pieces import Piece, pieces
from media_worker.speech.kokoro.sentences import MOST_LETTERS, TAKEN_LETTERS, sentences, timed
from shared.messages.base import Language

READINGS = [
    ("银行行长", "yin2 hang2 hang2 zhang3"),
    ("行走在一行诗里", "xing2 zou3 zai4 yi1 hang2 shi1 li3"),
    ("各行各业都行", "ge4 hang2 ge4 ye4 dou1 xing2"),
    ("两行字", "liang3 hang2 zi4"),
    ("进行中的行人", "jin4 xing2 zhong1 de5 xing2 ren2"),
    ("孩子长大了", "hai2 zi5 zhang3 da4 le5"),
    ("这条路很长", "zhe4 tiao2 lu4 hen3 chang2"),
    ("长城五米长", "chang2 cheng2 wu3 mi3 chang2"),
    ("他长得高", "ta1 zhang3 de5 gao1"),
    ("校长成长", "xiao4 zhang3 cheng2 zhang3"),
    ("重新测量重量", "chong2 xin1 ce4 liang2 zhong4 liang4"),
    ("双重重要", "shuang1 chong2 zhong4 yao4"),
    ("体重很重", "ti3 zhong4 hen3 zhong4"),
    ("音乐让人快乐", "yin1 yue4 rang4 ren2 kuai4 le4"),
    ("他还没还钱", "ta1 hai2 mei2 huan2 qian2"),
    ("首都都是人", "shou3 du1 dou1 shi4 ren2"),
    ("慢慢地走到地方", "man4 man4 de5 zou3 dao4 di4 fang5"),
    ("觉得跑得快", "jue2 de5 pao3 de5 kuai4"),
    ("一只猫只吃鱼", "yi1 zhi1 mao1 zhi3 chi1 yu2"),
    ("分为三种", "fen1 wei2 san1 zhong3"),
    ("为了他", "wei4 le5 ta1"),
    ("到处处理", "dao4 chu4 chu3 li3"),
    ("了解了", "liao3 jie3 le5"),
    ("差不多出差", "cha4 bu5 duo1 chu1 chai1"),
    ("参差不齐", "cen1 ci1 bu4 qi2"),
    ("老师教我教学", "lao3 shi1 jiao1 wo3 jiao4 xue2"),
]
SAID_ALONE = {"Apple": "ˈæpᵊl", "apple": "ˈæpᵊl", "book": "bˈʊk", "A": "ˈA", "I": "ˈI"}


def alone(word: str) -> str:
    return SAID_ALONE.get(word, "nˈo")


@pytest.mark.parametrize(("hanzi", "said"), [pytest.param(*case, id=case[0]) for case in READINGS])
def test_a_character_of_several_readings_is_read_by_its_neighbours(hanzi: str, said: str) -> None:
    assert " ".join(pinyin.readings(hanzi)) == said


@pytest.mark.parametrize(
    ("syllable", "letters"),
    [
        ("zhong1", "ꭧʊ→ŋ"),
        ("guo2", "kwo↗"),
        ("xue2", "ɕɥe↗"),
        ("lv4", "ly↘"),
        ("jiu3", "ʨjou↓"),
        ("shi4", "ʂɨ↘"),
        ("er2", "ɚ↗"),
        ("de5", "tɤ"),
        ("wen4", "wə↘n"),
        ("yuan2", "ɥɛ↗n"),
        ("yi1", "i→"),
    ],
)
def test_syllables_are_written_in_the_models_letters(syllable: str, letters: str) -> None:
    assert pinyin.sounds(syllable) == letters


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["the", "book"], ["ðə", "bˈʊk"], id="the before a consonant"),
        pytest.param(["the", "apple"], ["ði", "ˈæpᵊl"], id="the before a vowel"),
        pytest.param(["a", "A"], ["ɐ", "ˈA"], id="the article and the letter"),
        pytest.param(["to", "use"], ["tə", "jˈuz"], id="a verb after to"),
        pytest.param(["the", "use"], ["ðə", "jˈus"], id="a noun after the"),
        pytest.param(["has", "read"], ["hæz", "ɹˈɛd"], id="read in the past"),
        pytest.param(["we", "record"], ["wi", "ɹəkˈɔɹd"], id="to record"),
        pytest.param(["a", "record"], ["ɐ", "ɹˈɛkəɹd"], id="a record"),
    ],
)
def test_english_words_sound_by_their_place(words: list[str], said: list[str]) -> None:
    assert english.pronounced(words, alone) == said


def test_international_letters_become_the_models() -> None:
    assert english.letters("ˌɑː͡ɹɾɪfˈɪʃə͡l") == "ˌɑɹTɪfˈɪʃᵊl"
    assert english.letters("ˈo͡ʊpən ˌe͡ɪˈa͡ɪ") == "ˈOpənˌAˈI"


def test_figures_are_one_piece_and_hanzi_are_cut_by_words() -> None:
    found = pieces("成本下降40%，AI很好。", "zh-CN", alone)

    assert [piece.shown for piece in found] == [
        *("成本", "下降", "40%", "，", "AI", "很", "好", "。")
    ]
    assert found[3].sound == ","
    assert found[-1].sound == "."


_TEXT = st.text(alphabet="雨水花园2026年%.,:AIab ，。！？“”😀 \n", max_size=200)


@given(_TEXT, st.sampled_from(["zh-CN", "en"]))
def test_nothing_shown_is_lost_between_text_and_sentences(text: str, language: Language) -> None:
    known = frozenset("abcdefghijklmnopqrstuvwxyzˈA→↗↓↘,.!?;: ")

    said = sentences(pieces(text, language, alone), known)

    assert "".join(piece.shown for part in said for piece in part.pieces) == text
    for sentence in said:
        assert sum(sentence.shares) == len(sentence.letters)


def test_long_texts_are_cut_where_one_breathes() -> None:
    text = "雨水花园让城市呼吸，" * 40

    said = sentences(pieces(text, "zh-CN", alone), frozenset("xwiua→↗↓↘ŋꭧʂ, "))

    assert len(said) > 3
    assert all(len(sentence.letters) <= MOST_LETTERS + 40 for sentence in said)


@given(_TEXT, st.sampled_from(["zh-CN", "en"]), st.randoms(use_true_random=False))
def test_words_follow_one_another_whatever_the_model_says_of_its_sounds(
    text: str, language: Language, chance: Random
) -> None:
    for sentence in sentences(pieces(text, language, alone), frozenset("nˈoʨwiua→↗↓↘,. ")):
        lengths = np.array([chance.randint(1, 9) for _ in range(len(sentence.letters) + 2)])
        whole = int(lengths.sum())
        loud = np.array(sorted(chance.sample(range(whole), k=chance.randint(1, whole))))

        words = timed(sentence, lengths, loud, 0)

        times = [time for word in words for time in (word.start_ms, word.end_ms)]
        assert "".join(word.text for word in words) == "".join(p.shown for p in sentence.pieces)
        assert times == sorted(times)
        assert times[-1] <= whole * 25


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(" " + " ".join(["wˈʌn"] * 200), id="a number of two hundred figures"),
        pytest.param(" " + "ɑ" * 1_000, id="a word without an end"),
    ],
)
def test_what_is_longer_than_the_model_takes_is_said_in_parts(sound: str) -> None:
    full = [Piece(shown="雨", sound="ju")] * (MOST_LETTERS // 2)
    told = [*full, Piece(shown="3.14159" * 20, sound=sound), Piece(shown="。", sound=".")]

    found = sentences(told, frozenset("wˈʌn ɑju."))

    assert all(len(sentence.letters) <= TAKEN_LETTERS for sentence in found)
    assert "".join(sentence.letters for sentence in found).replace(" ", "") == "".join(
        piece.sound for piece in told
    ).replace(" ", "")
    shown = [piece.shown for sentence in found for piece in sentence.pieces]
    assert "".join(shown) == "".join(piece.shown for piece in told)
    assert all(sum(sentence.shares) == len(sentence.letters) for sentence in found)
    if "w" in sound:
        assert not any(sentence.letters.startswith(("ˈ", "ʌ", "n")) for sentence in found)
