"""Milestones in words."""

import json
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from notifier.notice import notice_for
from shared.messages.milestones import AnyMilestone
from shared.progress import FAILURES, TEXTS

SAMPLES = Path(__file__).parents[2] / "contract" / "samples"
MILESTONES = [
    "script.ready.v1",
    "video.ready.v1",
    "project.completed.v1",
    "run.failed.v1",
    "run.cancelled.v1",
]
_PARSE: TypeAdapter[AnyMilestone] = TypeAdapter(AnyMilestone)


@pytest.mark.req("R14")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", MILESTONES)
def test_every_milestone_has_words_in_both_languages(kind: str, language: str) -> None:
    body = json.loads((SAMPLES / f"{kind}.json").read_text())
    body["meta"]["language"] = language

    notice = notice_for(_PARSE.validate_python(body))

    assert notice.title
    assert notice.body
    assert "海绵城市" in notice.body


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("script", "Your script could not be written"),
        ("production", "Your video could not be made"),
    ],
)
def test_a_failure_is_told_with_what_failed_of_which_project_and_why(kind: str, title: str) -> None:
    body = json.loads((SAMPLES / "run.failed.v1.json").read_text())
    body |= {"kind": kind, "code": "provider_quota_spent"}
    body["meta"]["language"] = "en"

    notice = notice_for(_PARSE.validate_python(body))

    assert notice.title == title
    assert notice.body == f"“海绵城市”: {FAILURES['provider_quota_spent']['en']}"


def test_a_notice_has_its_milestones_id_so_that_a_repeat_is_the_same_notice() -> None:
    milestone = _PARSE.validate_json((SAMPLES / "video.ready.v1.json").read_text())

    assert notice_for(milestone).id == milestone.meta.message_id == notice_for(milestone).id


@pytest.mark.req("R10")
@pytest.mark.parametrize("catalogue", [TEXTS, FAILURES], ids=["progress", "failures"])
def test_every_text_is_there_in_chinese_and_in_english(catalogue: dict) -> None:
    assert all(
        set(texts) == {"zh-CN", "en"} and all(texts.values()) for texts in catalogue.values()
    )
