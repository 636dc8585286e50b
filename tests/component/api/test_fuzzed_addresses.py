"""Addresses, headers and queries that no honest client sends: refused with a stable code."""

import httpx
import pytest
from support.driving import BASE, Driver, refused, told

IDS = {
    "a word": "not-a-uuid",
    "zero": "0",
    "a negative number": "-1",
    "a long number": "9" * 5_000,
    "NUL": "%00",
    "a surrogate": "%ED%A0%80",
    "not UTF-8": "%FF%FE",
    "a way out": "..%2F..%2Fetc%2Fpasswd",
    "an emoji": "%F0%9F%8E%AC",
    "SQL": "'; DROP TABLE video_projects; --",
    "a template": "{project_id}",
    "null": "null",
    "nobody's": "00000000-0000-0000-0000-000000000000",
}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/projects/{}"),
        ("GET", "/projects/{}/status"),
        ("GET", "/projects/{}/events"),
        ("GET", "/projects/{}/timeline"),
        ("GET", "/projects/{}/artifacts/video.mp4"),
        ("GET", "/projects/{}/links/video.mp4"),
        ("DELETE", "/projects/{}"),
        ("POST", "/projects/{}/script"),
        ("POST", "/projects/{}/cancel"),
        ("POST", "/notifications/{}/read"),
        ("GET", "/links/{}/video.mp4"),
    ],
)
async def test_strange_ids_are_refused(driver: Driver, method: str, path: str) -> None:
    answers = {
        said: await driver.client.request(method, BASE + path.format(one))
        for said, one in IDS.items()
    }

    found = told(answers)
    assert {status for status, _ in found.values()} <= {401, 404, 405, 422}
    assert {code for _, code in found.values()} <= {
        *("invalid_request", "not_found", "method_not_allowed", "project_not_found"),
        *("artifact_not_found", "notice_not_found", "link_invalid"),
    }


NAMES = {
    "NUL": "scenes/%00.mp4",
    "a way out": "scenes/../../../etc/passwd",
    "a hidden way out": "scenes/%2e%2e/video.mp4",
    "a surrogate": "%ED%A0%80.mp4",
    "long": "v" * 5_000,
}


async def test_strange_names_of_files_are_not_found(driver: Driver) -> None:
    project = await driver.created()

    for kind in ("artifacts", "links"):
        at = f"{BASE}/projects/{project}/{kind}"
        answers = {s: await driver.client.get(f"{at}/{name}") for s, name in NAMES.items()}
        assert {status for status, _ in told(answers).values()} <= {404, 422}


async def test_strange_keys_are_refused(driver: Driver) -> None:
    keys = {"long": "k" * 10_000, "empty": "", "blank": "a b", "not ASCII": "ключ"}

    answers = {
        said: await driver.post(
            "/projects", {"topic": "a"}, headers={"Idempotency-Key": key.encode()}
        )
        for said, key in keys.items()
    }

    assert told(answers) == dict.fromkeys(keys, (422, "invalid_request"))


async def test_endless_headers_and_addresses_are_refused(real_client: httpx.AsyncClient) -> None:
    headers = await real_client.get(f"{BASE}/projects", headers={"X-Long": "a" * 300_000})
    address = await real_client.get(f"{BASE}/projects?cursor={'a' * 20_000}")

    assert refused(headers, 431, "headers_too_large")
    assert refused(address, 414, "address_too_long")


async def test_strange_queries_are_refused(driver: Driver) -> None:
    queries = ["cursor=%00", "limit=1e9", "limit=" + "9" * 5_000, "status=%FF"]

    answers = {query: await driver.client.get(f"{BASE}/projects?{query}") for query in queries}

    assert {code for _, code in told(answers).values()} <= {"invalid_request", "invalid_cursor"}


async def test_strange_languages_get_the_usual_one(driver: Driver) -> None:
    for accept in ("zh" * 10_000, "\0", ",;,;q=", "*"):
        answer = await driver.client.get(f"{BASE}/projects/x", headers={"accept-language": accept})
        assert refused(answer, 422, "invalid_request")
