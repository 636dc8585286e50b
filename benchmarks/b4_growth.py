"""B4: what a page asks for, with more and more projects in the database, up to a million."""

import random
import time
from collections.abc import Callable
from statistics import median
from uuid import uuid4

import asyncpg
import httpx

from benchmarks import servers
from benchmarks.b3_status import api_environment, token
from benchmarks.machine import cpu_of, described
from benchmarks.rounds import Claim, Contender, Curve, Figures, Line, Result, in_turn
from benchmarks.seeding import fill
from local_stack.servers.postgres import Postgres

CALLS = {
    "unfinished": "unfinished",
    "list": "list",
    "create": "create",
    "open": "open production",
}
COLUMNS = {
    **{f"{call}_ms": f"{name}, ms" for call, name in CALLS.items()},
    **{f"{call}_us": f"PostgreSQL's CPU for {name}, µs" for call, name in CALLS.items()},
}
WARMING = 20
SMALL = 10_000


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    sizes, calls = ((200, 2_000), 20) if smoke else ((1_000, 10_000, 100_000, 1_000_000), 150)
    async with servers.postgres() as postgres:
        contenders: dict[str, Contender] = {}
        for projects in sizes:
            contenders[_name(projects)] = Asked(postgres, projects, calls).contender
        series = await in_turn(contenders, rounds, say)
    few, many = sizes[0], sizes[-1]
    return Result(
        id="b4",
        title="the same calls among many more projects",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text=f"{name}{what}: {many:,} / {few:,}",
                  metric=f"{call}_{unit}", of=_name(many), against=_name(few), bar=1.3, aim=1.1,
                  above=False)
            for unit, what in (("ms", ""), ("us", ", PostgreSQL's CPU"))
            for call, name in CALLS.items()
        ],
        curves=[
            Curve(
                title="The same calls, a thousand times the projects",
                x="projects in the database",
                y="a call, ms",
                lines=[
                    Line(
                        name=name,
                        points=[(size, _name(size), f"{call}_ms") for size in sizes],
                    )
                    for call, name in CALLS.items()
                ],
            )
        ],
        notes=[
            f"Median of {calls} calls, one after the other over HTTP, of users drawn by chance; 20 "
            "projects a user, one in a hundred in production.",
            "PostgreSQL's CPU: of all that it did meanwhile, told in steps of 10 ms a process; so "
            "many calls make one step a tenth of a call.",
            "That no hot query reads a whole table is a test: tests/component/api/test_plans.py.",
        ],
        about=described("asyncpg", "sqlalchemy", "fastapi"),
    )  # fmt: skip


def _name(projects: int) -> str:
    return f"{projects:,} projects"


async def _filled(postgres: Postgres, projects: int) -> str:
    url = await servers.database(postgres, f"b4_{projects}")
    await servers.migrate(url)
    await fill(url, projects=projects, users=max(1, projects // 20), producing_every=100)
    return url


class Asked:
    """One API process over one database. Where what a round adds would tell, each round has a
    fresh one.
    """

    def __init__(self, postgres: Postgres, projects: int, calls: int) -> None:
        self._postgres = postgres
        self._url = ""
        self._projects = projects
        self._users = max(1, projects // 20)
        self._calls = calls
        self._chance = random.Random(projects)  # noqa: S311

    async def contender(self) -> Figures:
        if not self._url or self._projects <= SMALL:
            self._url = await _filled(self._postgres, self._projects)
        port = servers.free_port()
        env = {
            **api_environment(self._url),
            "API_PORT": str(port),
            "MAX_ACTIVE_RUNS": "100000",
        }
        base = f"http://127.0.0.1:{port}/api/video-creation"
        async with (
            servers.program("api", servers.service("api"), port=port, **env),
            httpx.AsyncClient(base_url=base) as http,
        ):
            ready = await self._ready()
            asked = {
                "unfinished": (self._somebody, "GET", "/unfinished"),
                "list": (self._somebody, "GET", "/projects?limit=20"),
                "create": (self._somebody, "POST", "/projects"),
                "open": (ready.pop, "POST", "/projects/{project}/production"),
            }
            found: dict[str, float] = {}
            for call, (of, method, path) in asked.items():
                found[f"{call}_ms"], found[f"{call}_us"] = await self._median(
                    http, of, method, path
                )
            return found

    async def _ready(self) -> list[tuple[str, str]]:
        """Users and their projects with a finished video: for each call one that nobody opened."""
        conn = await asyncpg.connect(self._url)
        rows = await conn.fetch(
            "SELECT c.user_id, p.id FROM bench_copies c JOIN video_projects p ON p.id = project_id"
            " WHERE p.status = 'EDITING' ORDER BY md5(c.n::text) LIMIT $1",
            self._calls + WARMING,
        )
        await conn.close()
        return [(row["user_id"], str(row["id"])) for row in rows]

    def _somebody(self) -> tuple[str, str]:
        return f"u{self._chance.randrange(self._users)}", ""

    async def _median(
        self,
        http: httpx.AsyncClient,
        of: Callable[[], tuple[str, str]],
        method: str,
        path: str,
    ) -> tuple[float, float]:
        """Milliseconds a call, when the first ones have warmed it up, and microseconds of
        PostgreSQL's CPU.
        """
        took: list[float] = []
        before = 0.0
        for number in range(WARMING + self._calls):
            if number == WARMING:
                before = cpu_of([self._postgres.pid])
            user, project = of()
            body = {"topic": "海绵城市"} if path == "/projects" else {}
            headers = {"Authorization": f"Bearer {token(user, 'video:read video:write')}"}
            more = {"json": body, "headers": headers | {"Idempotency-Key": str(uuid4())}}
            if method == "GET":
                more = {"headers": headers}
            began = time.perf_counter()
            answer = await http.request(method, path.format(project=project), **more)
            took.append(1_000 * (time.perf_counter() - began))
            answer.raise_for_status()
        spent = cpu_of([self._postgres.pid]) - before
        return median(took[WARMING:]), max(1.0, 1e6 * spent / self._calls)
