"""Every query that the stages ask, on a month of telemetry, and how its time grows with ten times as much."""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from bench import in_process
from bench.figure import Figure, Target
from bench.generate.variety import SERVICES
from bench.timing import timed
from improver import pipeline
from improver.analysis import recurrence
from improver.config import Settings
from improver.opening import owned_runtime
from improver.read import status
from improver.runtime import Runtime
from improver.warehouse import Database, Reader, Warehouse, days

RUNS = 3
MONTH = timedelta(days=28)
SIZES, FULL_SIZES = (100_000, 1_000_000), (1_000_000, 10_000_000)
GROWTH = Target(at_most=11)
ERRORS_A_SPAN = 1 / 50
LEAST_MS = 5.0  # what takes less is all overhead, and says nothing about growth
SPREAD = ("spans", "errors")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Who asked, and how the query begins."""

    stage: str
    sql: str

    def __str__(self) -> str:
        return f"{self.stage}: {' '.join(self.sql.split())[:48]}"


class Timed(Reader):
    """Reads for another Reader, and writes down how long it took."""

    def __init__(self, reader: Reader, taken: dict[Question, list[float]]) -> None:
        self._reader = reader
        self._taken = taken
        self.folder = reader.folder

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        begun = time.perf_counter()
        found = self._reader.rows(sql, parameters)
        self._note(sql, begun)
        return found

    def value(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:
        begun = time.perf_counter()
        found = self._reader.value(sql, parameters)
        self._note(sql, begun)
        return found

    def _note(self, sql: str, begun: float) -> None:
        self._taken.setdefault(Question(stage=_asker(), sql=sql), []).append(time.perf_counter() - begun)


class TimedDatabase:
    """A Database whose readers are timed; whatever else is asked of it goes through."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.taken: dict[Question, list[float]] = {}

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        with self._database.reading() as reader:
            yield Timed(reader, self.taken)

    def rows(self, sql: str, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        with self.reading() as reader:
            return reader.rows(sql, parameters)

    def value(self, sql: str, parameters: Mapping[str, object] | None = None) -> Any:
        with self.reading() as reader:
            return reader.value(sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def _asker() -> str:
    """The module that asked: the first one up the stack that is neither ours here nor the Warehouse."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals["__name__"].startswith((__name__, "improver.warehouse", "contextlib")):
        frame = frame.f_back
    return str(frame.f_globals["__name__"]).removeprefix("improver.")


def measure(full: bool = False) -> Iterator[Figure]:
    smaller, larger = (_measured(size) for size in (FULL_SIZES if full else SIZES))
    sizes = FULL_SIZES if full else SIZES
    for question, seconds in sorted(larger.items(), key=lambda pair: -pair[1]):
        before = smaller.get(question)
        if before is None or 1000 * seconds < LEAST_MS:
            continue
        yield Figure(
            name=str(question),
            value=1000 * seconds,
            unit=f"ms at {_short(sizes[1])}",
            floor=1000 * max(before, LEAST_MS / 1000),
            floor_name=f"at {_short(sizes[0])}",
            target=replace(GROWTH, of_floor=True),
        )
    yield Figure(
        name="all queries of one pass",
        value=1000 * sum(larger.values()),
        unit=f"ms at {_short(sizes[1])}",
        floor=1000 * sum(smaller.values()),
        floor_name=f"at {_short(sizes[0])}",
        target=replace(GROWTH, of_floor=True),
        note=f"{len(larger)} queries; those under {LEAST_MS:.0f} ms are not shown alone",
    )


def _measured(spans: int) -> dict[Question, float]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = _settings(Path(folder))
        with owned_runtime(settings) as runtime:
            _load(runtime)
        _multiply(settings.data_dir / "telemetry.duckdb", spans)
        with owned_runtime(settings) as runtime:
            telemetry = runtime.warehouse.telemetry
            days.close(telemetry, runtime.clock() - timedelta(days=1), runtime.clock())
            telemetry.checkpoint()
            return _asked(runtime)


def _settings(folder: Path) -> Settings:
    repo = folder / "shop"
    identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    subprocess.run(["git", "init", "-q", "-b", "main", str(repo)], check=True)
    subprocess.run(["git", "-C", str(repo), *identity, "commit", "-q", "--allow-empty", "-m", "A shop"], check=True)
    services = [*SERVICES]
    return Settings(
        data_dir=folder / "data", targets={"shop": {"repo": repo, "services": services}}, dispatch={"auto": False}
    )


def _load(runtime: Runtime) -> None:
    """A tenth of the smaller size, through the loader."""
    for name, requests in (("otlp", SIZES[0] // 10 // 512), ("sentry", int(SIZES[0] / 10 * ERRORS_A_SPAN))):
        in_process.digest(runtime, in_process.made(name, seed=3, requests=requests))


def _multiply(file: Path, spans: int) -> None:
    """The same shapes under new ids over a month, so that a large Warehouse is made in seconds."""
    with duckdb.connect(str(file)) as connection:
        tables = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
        for name in SPREAD:
            table = f"hot_{name}" if f"hot_{name}" in tables else name
            held = connection.execute(f"select count(*), max(seq) from {table}").fetchone()
            assert held
            wanted = spans if name == "spans" else int(spans * ERRORS_A_SPAN)
            connection.execute(_more(table, copies=wanted // held[0], last=held[1]))


def _more(table: str, copies: int, last: int) -> str:
    earlier = f"to_microseconds((n * {int(MONTH.total_seconds() * 1e6) // max(1, copies)})::bigint)"
    return f"""
        insert into {table} by name
        select * exclude (n) replace (
            seq + n * {last} as seq, substr(sha256(event_id || n), 1, length(event_id)) as event_id,
            substr(sha256(payload_id || n), 1, length(payload_id)) as payload_id,
            substr(sha256(trace_id || n), 1, 32) as trace_id,
            occurred_at - {earlier} as occurred_at, received_at - {earlier} as received_at)
        from {table}, (select unnest(range(1, {copies})) as n) order by n desc"""


def _asked(runtime: Runtime) -> dict[Question, float]:
    telemetry = TimedDatabase(runtime.warehouse.telemetry)
    watched = replace(runtime, warehouse=Warehouse(telemetry, runtime.warehouse.state))  # type: ignore[arg-type]
    for _ in range(RUNS):
        pipeline.analyse(watched)
        status(watched)
        _ask_of_a_delivered_change(runtime.warehouse.telemetry, telemetry.taken)
    return {question: statistics.median(seconds) for question, seconds in telemetry.taken.items()}


def _ask_of_a_delivered_change(telemetry: Database, taken: dict[Question, list[float]]) -> None:
    """What is asked while a change is being watched: of one error of the last week."""
    (met,) = telemetry.rows("select target, environment, key, route, service, release from errors limit 1")
    now = telemetry.value("select max(received_at) from spans")
    counts, errors = recurrence.COUNTS.format(moment="received_at"), recurrence.OF_ERRORS
    sql = recurrence.RECURRENCE.format(
        failures=errors["failures"], same=errors["same"], counts_failures=counts, counts=counts, short=recurrence.SHORT
    )
    parameters = {
        **{name: met[name] for name in ("target", "environment", "route", "service")},
        "keys": [met["key"]], "place": "", "releases": [met["release"]], "without": [], "by_word": True,
        "public": True, "since": now - MONTH / 4, "until": now,
    }  # fmt: skip
    seconds = timed(lambda: telemetry.rows(sql, parameters))
    taken.setdefault(Question(stage="recurrence", sql=sql), []).append(seconds)


def _short(count: int) -> str:
    return f"{count / 1e6:g} M"
