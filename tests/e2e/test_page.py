"""The page in a real browser against the whole real stack: one scenario a file of
``web/tests/browser``.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from support.backends import drop_database, new_database
from support.node import WEB, node
from support.queues import clean
from support.stack import stacked

from local_stack.stack import Stack

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
FOLDER = WEB / "tests" / "browser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running stack with the page on it."""

    stack: Stack
    browser: str
    database_url: str

    async def scenario(self, name: str) -> None:
        """Runs one file; its processes and the database are at the scenario's hand by name."""
        pids = {
            service.name: self.stack.pid(service.name) for service in self.stack.services
        }
        env = {
            "API_URL": self.stack.api_url,
            "CHROMIUM": self.browser,
            "PIDS": json.dumps(pids),
            "SHOTS": os.environ.get("SHOTS", ""),
        }
        code, said = await node("--test", "--test-reporter=spec", str(FOLDER / name), env=env)
        assert code == 0, said


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(
    postgres_server: str,
    migrated_template: str,
    rabbitmq_server: str,
    browser: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Served]:
    database_url = await asyncio.to_thread(new_database, postgres_server, migrated_template)
    await clean(rabbitmq_server)
    folder: Path = tmp_path_factory.mktemp("page")
    async with stacked(folder, database_url, rabbitmq_server, replicas={"media-worker": 2}) as (
        stack,
        _,
    ):
        yield Served(stack=stack, browser=browser, database_url=database_url)
    await asyncio.to_thread(drop_database, postgres_server, database_url)


@pytest.mark.req("R11")
async def test_the_form_checks_in_place_and_opens_step_two(served: Served) -> None:
    await served.scenario("form.test.mjs")


@pytest.mark.req("R10")
@pytest.mark.req("R12")
async def test_progress_is_live_and_polling_ends_with_the_run(served: Served) -> None:
    await served.scenario("waiting.test.mjs")


async def test_a_script_is_edited_without_ever_losing_a_word(served: Served) -> None:
    await served.scenario("script.test.mjs")


async def test_one_changed_sentence_makes_one_scene_anew(served: Served) -> None:
    await served.scenario("video.test.mjs")


@pytest.mark.req("R13")
async def test_whoever_comes_back_goes_on_where_they_were(served: Served) -> None:
    await served.scenario("resume.test.mjs")


@pytest.mark.req("R14")
async def test_the_end_of_a_run_is_told_once(served: Served) -> None:
    await served.scenario("telling.test.mjs")


async def test_the_list_of_projects_is_filtered_and_changed(served: Served) -> None:
    await served.scenario("projects.test.mjs")


async def test_the_page_fits_every_screen_and_every_hand(served: Served) -> None:
    await served.scenario("shape.test.mjs")
