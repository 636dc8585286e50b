"""The page in a real browser against the whole real stack: one scenario a file of
``web/tests/browser``.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from support.backends import drop_database, new_database
from support.footage_server import FootageServer, footage_server
from support.image_server import GOOD_KEY, ImageServer, image_server
from support.page import Served
from support.queues import clean
from support.stack import stacked
from support.user import TWO_SCENES, User
from support.waiting import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """Who makes pictures and footage for the stack."""

    images: ImageServer
    films: FootageServer

    def settings(self) -> dict[str, str]:
        return {
            "IMAGE": "custom",
            "IMAGE_BASE_URL": self.images.url,
            "IMAGE_MODEL": "m",
            "IMAGE_API_KEY": GOOD_KEY,
            "FOOTAGE": "dashscope",
            "FOOTAGE_BASE_URL": self.films.url,
            "FOOTAGE_MODEL": "m",
            "FOOTAGE_API_KEY": GOOD_KEY,
            "FOOTAGE_POLL_S": "0.5",
        }


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def providers() -> AsyncIterator[Providers]:
    async with image_server() as images, footage_server() as films:
        yield Providers(images=images, films=films)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(
    *,
    postgres_server: str,
    migrated_template: str,
    rabbitmq_server: str,
    browser: str,
    providers: Providers,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Served]:
    database_url = await asyncio.to_thread(new_database, postgres_server, migrated_template)
    await clean(rabbitmq_server)
    folder: Path = tmp_path_factory.mktemp("page")
    paid = providers.settings()
    async with stacked(
        folder,
        database_url,
        rabbitmq_server,
        replicas={"media-worker": 2},
        env={"api": paid, "media-worker": paid},
    ) as (stack, _):
        yield Served(stack=stack, browser=browser, database_url=database_url)
    await asyncio.to_thread(drop_database, postgres_server, database_url)


@pytest.mark.req("R10")
@pytest.mark.req("R12")
async def test_progress_is_live_and_ends_with_the_run(served: Served) -> None:
    await served.scenario("waiting.test.mjs")


@pytest.mark.req("R12")
async def test_polling_goes_on_through_failures_and_ends_with_the_run(served: Served) -> None:
    await served.scenario("polling.test.mjs")


@pytest.mark.req("R11")
async def test_the_form_checks_in_place_and_opens_step_two(served: Served) -> None:
    await served.scenario("form.test.mjs")


async def test_a_script_is_edited_without_ever_losing_a_word(served: Served) -> None:
    await served.scenario("script.test.mjs")


async def test_whoever_leaves_the_script_loses_no_word_unasked(served: Served) -> None:
    await served.scenario("leaving.test.mjs")


async def test_a_scene_is_previewed_and_shown_with_ones_own_picture(served: Served) -> None:
    await served.scenario("preview.test.mjs")


async def test_voices_are_heard_as_they_will_sound_over_ones_own_music(served: Served) -> None:
    await served.scenario("voices.test.mjs")


async def test_one_changed_sentence_makes_one_scene_anew(served: Served) -> None:
    await served.scenario("video.test.mjs")


async def test_a_failure_says_why_and_a_retry_goes_on(served: Served) -> None:
    url = served.stack.api_url
    async with User(url) as kept, User(url) as unknown, User(url) as retried:
        await kept.script(outline=TWO_SCENES)
        await kept.produce()
        await kept.add_scene("这一段是后来加上的。")
        await unknown.script(outline="## 只有一段\n这一段的结果没有人知道。")
        await retried.script(outline="## 只有一段\n这一段第一次没有做成。")
        with served.standing_still("media-worker"):
            projects = {
                "FAILED_PROJECT": await served.failed(kept, "voice_timeout"),
                "UNKNOWN_PROJECT": await served.failed(unknown, "outcome_unknown"),
                "RETRIED_PROJECT": await served.failed(retried, "voice_failed", retryable=True),
            }
            await served.scenario("failure.test.mjs", **projects)


async def test_pictures_and_footage_are_asked_for_on_their_cards(
    served: Served, providers: Providers
) -> None:
    await served.scenario("visuals.test.mjs")

    [picture], [footage] = providers.images.orders, providers.films.orders
    assert picture["prompt"] == "雨后的花园"
    assert footage["input"]["prompt"] == "雨落在街道上"


async def test_what_a_cancelled_run_still_cost_is_said(
    served: Served, providers: Providers, tmp_path: Path
) -> None:
    ordered, cancelled, films = tmp_path / "ordered", tmp_path / "cancelled", providers.films
    before = len(films.jobs)
    films.states = ["RUNNING"]

    async def provider() -> None:
        await eventually(lambda: len(films.jobs) > before, within=90)
        ordered.touch()
        await eventually(cancelled.exists, within=60)
        films.states = ["SUCCEEDED"]

    async with asyncio.TaskGroup() as both:
        both.create_task(provider())
        await served.scenario("cancelled.test.mjs", ORDERED=str(ordered), CANCELLED=str(cancelled))

    assert len(films.jobs) == before + 1, "ordered once"


@pytest.mark.req("R13")
async def test_whoever_comes_back_goes_on_where_they_were(served: Served) -> None:
    await served.scenario("resume.test.mjs")


@pytest.mark.req("R14")
async def test_the_end_of_a_run_is_told_once(served: Served) -> None:
    await served.scenario("telling.test.mjs")


@pytest.mark.req("R14")
async def test_what_nobody_saw_is_told_by_the_browser_and_kept(served: Served) -> None:
    await served.scenario("unseen.test.mjs")


async def test_the_list_of_projects_is_filtered_and_changed(served: Served) -> None:
    await served.scenario("projects.test.mjs")


async def test_the_page_fits_every_screen(served: Served) -> None:
    await served.scenario("shape.test.mjs")


async def test_the_page_is_used_by_keyboard_alone(served: Served) -> None:
    await served.scenario("keyboard.test.mjs")


async def test_runs_are_ordered_and_ended_by_keyboard_alone(served: Served) -> None:
    async with User(served.stack.api_url) as user:
        await user.script(outline="## 只有一段\n这一段的结果还是没有人知道。")
        with served.standing_still("media-worker"):
            project = await served.failed(user, "outcome_unknown")
        await served.scenario("keyboard-runs.test.mjs", UNKNOWN_PROJECT=project)


async def test_nothing_moves_for_whom_motion_is_too_much(served: Served) -> None:
    await served.scenario("motion.test.mjs")


async def test_prompt_bell_and_empty_list_look_well_everywhere(served: Served) -> None:
    await served.scenario("looks.test.mjs")


async def test_dialogs_and_toasts_look_well_everywhere(served: Served) -> None:
    await served.scenario("dialogs.test.mjs")
