"""An emitter that keeps what it is given."""

from shared.messages.facts import Fact


class Heard:
    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def progress(self, fact: Fact) -> None:
        self.facts.append(fact)

    async def state(self, fact: Fact) -> None:
        self.facts.append(fact)
