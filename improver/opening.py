"""Opens a Runtime: on the data folder, or in memory for one analysis."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from improver import sandbox
from improver.audit import Audit
from improver.bundles.symbolicate import SourceMaps
from improver.config import Settings
from improver.datadir import DataDir
from improver.keys import Keys
from improver.paths import search_path
from improver.runtime import Runtime, utc_now
from improver.spool import Spool
from improver.spool.quarantine import Quarantine
from improver.upkeep import losses
from improver.upkeep.restore import finish
from improver.warehouse import Warehouse

COLLECTED_AFTER = 100_000  # objects more than before


@contextmanager
def owned_runtime(settings: Settings, patience_s: float = 0.0) -> Iterator[Runtime]:
    """This process owns the data folder until the end of the block."""
    data = DataDir(settings.data_dir)
    with data.owned(patience_s), _rare_collections():
        finish(data)
        warehouse = Warehouse.open(data.root, settings.warehouse)
        with _runtime(settings, data, warehouse, utc_now) as runtime:
            if losses.suspected(runtime):
                from improver.upkeep.recovery import recover  # all that digests telemetry, for the rare case

                recover(runtime)
            yield runtime


@contextmanager
def _rare_collections() -> Iterator[None]:
    """What is decoded holds no cycles, and to look for them in it takes as long as to read it."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def passing_runtime(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Iterator[Runtime]:
    """A Runtime that leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="improver-") as folder:
        data = DataDir(Path(folder))
        data.prepare()
        with _runtime(settings, data, Warehouse.in_memory(settings.warehouse, data.root / "spill"), clock) as runtime:
            yield runtime


@contextmanager
def _runtime(
    settings: Settings, data: DataDir, warehouse: Warehouse, clock: Callable[[], datetime]
) -> Iterator[Runtime]:
    with closing(warehouse), closing(Spool(data.spool, settings.spool)) as spool:
        yield Runtime(
            settings=settings,
            data=data,
            warehouse=warehouse,
            spool=spool,
            quarantine=Quarantine(data.quarantine),
            keys=Keys.load(data.keys),
            maps=SourceMaps(data.sourcemaps),
            audit=Audit(data.audit, clock),
            path=search_path(os.environ),
            probe=cache(sandbox.probe),
            clock=clock,
        )
