"""An emitter that keeps what it is given."""

from uuid import UUID

from shared.messages.facts import Fact
from shared.messaging.emitter import Tell


class Heard:
    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def progress(self, _task: UUID, tell: Tell) -> None:
        self.facts.append(tell())

    async def state(self, fact: Fact) -> None:
        self.facts.append(fact)

    @property
    def types(self) -> list[str]:
        return [fact.type for fact in self.facts]
