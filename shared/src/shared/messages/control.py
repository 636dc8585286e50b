"""Control: what every worker must hear at once."""

from typing import Literal

from shared.messages.base import Frozen, Meta


class StopRun(Frozen):
    """The run is closed: begin no more of its work, and stop what is at work, unless that may
    ``finish``. The tombstone in the artifact store says the first, for whoever misses this.
    """

    type: Literal["run.stop.v1"] = "run.stop.v1"
    meta: Meta
    finish: bool = False
