"""The catalogue of refusals: whole, in two languages, documented, and the only source of codes."""

import re
from pathlib import Path

import pytest
from support.driving import Driver, refused

import api
from api.catalogue import CATALOGUE, preferred
from api.reference import reference
from shared.progress import FAILURES

ROOT = Path(__file__).parents[3]
HANZI = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_says_what_is_wrong_and_what_to_do_in_both_languages(code: str) -> None:
    entry = CATALOGUE[code]

    assert 400 <= entry.status < 600
    assert all(HANZI.search(words["zh-CN"]) for words in (entry.title, entry.action))
    assert not any(HANZI.search(words["en"]) for words in (entry.title, entry.action))
    assert all(words["en"].strip() for words in (entry.title, entry.action))


def test_every_code_that_is_raised_is_in_the_catalogue_and_every_one_there_is_raised() -> None:
    folder = Path(api.__file__).parent
    source = "\n".join(file.read_text() for file in folder.rglob("*.py"))
    raised = set(re.findall(r'RefusedError\(\s*"(\w+)"', source))
    everything = source + (ROOT / "shared/src/shared/lifecycle.py").read_text()

    assert raised <= set(CATALOGUE)
    assert [code for code in CATALOGUE if f'"{code}"' not in everything] == []


def test_the_reference_of_errors_is_the_generated_one() -> None:
    text = (ROOT / "docs/errors.md").read_text()

    assert text == reference()
    assert all(f"`{code}`" in text for code in (*CATALOGUE, *FAILURES))


@pytest.mark.parametrize(
    ("said", "language"),
    [
        pytest.param(None, "en", id="nothing said"),
        pytest.param("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", id="Chinese first"),
        pytest.param("en-GB,zh", "en", id="English first"),
        pytest.param("fr, zh-TW", "zh-CN", id="the first that we have"),
        pytest.param("fr", "en", id="none that we have"),
        pytest.param(";;;,,", "en", id="nonsense"),
    ],
)
def test_the_callers_language_is_the_first_that_we_have(said: str | None, language: str) -> None:
    assert preferred(said) == language


async def test_problems_speak_the_callers_language_wherever_they_come_from(driver: Driver) -> None:
    chinese = {"Accept-Language": "zh-CN"}

    answers = [
        await driver.call("GET", "/nowhere", headers=chinese),
        await driver.call("POST", "/projects", content=b" " * 1_000_001, headers=chinese),
        await driver.call("POST", "/projects", json={}, headers=chinese),
    ]

    assert refused(answers[1], 413, "body_too_large")
    for answer in answers:
        assert HANZI.search(answer.json()["title"]), answer.text
        assert HANZI.search(answer.json()["action"]), answer.text
        assert answer.headers["content-language"] == "zh-CN"


async def test_compressed_bodies_are_refused_unread(driver: Driver) -> None:
    answer = await driver.call(
        "POST", "/projects", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}
    )

    assert refused(answer, 415, "encoding_refused")
