"""The page in a real browser against the whole real stack: one scenario a file of
``web/tests/browser``.
"""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
from support.backends import drop_database, new_database
from support.building import failed
from support.node import WEB, node
from support.queues import clean
from support.stack import stacked
from support.user import TWO_SCENES, User

from local_stack.stack import Stack
from projector import batch
from shared.state import TaskState
from shared.store import aggregate
from shared.store.engine import store_engine

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]
FOLDER = WEB / "tests" / "browser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running stack with the page on it."""

    stack: Stack
    browser: str
    database_url: str

    def pids(self) -> dict[str, int]:
        return {service.name: self.stack.pid(service.name) for service in self.stack.services}

    @contextmanager
    def standing_still(self, service: str) -> Iterator[None]:
        """The processes of ``service`` do nothing meanwhile."""
        own = [pid for name, pid in self.pids().items() if name.startswith(service)]
        for pid in own:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in own:
                os.kill(pid, signal.SIGCONT)

    async def failed(self, user: User, code: str) -> str:
        """The user's production, made by nobody, fails with ``code``."""
        engine = store_engine(self.database_url, pool=1, application="tests")
        await user.post(f"/projects/{user.project}/production")
        async with engine.connect() as conn:
            held = (await aggregate.load(conn, [UUID(user.project)]))[UUID(user.project)]
        assert held.run is not None
        task = next(task for task in held.run.tasks if task.state is not TaskState.DONE)
        fact = failed(
            held.project, held.run, task, code=code, retryable=False, dispatch=task.dispatch
        )
        await batch.apply(engine, [fact])
        await engine.dispose()
        return user.project

    async def scenario(self, name: str, **more: str) -> None:
        """Runs one file; the stack's processes are at its hand by name."""
        env = {
            **more,
            "API_URL": self.stack.api_url,
            "CHROMIUM": self.browser,
            "PIDS": json.dumps(self.pids()),
            "SHOTS": os.environ.get("SHOTS", ""),
        }
        try:
            code, said = await node("--test", "--test-reporter=spec", str(FOLDER / name), env=env)
        finally:
            for pid in self.pids().values():  # a scenario that was cut off may have left them so
                os.kill(pid, signal.SIGCONT)
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


@pytest.mark.req("R10")
@pytest.mark.req("R12")
async def test_progress_is_live_and_polling_ends_with_the_run(served: Served) -> None:
    await served.scenario("waiting.test.mjs")


@pytest.mark.req("R11")
async def test_the_form_checks_in_place_and_opens_step_two(served: Served) -> None:
    await served.scenario("form.test.mjs")


async def test_a_script_is_edited_without_ever_losing_a_word(served: Served) -> None:
    await served.scenario("script.test.mjs")


async def test_a_scene_is_previewed_and_shown_with_ones_own_picture(served: Served) -> None:
    await served.scenario("preview.test.mjs")


async def test_voices_are_heard_as_they_will_sound_over_ones_own_music(served: Served) -> None:
    await served.scenario("voices.test.mjs")


async def test_one_changed_sentence_makes_one_scene_anew(served: Served) -> None:
    await served.scenario("video.test.mjs")


async def test_a_failure_says_why_and_a_retry_goes_on(served: Served) -> None:
    async with User(served.stack.api_url) as kept, User(served.stack.api_url) as unknown:
        await kept.script(outline=TWO_SCENES)
        await kept.produce()
        await kept.add_scene("这一段是后来加上的。")
        await unknown.script(outline="## 只有一段\n这一段的结果没有人知道。")
        with served.standing_still("media-worker"):
            projects = {
                "FAILED_PROJECT": await served.failed(kept, "voice_timeout"),
                "UNKNOWN_PROJECT": await served.failed(unknown, "outcome_unknown"),
            }

    await served.scenario("failure.test.mjs", **projects)


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
