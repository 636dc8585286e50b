"""A projector as tutorials have it: FastStream, one SQLAlchemy session and one UPDATE a message."""

import asyncio
import os
import uuid

import uvloop
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
sessions = async_sessionmaker(create_async_engine(URL, pool_size=10, max_overflow=0))
broker = RabbitBroker(
    os.environ["RABBITMQ_URL"], default_channel=Channel(prefetch_count=20), logger=None
)


class Base(DeclarativeBase):
    pass


class Task(Base):
    __tablename__ = "tasks"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    seq: Mapped[int]
    percent: Mapped[float]


class Meta(BaseModel):
    task_id: uuid.UUID
    seq: int


class Fact(BaseModel):
    meta: Meta
    percent: float


class Facts(BaseModel):
    facts: list[Fact]


@broker.subscriber(
    RabbitQueue("projector.facts", queue_type=QueueType.QUORUM, declare=False), no_reply=True
)
async def apply(message: Facts) -> None:
    for fact in message.facts:
        async with sessions() as session:
            task = await session.get(Task, fact.meta.task_id)
            if task is not None and task.seq < fact.meta.seq:
                task.seq, task.percent = fact.meta.seq, fact.percent
            await session.commit()


async def main() -> None:
    await broker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
