"""Facts gathered on their way out."""

import asyncio
from contextlib import asynccontextmanager

from support.building import opened_production, progressed, result, task_of
from support.waiting import eventually

from shared.errors import PublishUnknownError
from shared.messages.facts import FactBatch, TaskProgressed
from shared.messaging.emitter import Emitter

OUTCOME = opened_production(scenes=2)
PROJECT, RUN = OUTCOME.project, OUTCOME.run


class Line:
    """Where facts go: keeps what was sent; refuses the first ``refusals`` messages."""

    def __init__(self, refusals: int = 0) -> None:
        self.messages: list[list[dict]] = []
        self.refusals = refusals

    async def send(self, body: bytes, message_id: str) -> None:
        if self.refusals:
            self.refusals -= 1
            raise PublishUnknownError("away")
        self.messages.append(list(FactBatch.model_validate_json(body).facts))

    @property
    def facts(self) -> list[dict]:
        return [fact for message in self.messages for fact in message]


@asynccontextmanager
async def emitting(line: Line, **settings: float):
    emitter = Emitter(line.send, **settings)
    loop = asyncio.create_task(emitter.run())
    try:
        yield emitter
    finally:
        loop.cancel()


def tell(emitter: Emitter, fact: TaskProgressed) -> None:
    emitter.progress(fact.meta.task_id, lambda: fact)


async def test_only_the_newest_progress_of_a_task_is_sent() -> None:
    line = Line()
    first, second = task_of(RUN, "voice", 0), task_of(RUN, "voice", 1)

    async with emitting(line) as emitter:
        for percent in range(0, 100, 10):
            tell(emitter, progressed(PROJECT, RUN, first, percent, seq=percent))
        tell(emitter, progressed(PROJECT, RUN, second, 5))
        await eventually(lambda: line.messages)

    assert [(f["meta"]["task_id"], f["percent"]) for f in line.facts] == [
        (str(first.id), 90.0),
        (str(second.id), 5.0),
    ]
    assert len(line.messages) == 1


async def test_progress_that_waits_is_dropped_when_its_task_has_ended() -> None:
    line = Line()
    task, other = task_of(RUN, "voice", 0), task_of(RUN, "voice", 1)

    async with emitting(line) as emitter:
        tell(emitter, progressed(PROJECT, RUN, task, 40))
        tell(emitter, progressed(PROJECT, RUN, other, 5))
        await emitter.state(result(PROJECT, RUN, task))

    assert [fact["meta"]["task_id"] for fact in line.facts] == [str(other.id), str(task.id)]


async def test_progress_that_cant_be_told_holds_up_no_result() -> None:
    line = Line()
    task, other = task_of(RUN, "voice", 0), task_of(RUN, "voice", 1)

    def untold() -> TaskProgressed:
        raise RuntimeError("a bug")

    async with emitting(line) as emitter:
        emitter.progress(other.id, untold)
        await emitter.state(result(PROJECT, RUN, task))

    assert [fact["meta"]["task_id"] for fact in line.facts] == [str(task.id)]


async def test_a_result_is_confirmed_before_the_wait_for_it_ends() -> None:
    line = Line()

    async with emitting(line) as emitter:
        await emitter.state(result(PROJECT, RUN, task_of(RUN, "voice")))

    assert [fact["type"] for fact in line.facts] == ["voice.recorded.v1"]


async def test_a_result_waits_for_no_progress_to_be_gathered() -> None:
    line = Line()

    async with emitting(line, gather_s=60) as emitter:
        tell(emitter, progressed(PROJECT, RUN, task_of(RUN, "voice", 1), 5))
        await asyncio.sleep(0)  # the gathering has begun
        async with asyncio.timeout(5):
            await emitter.state(result(PROJECT, RUN, task_of(RUN, "voice", 0)))

    assert len(line.facts) == 2


async def test_results_are_never_gathered_away_and_share_a_message() -> None:
    line = Line()
    tasks = [task_of(RUN, "voice", 0), task_of(RUN, "voice", 1)]

    async with emitting(line) as emitter:
        await asyncio.gather(*(emitter.state(result(PROJECT, RUN, task)) for task in tasks))

    assert {fact["meta"]["task_id"] for fact in line.facts} == {str(task.id) for task in tasks}


async def test_a_result_that_was_not_confirmed_is_sent_again() -> None:
    line = Line(refusals=2)

    async with emitting(line) as emitter:
        await emitter.state(result(PROJECT, RUN, task_of(RUN, "voice")))

    assert len(line.facts) == 1


async def test_progress_that_was_lost_is_not_sent_again_since_newer_will_come() -> None:
    line = Line(refusals=1)
    task = task_of(RUN, "voice")

    async with emitting(line) as emitter:
        tell(emitter, progressed(PROJECT, RUN, task, 10))
        await eventually(lambda: line.refusals == 0)
        tell(emitter, progressed(PROJECT, RUN, task, 20, seq=2))
        await eventually(lambda: line.messages)

    assert [fact["percent"] for fact in line.facts] == [20.0]
