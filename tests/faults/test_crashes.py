"""Processes killed in the middle of things: the run completes, nothing finished is made again.

All tests share one stack with real renders; it is started anew when a test went wrong in it.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
from support.backends import drop_database, new_database
from support.points import Points
from support.previewing import SAMPLE, asked, ready
from support.queues import clean
from support.stack import ONE_OF_EACH, Inside, artifacts_made, stacked
from support.user import FIVE_SCENES, TWO_SCENES, User, done, scene
from support.waiting import eventually

from local_stack.stack import Stack

pytestmark = [pytest.mark.timeout(300), pytest.mark.asyncio(loop_scope="module")]
_numbers = count()


@dataclass(slots=True, kw_only=True)
class System:
    stack: Stack
    inside: Inside
    points: Points
    broken: bool = False

    @asynccontextmanager
    async def user(self) -> AsyncIterator[User]:
        """Of processes that are all ready, with no moment armed."""
        self.points.disarm()
        await self.stack.wait_ready()
        try:
            async with User(self.stack.api_url) as user:
                yield user
        except BaseException:
            self.broken = True
            raise


class Systems:
    """At most one at a time."""

    def __init__(self, folder: Path, database_url: str, rabbitmq_url: str) -> None:
        self._folder = folder
        self._urls = database_url, rabbitmq_url
        self._ends = AsyncExitStack()
        self._system: System | None = None

    async def current(self) -> System:
        if self._system is None or self._system.broken:
            await self.stop()
            folder = self._folder / f"system-{next(_numbers)}"
            points = Points(folder / "points")
            env = {service: points.env(service) for service in ONE_OF_EACH}
            running = stacked(folder, *self._urls, env=env)
            stack, inside = await self._ends.enter_async_context(running)
            self._system = System(stack=stack, inside=inside, points=points)
        return self._system

    async def stop(self) -> None:
        self._system = None
        await self._ends.aclose()


@pytest.fixture(scope="module")
def servers(
    postgres_server: str, migrated_template: str, rabbitmq_server: str
) -> Iterator[tuple[str, str]]:
    database_url = new_database(postgres_server, migrated_template)
    asyncio.run(clean(rabbitmq_server))
    yield database_url, rabbitmq_server
    drop_database(postgres_server, database_url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def systems(
    servers: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Systems]:
    kept = Systems(tmp_path_factory.mktemp("crashes"), *servers)
    yield kept
    await kept.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def system(systems: Systems) -> System:
    return await systems.current()


async def test_a_media_worker_killed_in_the_middle_of_scene_three_goes_on_from_there(
    system: System,
) -> None:
    stack, inside = system.stack, system.inside
    async with system.user() as user:
        await user.script(outline=_told_of_nobody_else(FIVE_SCENES))
        await user.post(f"/projects/{user.project}/production")
        hit = await user.until(lambda s: done(s, "clip") == 2 and _in_the_middle(s, 2))
        finished = await inside.manifests("clip", user.project)
        pid = stack.pid("media-worker")

        await stack.kill("media-worker", signal.SIGKILL)

        assert (len(hit["scenes"]), sorted(finished)) == (5, [0, 1]), "the moment was hit"
        await user.until(lambda s: s["status"] == "EDITING")
        assert stack.pid("media-worker") != pid
        again = await inside.manifests("clip", user.project)
        assert {n: again[n].made_at for n in finished} == {
            n: m.made_at for n, m in finished.items()
        }
        user.assert_progress_never_fell()
        await eventually(lambda: _told(inside, user, ["script.ready", "video.ready"]))


@pytest.mark.long  # in `make test` with quick work: test_moments.py
@pytest.mark.parametrize(
    "point",
    [
        pytest.param("worker.committed", id="made but not stated"),
        pytest.param("worker.stated", id="stated but not acked"),
    ],
)
async def test_a_media_worker_killed_at_a_named_moment_makes_nothing_twice(
    system: System, point: str
) -> None:
    inside = system.inside
    async with system.user() as user:
        mark = system.points.arm("media-worker", point, signal.SIGKILL)
        await user.script(outline=_told_of_nobody_else(TWO_SCENES))

        await user.produce()

        assert mark.exists(), "the moment was hit"
        user.assert_progress_never_fell()
        await eventually(lambda: _told(inside, user, ["script.ready", "video.ready"]))
        made = artifacts_made(system.stack)
        assert made
        assert set(made.values()) == {1}


async def test_a_preview_survives_the_death_of_its_worker(system: System) -> None:
    async with system.user() as user:
        await user.script(outline=_told_of_nobody_else(TWO_SCENES))
        mark = system.points.arm("media-worker", "aside.started", signal.SIGKILL)
        place = await asked(user)
        await eventually(mark.exists)

        shown = await ready(user, place)

        assert shown["voiced"]
        clip = await user.get(shown["clip"]["url"].removeprefix("/api/video-creation"))
        assert b"ftyp" in clip[:16]


async def test_a_sample_survives_that_its_worker_is_told_to_stop(system: System) -> None:
    async with system.user() as user:
        mark = system.points.arm("media-worker", "aside.started", signal.SIGTERM)
        await user.post(SAMPLE)
        await eventually(mark.exists)

        heard = await ready(user, SAMPLE)

        sound = await user.get(heard["audio"]["url"].removeprefix("/api/video-creation"))
        assert sound[:4] == b"RIFF"


def _told_of_nobody_else(outline: str) -> str:
    """The same with other words, so that nothing of an earlier test is found and used."""
    number = next(_numbers)
    name = "甲乙丙丁戊己庚辛壬癸"[number % 10] + "子丑寅卯辰巳午未申酉"[number // 10 % 10]
    return outline.replace("。", f"，{name}。")


def _in_the_middle(status: dict, position: int) -> bool:
    clip = scene(status, position, "clip")
    return clip["state"] == "running" and 5 <= clip["percent"] <= 90


async def _told(inside: Inside, user: User, kinds: list[str]) -> bool:
    return await inside.notices(user.project) == kinds
