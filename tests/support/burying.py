"""Dead letters as the projector keeps them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.driving import Driver

from projector.batch import apply
from projector.dead_letters import failure_of
from projector.reading import Bad
from shared.messaging.topology import command_queue
from shared.store import tables


async def last_command(engine: AsyncEngine, project: str) -> bytes:
    """The body of the newest command that was ordered for a project's latest run."""
    box, projects = tables.outbox, tables.projects
    query = (
        select(box.c.body)
        .join(projects, projects.c.current_run_id == box.c.run_id)
        .where(projects.c.id == UUID(project), box.c.exchange == "video.commands")
        .order_by(box.c.id.desc())
        .limit(1)
    )
    async with engine.connect() as conn:
        return bytes((await conn.execute(query)).scalar_one())


async def buried(
    engine: AsyncEngine,
    body: bytes,
    *,
    queue: str = command_queue("script"),
    reason: str = "delivery_limit",
    type: str | None = None,  # noqa: A002  (the column's name)
) -> int:
    """The letter's id. A dead command fails its task, as it does over a real broker."""
    fact = failure_of(body, reason)
    bad = Bad(body=body, reason=reason, queue=queue, type=type, headers={"x-death": "1"})
    await apply(engine, [fact] if fact else [], [bad])
    async with engine.connect() as conn:
        letters = select(tables.dead_letters.c.id).order_by(tables.dead_letters.c.id.desc())
        return (await conn.execute(letters.limit(1))).scalar_one()


async def dead_script(driver: Driver, **body: object) -> tuple[str, int]:
    """A project whose script's command died, and the letter."""
    project = await driver.created(**body)
    await driver.post(f"/projects/{project}/script")
    command = await last_command(driver.engine, project)
    return project, await buried(driver.engine, command, type="script.write.v1")
