"""The page's own checks: types, unit tests, weight; its client and words in step with the API."""

import asyncio
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from support.node import ROOT, WEB, build_page, node, prepare

from api.catalogue import CATALOGUE
from shared.messages.milestones import Milestone
from shared.progress import FAILURES

pytestmark = pytest.mark.timeout(120)
LANGUAGES = ("zh-CN", "en")
UNIT_TESTS = sorted(path.name for path in (WEB / "tests/unit").glob("*.test.ts"))


@pytest.fixture(scope="session")
def vitest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One run of all unit tests: what each file came to."""
    prepare()
    report = tmp_path_factory.mktemp("vitest") / "report.json"
    reporters = ("--reporter=default", "--reporter=json", f"--outputFile.json={report}")
    code, said = asyncio.run(node("node_modules/vitest/vitest.mjs", "run", *reporters))
    assert report.is_file(), said
    found = json.loads(report.read_text())
    files = {Path(one["name"]).name: one for one in found["testResults"]}
    return {"code": code, "said": said, "files": files}


@pytest.mark.parametrize("name", UNIT_TESTS)
async def test_unit_tests_of_the_page_hold(vitest: dict[str, Any], name: str) -> None:
    result = vitest["files"][name]

    assert result["status"] == "passed", vitest["said"]
    assert result["assertionResults"]
    assert all(one["status"] == "passed" for one in result["assertionResults"])


async def test_the_page_has_no_type_errors() -> None:
    prepare()
    code, said = await node("node_modules/vue-tsc/bin/vue-tsc.js", "--noEmit")

    assert code == 0, said


def test_the_built_page_is_that_of_the_sources() -> None:
    assert build_page.is_built(), "its build failed, and the old one is served: see make setup"


async def test_the_built_page_is_light_enough() -> None:
    prepare()
    code, said = await node(
        "scripts/budget.mjs", env={"PAGE_OUT": str(ROOT / "services/api/src/api/static")}
    )

    assert code == 0, said


def test_the_page_was_built_from_an_openapi_document_that_is_the_apis() -> None:
    spec = importlib.util.spec_from_file_location("openapi", ROOT / "scripts/openapi.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    stored = json.loads((WEB / "openapi.json").read_text())

    assert stored == json.loads(json.dumps(module.document())), "run make web-api"


async def test_the_typed_client_is_the_generated_one(tmp_path: Path) -> None:
    prepare()
    made = tmp_path / "schema.d.ts"
    code, said = await node(
        "node_modules/openapi-typescript/bin/cli.js", "openapi.json", "-o", str(made)
    )

    assert code == 0, said
    assert made.read_text() == (WEB / "src/api/schema.d.ts").read_text(), "run make web-api"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_in_the_page_and_a_failure_the_same_as_in_notices(
    language: str,
) -> None:
    words = json.loads((WEB / f"src/locales/{language}.json").read_text())

    assert set(CATALOGUE) - set(words["problem"]) == set()
    assert words["failure"] == {code: texts[language] for code, texts in FAILURES.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_notice_has_words_in_the_page(language: str) -> None:
    words = json.loads((WEB / f"src/locales/{language}.json").read_text())["notice"]
    types: list[str] = [one.model_fields["type"].default for one in Milestone.__subclasses__()]

    kinds = {about: set(ends) for about, ends in words.items()}

    assert types
    assert all(end in kinds[about] for about, end, _version in (one.split(".") for one in types))
