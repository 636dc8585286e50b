"""B3: status polls over 10,000 projects, the caller and ownership checked, always fresh from the
database.
"""

import json
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import jwt

from benchmarks import peers, servers
from benchmarks.machine import cpu_seconds, described, memory_mb
from benchmarks.rounds import Claim, Contender, Curve, Figures, Line, Result, in_turn
from benchmarks.seeding import fill
from benchmarks.servers import FOLDER
from local_stack.processes import Process, run
from local_stack.servers.postgres_programs import programs_for

SECRET = "the benchmark's own shared secret, long enough for HS256"
CONNECTIONS, MANY = 64, 640
SILENT_S = 20
ETAGS = FOLDER / "polls.etags"
COLUMNS = {
    "rate": "requests/s",
    "p50_ms": "p50, ms",
    "p99_ms": "p99, ms",
    "cpu_us": "its CPU a request, µs",
    "memory_mb": "memory, MB",
}


async def measure(rounds: int, say: Callable[[str], None], *, smoke: bool = False) -> Result:
    projects, seconds, many = (200, 0.5, 2 * CONNECTIONS) if smoke else (10_000, 6, MANY)
    wrk, python, express = peers.wrk(), peers.python(), peers.express()
    async with servers.postgres() as postgres:
        url = await servers.database(postgres, "b3")
        await servers.migrate(url)
        await fill(url, projects=projects, users=projects)
        ids = await _ids(url)
        load = Load(wrk=wrk, ids=ids, seconds=seconds)
        reelay = [*servers.service("api")]
        mine = {"DATABASE_URL": url, "JWT_SECRET": SECRET}
        ours = api_environment(url)
        uvicorn = [python, "-m", "uvicorn", "--no-access-log", "--log-level", "warning"]
        peer = [*uvicorn, "--app-dir", str(peers.HERE), "--port"]
        contenders: dict[str, Contender] = {
            "Reelay": load.on("reelay", reelay, "API_PORT", ours),
            "Reelay, each answer built anew": load.on(
                "reelay-cold", reelay, "API_PORT", {**ours, "STATUS_CACHE_BYTES": "0"}
            ),
            "Reelay, each token checked anew": load.on(
                "reelay-anew", reelay, "API_PORT", {**ours, "JWT_TOKENS_KEPT": "0"}
            ),
            "Reelay, unchanged (304)": load.on("reelay", reelay, "API_PORT", ours, unchanged=True),
            "Reelay, half load": load.half("reelay", reelay, "API_PORT", ours),
            "Express + Sequelize": load.on(
                "express",
                [peers.node(), express / "server.js"],
                "PORT",
                {**mine, "NODE_ENV": "production"},
            ),
            f"Reelay, {many} connections": load.on(
                "reelay", reelay, "API_PORT", ours, connections=many
            ),
            f"Express + Sequelize, {many} connections": load.on(
                "express",
                [peers.node(), express / "server.js"],
                "PORT",
                {**mine, "NODE_ENV": "production"},
                connections=many,
            ),
            "FastAPI + SQLAlchemy": load.on(
                "fastapi", [*peer, "{port}", "status_fastapi:app"], None, mine
            ),
            "bare ASGI, no database": load.on(
                "bare", [*peer, "{port}", "status_fastapi:bare"], None, mine
            ),
            "PostgreSQL alone (pgbench -S)": _pgbench(postgres.url, seconds),
        }
        series = await in_turn(contenders, rounds, say)
        about = described("fastapi", "uvicorn", "sqlalchemy", "asyncpg", node=peers.node())
        about |= await servers.versions(postgres.url) | peers.express_versions()
    return Result(
        id="b3",
        title="status polls",
        columns=COLUMNS,
        series=series,
        claims=[
            Claim(text="Reelay / Express + Sequelize", metric="rate", of="Reelay",
                  against="Express + Sequelize", bar=5, aim=9),
            Claim(text="Reelay 304 / Express + Sequelize", metric="rate",
                  of="Reelay, unchanged (304)", against="Express + Sequelize", bar=6, aim=12),
            Claim(text="each answer built anew / Express + Sequelize", metric="rate",
                  of="Reelay, each answer built anew", against="Express + Sequelize"),
            Claim(text="each token checked anew / Express + Sequelize", metric="rate",
                  of="Reelay, each token checked anew", against="Express + Sequelize"),
            Claim(text="Reelay / FastAPI + SQLAlchemy", metric="rate", of="Reelay",
                  against="FastAPI + SQLAlchemy"),
            Claim(text="Reelay / bare ASGI", metric="rate", of="Reelay",
                  against="bare ASGI, no database"),
            Claim(text="Reelay's p99 at half load, ms", metric="p99_ms", of="Reelay, half load",
                  bar=25, above=False),
        ],
        curves=[
            Curve(
                title="Status polls, ten times the open connections",
                x="open connections",
                y="requests/s",
                lines=[
                    Line(
                        name=name,
                        points=[
                            (CONNECTIONS, name, "rate"),
                            (many, f"{name}, {many} connections", "rate"),
                        ],
                    )
                    for name in ("Reelay", "Express + Sequelize")
                ],
            )
        ],
        notes=[
            f"{projects:,} different projects of as many users in turn, half of them in a "
            f"production of 13 tasks; one process each, {CONNECTIONS} connections where no other "
            "number is said; wrk runs beside it. Each project was asked for once before. Half "
            "load: as many connections, which wait between their calls so that half as many "
            "requests come as the same process answered just before.",
            "Reelay answers stages, scenes and estimate (13 task rows); the peers answer one row "
            "by key. All check the owner, and an HS256 token: the peers at each call, Reelay once, "
            "then it remembers the token until it ends; “each token checked anew” turns that off "
            "(`JWT_TOKENS_KEPT=0`).",
            "wrk asks again when it was answered: a pause of everything is one slow call for each "
            "connection, so p99 tells of calls, not of moments.",
            "Every answer of Reelay asks the database whether project and tasks are still what "
            "was told last; “built anew” turns that memory off (`STATUS_CACHE_BYTES=0`).",
        ],
        about=about,
    )  # fmt: skip


class Load:
    """wrk over the projects of ``ids``."""

    def __init__(self, *, wrk: str, ids: Path, seconds: float) -> None:
        self._wrk = wrk
        self._ids = ids
        self._projects = len(ids.read_text().splitlines())
        self._seconds = seconds
        self._tagged = False

    def on(
        self,
        name: str,
        command: list[str | Path],
        port_variable: str | None,
        env: dict[str, str],
        **how: Any,
    ) -> Contender:
        """One server process, warmed up, then measured; ``how``: as ``_run`` takes it."""

        async def contender() -> Figures:
            async with self._server(name, command, port_variable, env) as (process, port):
                if how.get("unchanged"):
                    await self._etags(port)
                return await self._measured(process, port, **how)

        return contender

    def half(
        self, name: str, command: list[str | Path], port_variable: str, env: dict[str, str]
    ) -> Contender:
        """At half of the rate of this very process, which is measured first. A connection's next
        call comes after a pause and the answer; how long that takes is tried out before.
        """

        async def contender() -> Figures:
            async with self._server(name, command, port_variable, env) as (process, port):
                full = await self._run(port, self._seconds / 2)
                cycle_s = 2 * CONNECTIONS / full["rate"]
                tried = await self._run(port, self._seconds / 2, pause_s=cycle_s)
                pause_s = max(0.0, 2 * cycle_s - CONNECTIONS / tried["rate"])
                return await self._measured(process, port, pause_s=pause_s)

        return contender

    @asynccontextmanager
    async def _server(
        self, name: str, command: list[str | Path], port_variable: str | None, env: dict[str, str]
    ) -> AsyncGenerator[tuple[Process, int]]:
        """Which has been asked for each project once."""
        port = servers.free_port()
        told = {port_variable: str(port)} if port_variable else {}
        filled = [str(part).format(port=port) for part in command]
        async with servers.program(name, filled, port=port, **env, **told) as process:
            asked, answered_at = 0, time.monotonic()
            while asked < self._projects:
                found = await self._run(port, self._seconds / 2, first=asked, warming=True)
                asked += int(found["requests"])
                if found["requests"]:
                    answered_at = time.monotonic()
                elif time.monotonic() - answered_at > SILENT_S:
                    raise RuntimeError(f"{name} answers nothing; see its log")
            yield process, port

    async def _measured(self, process: Process, port: int, **how: Any) -> Figures:
        """``how``: as ``_run`` takes it."""
        pid = process.pid or 0
        before = cpu_seconds(pid)
        found = await self._run(port, self._seconds, **how)
        spent = cpu_seconds(pid) - before
        requests = found.pop("requests")
        return {**found, "cpu_us": 1e6 * spent / requests, "memory_mb": memory_mb(pid)}

    async def _run(  # noqa: PLR0913  (a load, and how it comes)
        self,
        port: int,
        seconds: float,
        *,
        unchanged: bool = False,
        pause_s: float = 0,
        first: int = 0,
        connections: int = CONNECTIONS,
        warming: bool = False,
    ) -> dict[str, float]:
        """``warming``: a peer's first answers may take longer than that on a busy machine."""
        env = {**os.environ, "IDS": str(ETAGS if unchanged else self._ids)}
        env |= {"PAUSE_MS": str(round(1_000 * pause_s)), "FIRST": str(first)}
        log = FOLDER / "logs" / "wrk.json"
        log.unlink(missing_ok=True)
        command = [self._wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s",
                   "--timeout", "10s", "-s", peers.HERE / "polls.lua",
                   f"http://127.0.0.1:{port}/"]  # fmt: skip
        if await run(command, log=log, env=env):
            raise RuntimeError(f"wrk failed; see {log}")
        found = json.loads(log.read_text().strip().splitlines()[-1])
        if found.pop("errors") or not (found["requests"] or warming):
            raise RuntimeError(f"errors or no answers; see {log}")
        return found

    async def _etags(self, port: int) -> None:
        """Each project with the tag that its answer had, asked for once in all rounds; that they
        are still good is looked at.
        """
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:

            async def asked(project: str, token: str, **headers: str) -> httpx.Response:
                address = f"/api/video-creation/projects/{project}/status"
                headers["Authorization"] = f"Bearer {token}"
                return await http.get(address, headers=headers)

            if not self._tagged:
                lines = self._ids.read_text().splitlines()
                tags = [(await asked(*line.split())).headers["etag"] for line in lines]
                tagged = [f"{line} {tag}" for line, tag in zip(lines, tags, strict=True)]
                ETAGS.write_text("\n".join(tagged))
                self._tagged = True
            for line in ETAGS.read_text().splitlines()[::100]:
                project, shown, tag = line.split()
                if (await asked(project, shown, **{"If-None-Match": tag})).status_code != 304:
                    raise RuntimeError(f"the status of {project} has changed")


def api_environment(url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "DATABASE_POOL": "5",
        "RABBITMQ_URL": "amqp://guest:guest@127.0.0.1:1/",  # polls need none
        "ARTIFACTS_URL": f"file://{FOLDER / 'artifacts'}",
        "AUTH_MODE": "jwt",
        "JWT_SECRET": SECRET,
        "JWT_ALGORITHM": "HS256",
        "JWT_ISSUER": "bench",
        "JWT_AUDIENCE": "reelay",
        "LINK_SECRET": SECRET,
        "RELAY": "false",
        "LOG_LEVEL": "ERROR",
        "VOICE": "espeak",
    }


async def _ids(url: str) -> Path:
    """A line a project: its id and a token of its owner."""
    conn = await asyncpg.connect(url)
    try:
        rows = await conn.fetch("SELECT project_id, user_id FROM bench_copies ORDER BY n")
    finally:
        await conn.close()
    tokens: dict[str, str] = {}
    for row in rows:
        if row["user_id"] not in tokens:
            tokens[row["user_id"]] = token(row["user_id"])
    file = FOLDER / "polls.ids"
    file.write_text("\n".join(f"{row['project_id']} {tokens[row['user_id']]}" for row in rows))
    return file


def token(user: str, scope: str = "video:read") -> str:
    claims = {
        "iss": "bench",
        "aud": "reelay",
        "sub": user,
        "scope": scope,
        "exp": datetime.now(UTC) + timedelta(hours=12),
    }
    return jwt.encode(claims, SECRET, "HS256")


def _pgbench(url: str, seconds: float) -> Contender:
    """``pgbench -S``: single rows by key, two clients, nothing but PostgreSQL."""
    program = str(programs_for(FOLDER / "postgres" / "data") / "pgbench")

    async def contender() -> Figures:
        log = FOLDER / "logs" / "pgbench.log"
        log.unlink(missing_ok=True)
        if await run([program, "-i", "-q", "-s", "1", url], log=log):
            raise RuntimeError(f"pgbench failed; see {log}")
        command = [program, "-S", "-n", "-M", "prepared", "-c", "2", "-T",
                   str(max(1, round(seconds))), url]  # fmt: skip
        await run(command, log=log)
        [line] = [line for line in log.read_text().splitlines() if line.startswith("tps")]
        return {"rate": float(line.split()[2])}

    return contender
