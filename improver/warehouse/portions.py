"""What came in, a portion at a time: what DuckDB has no memory for is done in smaller ones."""

import logging
from collections.abc import Callable

import duckdb

from improver.warehouse.database import Database

log = logging.getLogger(__name__)

LEAST = 250  # of these, even the largest Events that are taken in find room
SMALLER = 4


def go_through(telemetry: Database, since: int, newest: int, at_once: int, work: Callable[[int, int], None]) -> None:
    """Call work(since, upto), each in a transaction of its own, until the newest number is reached.

    A portion's Events may be small or large, and their JSON is parsed in memory: how many fit is known when they do.
    """
    while since < newest:
        upto = min(newest, since + at_once)
        try:
            work(since, upto)
        except duckdb.OutOfMemoryException:
            if at_once <= LEAST:
                raise
            at_once = max(LEAST, at_once // SMALLER)
            log.info("DuckDB has too little memory for a portion; going on in smaller ones", extra={"rows": at_once})
            telemetry.checkpoint()
            continue
        telemetry.fold_log()
        since = upto
