"""The stages in their order: each reads what the one before it wrote, and can simply be run again."""

import logging
from types import ModuleType

from improver.runtime import Runtime
from improver.stages import cluster, detect, dispatch, ingest, learn, observe, rank, specify

log = logging.getLogger(__name__)

# An Attempt goes on from dispatch by itself: improver/attempts.py drives it through verify and deliver.
ANALYSIS: tuple[ModuleType, ...] = (detect, cluster, rank, observe, learn, specify, dispatch)


def analyse(runtime: Runtime) -> dict[str, int]:
    """One pass over what the Warehouse holds: how much each stage did."""
    return {stage.__name__.rpartition(".")[2]: stage.run(runtime) for stage in ANALYSIS if not runtime.stop.is_set()}


def digest(runtime: Runtime) -> int:
    """Everything the Spool holds, into the Warehouse; the number of Events."""
    return ingest.run(runtime)
