"""A whole project whose files lie in a bucket: made by quick stages, served by the API."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from support.driving import BASE
from support.http import parts_of, served
from support.moto_server import bucket_settings
from support.system import System, running
from support.waiting import eventually

from api.app import application
from shared.artifacts.store import ArtifactStore
from shared.state import ProjectStatus, RunKind


@pytest.fixture
async def system(database_url: str, rabbitmq_url: str, s3_server: str) -> AsyncIterator[System]:
    settings = await bucket_settings(s3_server)
    store = ArtifactStore.at(settings.artifacts_url, settings)
    async with running(database_url, rabbitmq_url, store) as system:
        yield system


@pytest.mark.timeout(60)
async def test_a_video_made_over_a_bucket_is_served_in_ranges(system: System) -> None:
    project_id, body = await made(system)

    async with served(application(parts_of(system.engine, system.artifacts))) as url:
        at = f"{url}{BASE}/projects/{project_id}"
        async with httpx.AsyncClient(headers={"x-user": "ann"}) as client:
            whole = await client.get(f"{at}/artifacts/video.mp4")
            part = await client.get(f"{at}/artifacts/video.mp4", headers={"Range": "bytes=3-8"})
            link = (await client.get(f"{at}/links/video.mp4")).json()["url"]
            linked = await client.get(url + link)

    assert whole.content == linked.content == body
    assert (part.status_code, part.content) == (206, body[3:9])
    assert linked.status_code == 200


@pytest.mark.timeout(60)
async def test_a_link_to_a_video_leads_on_to_the_bucket_where_that_is_wished(
    system: System,
) -> None:
    project_id, body = await made(system)
    parts = parts_of(system.engine, system.artifacts, settings={"link_redirects": True})

    async with served(application(parts)) as url, httpx.AsyncClient() as client:
        signed = await client.get(
            f"{url}{BASE}/projects/{project_id}/links/video.mp4", headers={"x-user": "ann"}
        )
        link = url + signed.json()["url"]
        answer = await client.get(link)
        saved = await client.get(link, params={"download": True})
        looked = await client.head(link)
        part = await client.get(answer.headers["location"], headers={"Range": "bytes=0-4"})

    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store")
    assert (part.status_code, part.content) == (206, body[:5])
    assert (saved.status_code, saved.content) == (200, body)
    assert looked.status_code == 200


async def made(system: System) -> tuple[UUID, bytes]:
    """A finished project, and its video's bytes."""
    project_id = await system.create()
    await system.open(project_id, RunKind.SCRIPT)
    await eventually(lambda: _is(system, project_id, ProjectStatus.DRAFT), within=20)
    await system.open(project_id, RunKind.PRODUCTION)
    await eventually(lambda: _is(system, project_id, ProjectStatus.EDITING), within=20)
    video = (await system.project(project_id)).video
    assert video is not None
    return project_id, await system.artifacts.read(video.blobs["video"])


async def _is(system: System, project_id: UUID, status: ProjectStatus) -> bool:
    project = await system.project(project_id)
    return project.status is status and project.script_ready
