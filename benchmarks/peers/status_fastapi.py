"""FastAPI as its tutorial has it, with SQLAlchemy's ORM and PyJWT; and bare ASGI, the limit of the
server.
"""

import os
import uuid
from datetime import datetime
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
sessions = async_sessionmaker(create_async_engine(URL, pool_size=10, max_overflow=0))


class Base(DeclarativeBase):
    pass


class Project(Base):
    __tablename__ = "video_projects"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    status: Mapped[str]
    progress: Mapped[int]
    progress_message: Mapped[str]
    completed_at: Mapped[datetime | None]
    notified: Mapped[bool]


class Status(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: uuid.UUID
    status: str
    progress: int
    progress_message: str
    completed_at: datetime | None
    notified: bool


async def session():
    async with sessions() as opened:
        yield opened


def caller(authorization: Annotated[str, Header()]) -> str:
    try:
        claims = jwt.decode(
            authorization.removeprefix("Bearer "),
            os.environ["JWT_SECRET"],
            algorithms=["HS256"],
            issuer="bench",
            audience="reelay",
        )
    except jwt.PyJWTError:
        raise HTTPException(401) from None
    return claims["sub"]


app = FastAPI()


@app.get("/api/video-creation/projects/{project_id}/status")
async def status(
    project_id: uuid.UUID,
    user: Annotated[str, Depends(caller)],
    db: Annotated[AsyncSession, Depends(session)],
) -> Status:
    found = await db.get(Project, project_id)
    if found is None or found.user_id != user:
        raise HTTPException(404)
    return Status.model_validate(found)


_BODY = b'{"status":"GENERATING_VIDEO","progress":42,"progressMessage":"3 of 6","notified":false}'
_HEAD = [(b"content-type", b"application/json"), (b"content-length", str(len(_BODY)).encode())]


async def bare(scope, receive, send) -> None:
    """Nothing but the server: no route, no caller, no database."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": _HEAD})
    await send({"type": "http.response.body", "body": _BODY})
