"""Drives projects through the API and states the facts that workers would."""

import zlib
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.building import a_manifest, a_script, failed, result, started

from notifier.notice import notice_for
from notifier.store import NoticeStore
from projector import batch
from shared.artifacts.store import ArtifactStore
from shared.messages.commands import Revision
from shared.messages.facts import Fact
from shared.messages.manifest import Cue
from shared.messages.script import Script
from shared.milestones import milestone_of
from shared.state import Project, Run, Task, TaskState
from shared.store import aggregate, tables
from shared.store.aggregate import Held

BASE = "/api/video-creation"
SCRIPT = a_script(3)


class Driver:
    """``post`` and ``get`` are the caller's; ``work`` is all workers at once."""

    def __init__(
        self, client: httpx.AsyncClient, engine: AsyncEngine, artifacts: ArtifactStore
    ) -> None:
        self.client = client
        self.engine = engine
        self.artifacts = artifacts

    async def call(
        self, method: str, path: str, *, user: str = "ann", **more: Any
    ) -> httpx.Response:
        headers = {"x-user": user, **more.pop("headers", {})}
        return await self.client.request(method, BASE + path, headers=headers, **more)

    async def get(self, path: str, **more: Any) -> Any:
        answer = await self.call("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.call("POST", path, json=body if body is not None else {}, **more)

    async def created(self, **body: Any) -> str:
        """A new draft's id."""
        answer = await self.post("/projects", {"topic": "海绵城市", **body})
        assert answer.status_code == 201, answer.text
        return answer.json()["projectId"]

    async def held(self, project: str) -> Held:
        async with self.engine.connect() as conn:
            return (await aggregate.load(conn, [UUID(project)]))[UUID(project)]

    async def rows(self, *kinds: str) -> list[int]:
        """How many there are in these tables."""
        async with self.engine.connect() as conn:
            counts = [select(func.count()).select_from(getattr(tables, kind)) for kind in kinds]
            return [(await conn.execute(count)).scalar_one() for count in counts]

    async def state(self, project: str, *facts: Fact) -> None:
        await batch.apply(self.engine, facts)

    async def work(self, project: str, *stages: str, body: bytes | None = None) -> None:
        """Workers finish everything of these stages, their artifacts really stored: of this
        ``body``, else each of its own.
        """
        for stage in stages:
            held = await self.held(project)
            assert held.run is not None
            open_tasks = [
                task
                for task in held.run.tasks
                if task.stage == stage and task.state is not TaskState.DONE
            ]
            facts: list[Fact] = []
            for task in open_tasks:
                script = revised(held.run.revise) if held.run.revise else SCRIPT
                fact = result(held.project, held.run, task, script=script, dispatch=task.dispatch)
                stored = body or f"{stage} of {task.id}".encode()
                blob = await self.artifacts.put_bytes(stored, ".bin", f"test/{stage}")
                roles = ("audio", "video", "cover", "srt", "vtt")
                spoken = said(held.project, held.run, task) if stage == "voice" else {}
                manifest = a_manifest(fact.manifest.key, blobs=dict.fromkeys(roles, blob), **spoken)
                standing = await self.artifacts.commit(manifest)
                facts.append(fact.model_copy(update={"manifest": standing}))
            await batch.apply(self.engine, facts)

    async def fail(
        self, project: str, code: str = "source_empty", *, retryable: bool = False
    ) -> None:
        held = await self.held(project)
        assert held.run is not None
        task = next(t for t in held.run.tasks if t.state is not TaskState.DONE)
        fact = failed(
            held.project, held.run, task, code=code, retryable=retryable, dispatch=task.dispatch
        )
        await batch.apply(self.engine, [fact])

    async def start(self, project: str) -> None:
        """A worker has begun with everything that was sent."""
        held = await self.held(project)
        assert held.run is not None
        sent = [task for task in held.run.tasks if task.state is TaskState.DISPATCHED]
        facts = [started(held.project, held.run, task, dispatch=task.dispatch) for task in sent]
        await batch.apply(self.engine, facts)

    async def with_script(self, **body: Any) -> str:
        project = await self.created(**body)
        assert (await self.post(f"/projects/{project}/script")).status_code == 202
        await self.work(project, "script")
        return project

    async def with_video(self, **body: Any) -> str:
        project = await self.with_script(**body)
        assert (await self.post(f"/projects/{project}/production")).status_code == 202
        await self.work(project, "voice", "clip", "assembly")
        return project

    async def revise(self, project: str, number: int = 0, **body: Any) -> httpx.Response:
        """One scene of the script to be done again."""
        view = await self.get(f"/projects/{project}")
        scene = view["script"]["scenes"][number]["id"]
        path = f"/projects/{project}/script/scenes/{scene}/revise"
        return await self.post(path, {"kind": "shorten", **body})

    async def noticed(self, project: str) -> str:
        """The notifier tells of the project's last run; answers the notice's id."""
        held = await self.held(project)
        assert held.run is not None
        notice = notice_for(milestone_of(held.project, held.run))
        await NoticeStore(self.engine).add(notice)
        return str(notice.id)

    async def edited(self, project: str, number: int, narration: str) -> httpx.Response:
        """One sentence changed, as a page sends it."""
        view = await self.get(f"/projects/{project}")
        scenes = view["script"]["scenes"]
        scenes[number]["narration"] = narration
        return await self.call(
            "PUT",
            f"/projects/{project}/script",
            json={"title": view["script"]["title"], "scenes": scenes},
            headers={"If-Match": f'"{view["scriptVersion"]}"'},
        )


def revised(revise: Revision) -> Script:
    """What a writer makes of it: the one scene's narration is other, by the kind and the text."""
    scenes = tuple(
        scene.model_copy(update={"narration": f"{revise.kind}：{revise.text}。"})
        if scene.id == revise.scene_id
        else scene
        for scene in revise.base.scenes
    )
    return revise.base.model_copy(update={"scenes": scenes})


def said(project: Project, run: Run, task: Task) -> dict[str, Any]:
    """What a voice's manifest tells: another speaker or another text has other times."""
    assert run.script is not None
    [text] = [scene.narration for scene in run.script.scenes if scene.id == task.scene_id]
    ends = 2_000 + zlib.crc32(f"{project.options.speaker} {text}".encode()) % 1_000
    return {"duration_ms": ends, "cues": (Cue(start_ms=0, end_ms=ends, text=text),)}


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    """Whether it is that problem, as RFC 9457 wants it."""
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["title"]
    assert body["detail"]
    return True


def told(answers: dict[str, httpx.Response]) -> dict[str, tuple[int, str]]:
    """Status and code of each answer, all of them problems."""
    kinds = {said: answer.headers["content-type"] for said, answer in answers.items()}
    assert kinds == dict.fromkeys(answers, "application/problem+json")
    return {said: (answer.status_code, answer.json()["code"]) for said, answer in answers.items()}
