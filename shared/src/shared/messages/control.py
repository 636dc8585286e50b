"""Control: what every worker must hear at once."""

from typing import Literal

from shared.messages.base import Frozen, Meta


class StopRun(Frozen):
    """The run is closed: stop its work. The tombstone in the artifact store says the same, for
    whoever misses this.
    """

    type: Literal["run.stop.v1"] = "run.stop.v1"
    meta: Meta
