"""The stages in their order: each reads what the one before it wrote, and can simply be run again."""

import logging
from collections.abc import Callable
from functools import partial
from types import ModuleType

from improver.runtime import Runtime
from improver.stages import cluster, detect, dispatch, ingest, learn, observe, rank, specify

log = logging.getLogger(__name__)

# An Attempt goes on from dispatch by itself: improver/dispatching/attempts.py drives it through verify and deliver.
ANALYSIS: tuple[ModuleType, ...] = (detect, cluster, rank, observe, learn, specify, dispatch)


Guard = Callable[[str, Callable[[], object]], object]


def analyse(runtime: Runtime, guard: Guard = lambda name, work: work()) -> dict[str, int]:
    """One pass over what the Warehouse holds: how much each stage did. A guard keeps one's failure from the others."""
    done: dict[str, int] = {}
    for stage in ANALYSIS:
        name = stage.__name__.rpartition(".")[2]
        if not runtime.stop.is_set() and (count := guard(name, partial(stage.run, runtime))) is not None:
            done[name] = int(str(count))
    return done


def digest(runtime: Runtime) -> int:
    """Everything the Spool holds, into the Warehouse; the number of Events."""
    return ingest.run(runtime)
