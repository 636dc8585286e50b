"""The docs say what the code does."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def named_tests(doc: str) -> list[tuple[str, str]]:
    return NAMED.findall((ROOT / doc).read_text())


@pytest.mark.parametrize("doc", ["docs/architecture.md", "docs/faults.md", "SECURITY.md"])
def test_every_test_that_a_document_names_exists(doc: str) -> None:
    missing = [
        f"{file}::{name}"
        for file, name in named_tests(doc)
        if not (ROOT / file).exists() or f"def {name}(" not in (ROOT / file).read_text()
    ]

    assert missing == []


def test_every_promise_of_the_architecture_names_a_test() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    table = text.split("| promise | test |")[1].split("\n\n")[0]
    rows = [row for row in table.splitlines()[2:] if row.startswith("|")]

    assert rows
    assert [row for row in rows if not NAMED.search(row)] == []


def test_every_threat_has_a_defence_and_names_a_test() -> None:
    rows = [
        row
        for row in (ROOT / "SECURITY.md").read_text().splitlines()
        if row.startswith("| ") and not row.startswith("| threat |")
    ]

    assert len(rows) > 20
    assert [row for row in rows if not NAMED.search(row) or row.count(" | ") < 2] == []


@pytest.mark.req("R9")
def test_the_lifecycle_diagram_shows_exactly_the_table() -> None:
    from shared.lifecycle import TRANSITIONS

    text = (ROOT / "docs/lifecycle.md").read_text()
    drawn = {
        (source, change.strip(), target)
        for source, target, changes in re.findall(r"^  (\w+) --> (\w+): (.+)$", text, re.MULTILINE)
        for change in changes.split(" / ")
        if source != "[*]"
    }

    assert drawn == {(s.value, c.value, t.value) for (s, c), t in TRANSITIONS.items()}


def test_the_message_reference_is_the_generated_one() -> None:
    from shared.messages.reference import reference

    assert (ROOT / "docs/messages.md").read_text() == reference()


@pytest.mark.req("R17")
def test_the_troubleshooting_page_names_what_there_is() -> None:
    from api.catalogue import CATALOGUE
    from api.following_views import StatusView
    from shared.messaging.topology import FACTS_QUEUE, MILESTONES_QUEUE
    from shared.progress import failure_text

    text = (ROOT / "docs/troubleshooting.md").read_text()
    said = set(re.findall(r"`([\w.]+)", text))
    fields = {field.alias or name for name, field in StatusView.model_fields.items()}
    chores = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert {"runState", "pollAfterMs", "lastSeenAt", "queuedAhead", "stalled", "notified"} == (
        said & fields
    )
    assert {"origin_refused"} == said & set(CATALOGUE)
    assert failure_text("worker_lost", "en") != failure_text("unheard_of", "en")
    assert {"worker_lost", FACTS_QUEUE, MILESTONES_QUEUE} <= said
    assert set(re.findall(r"`make (\w+)", text)) <= set(chores)


@pytest.mark.req("R17")
def test_the_troubleshooting_page_says_the_times_that_hold() -> None:
    from api.status import STALLED
    from projector.watchdog import Limits

    text = (ROOT / "docs/troubleshooting.md").read_text()
    follower = (ROOT / "web/src/live/follower.ts").read_text()

    assert f"Nothing was heard for {STALLED.seconds} s" in text
    assert f"after {Limits().silent.seconds} s of silence" in text
    assert "EVERY_MS = 3_000" in follower
    assert "come on every three seconds" in text
    assert "HIDDEN_MS = 15_000" in follower
    assert "asks every 15 s" in text
