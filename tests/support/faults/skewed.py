"""``python -m support.faults.skewed``: a service as it is, on a machine whose clock is wrong.

``SKEWED`` names the service's module, ``SKEW_S`` by how many seconds its wall clock is ahead (or
behind, below zero). Time goes on as ever; the monotonic clock is left alone, as it would be there.
"""

import os
import runpy
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

from local_stack.stack import MODULES

TESTS = Path(__file__).parents[2]


def env(service: str, seconds: float) -> dict[str, str]:
    """What a process of the service is told."""
    return {"PYTHONPATH": str(TESTS), "SKEWED": MODULES[service], "SKEW_S": str(seconds)}


if __name__ == "__main__":
    skew = timedelta(seconds=float(os.environ["SKEW_S"]))
    time_machine.travel(datetime.now(UTC) + skew, tick=True).start()
    runpy.run_module(os.environ["SKEWED"], run_name="__main__", alter_sys=True)
