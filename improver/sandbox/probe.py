"""Which sandbox this machine has: found out by building one."""

import tempfile
from pathlib import Path

from improver.errors import ImproverError
from improver.model import Isolation
from improver.sandbox import landlock
from improver.sandbox.box import run
from improver.sandbox.order import Order

TRIAL_S = 20.0


def probe() -> Isolation:
    """The best isolation that really works here; the caller keeps the answer."""
    if _works(Isolation.BUBBLEWRAP):
        return Isolation.BUBBLEWRAP
    if landlock.abi() and _works(Isolation.LANDLOCK):
        return Isolation.LANDLOCK
    return Isolation.NONE


def isolation_for(setting: str, probed: Isolation) -> Isolation:
    """What a Target gets: `host` is a person's decision and wins over any sandbox."""
    return Isolation.HOST if setting == "host" else probed


def _works(isolation: Isolation) -> bool:
    with tempfile.TemporaryDirectory(prefix="improver-probe-") as tree:
        try:
            return run(Order(argv=("true",), tree=Path(tree), wall_clock_s=TRIAL_S), isolation).code == 0
        except ImproverError:
            return False
