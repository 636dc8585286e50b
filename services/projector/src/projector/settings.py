"""What only this service is told."""

from shared.runtime.settings import Settings


class ProjectorSettings(Settings):
    """``relay``: whether this process also moves the outbox (if not, others must)."""

    relay: bool = True
