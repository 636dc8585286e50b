"""``python -m support.fuzzing URL TOKEN``: schemathesis over the OpenAPI document that URL serves.

A program of its own: its generators' time is not the server's, and its hooks are nobody else's.
Writes one JSON object: how many cases by phase, which statuses by operation, and every failure.
"""

import base64
import io
import json
import sys
from collections import Counter
from datetime import UTC
from typing import Any
from uuid import uuid4

import schemathesis
from hypothesis import strategies as st
from PIL import Image
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

FUZZED, WALKS = 140, 120  # examples an operation, and walks through the links

# What only a list or GET /options can know: cursors and choices, by their ``format``.
CURSORS = st.builds(
    lambda at, row: base64.urlsafe_b64encode(f"{at.isoformat()}|{row}".encode()).decode(),
    st.datetimes(timezones=st.just(UTC)),
    st.uuids(),
)
FORMATS = {"cursor": CURSORS, "voice": st.just("default"), "theme": st.just("auto")}
FORMATS["music"] = st.just("none")


def a_picture() -> bytes:
    """What an upload takes: no guess makes one."""
    body = io.BytesIO()
    Image.new("RGB", (8, 8)).save(body, "PNG")
    return body.getvalue()


def configured(url: str, token: str) -> SchemathesisConfig:
    """All checks, all phases, the same cases every time."""
    return SchemathesisConfig.from_dict(
        {
            "seed": 7,
            "base-url": url,
            "workers": 1,
            "request-timeout": 30,
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {token}"},
            "generation": {"deterministic": True, "max-examples": FUZZED},
            "phases": {"stateful": {"generation": {"max-examples": WALKS}}},
            "checks": {
                # What else the state of things, not the data, may refuse: gone, another version,
                # outside the file; and 428 is how RFC 6585 answers a missing If-Match.
                "positive_data_acceptance": {
                    "expected-statuses": [
                        *("2xx", "3xx", "401", "403", "404", "409", "410", "412", "416", "429")
                    ]
                },
                "missing_required_header": {
                    "expected-statuses": ["400", "401", "403", "406", "415", "422", "428"]
                },
                # 414 is a refusal like any other.
                "negative_data_rejection": {
                    "expected-statuses": [
                        *("400", "401", "403", "404", "405", "406", "409", "414", "415", "422"),
                        *("428", "429"),
                    ]
                },
            },
            "operations": [
                # An event stream never ends: its first event is looked at.
                {"include-path-regex": "/events$", "max-stream-events": 1, "request-timeout": 2},
                # What is restored is there again, which the check of deleted things can't know.
                {
                    "include-operation-id": "restore_project",
                    "phases": {"stateful": {"enabled": False}},
                },
            ],
        }
    )


def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """A client that means well never uses an Idempotency-Key for two requests, and makes no
    address of a null: not every line of a timeline is of a scene.
    """
    well_meant = case.meta is not None and case.meta.generation.mode.is_positive
    for name in [name for name in case.headers or {} if name.lower() == "idempotency-key"]:
        if well_meant:
            case.headers[name] = (uuid4().hex + case.headers[name])[:255]
    for name, value in (case.path_parameters or {}).items():
        if well_meant and value in {None, "None", "null"}:
            case.path_parameters[name] = str(uuid4())


class Report:
    """What came of it."""

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.statuses: dict[str, Counter[str]] = {}
        self.failures: dict[str, str] = {}

    def add(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.NonFatalError):
            self.failures[f"{event.label}: {event.info.title}"] = event.info.message
        if isinstance(event, events.ScenarioFinished):
            self._scenario(event)

    def _scenario(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        self.cases[event.phase.value] += len(recorder.interactions)
        for case_id, interaction in recorder.interactions.items():
            status = str(interaction.response.status_code if interaction.response else None)
            operation = recorder.cases[case_id].value.operation.label
            self.statuses.setdefault(operation, Counter())[status] += 1
        for case_id, checks in recorder.checks.items():
            operation = recorder.cases[case_id].value.operation.label
            for failed in (check.failure_info for check in checks if check.failure_info):
                said = f"{failed.failure.message}\n{failed.code_sample}"
                self.failures.setdefault(f"{operation}: {failed.failure.title}", said)


def main(url: str, token: str) -> None:
    for name, strategy in FORMATS.items():
        schemathesis.openapi.format(name, strategy)
    schemathesis.openapi.media_type("image/*", st.just(a_picture()))
    schemathesis.hook(before_call)
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=configured(url, token))
    report = Report()
    for event in from_schema(schema).execute():
        report.add(event)
    sys.stdout.write(json.dumps(vars(report)))


if __name__ == "__main__":
    main(*sys.argv[1:])
