"""How fast Payloads become rows, without HTTP: the product's own loader, beside what it cannot be faster than."""

import gzip
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench import generate
from bench.figure import Figure, Target
from bench.timing import Timing, median_of, summarised, timed
from improver import pipeline
from improver.config import Settings
from improver.model import Payload, TrustLabel
from improver.opening import owned_runtime
from improver.runtime import Runtime
from improver.warehouse.events import TABLES

RUNS = 5
FLOOR_RUNS = 5
BUDGET_S = 6.0  # for the runs of one format; slow code gets fewer
REQUESTS = {"otlp": 64, "otlp-json": 8, "sentry": 3000, "posthog": 300}
TARGETS = {"posthog": Target(at_least=50_000), "otlp": Target(at_least=0.5, of_floor=True)}
SENDER = generate.Sender(key="k" * 32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """The rate of one format, and the rows that came of its requests, as Arrow tables."""

    timing: Timing
    items: int
    rows: dict[str, pa.Table]

    @property
    def rate(self) -> float:
        return self.timing.per_second(self.items)


def measure(full: bool = False) -> Iterator[Figure]:
    yield from otlp()
    for name in ("otlp-json", "sentry", "posthog"):
        yield from _json_format(name)


def otlp() -> Iterator[Figure]:
    payloads, loaded = made("otlp"), load("otlp")
    arrow = arrow_floor(loaded.rows)
    parse = median_of(FLOOR_RUNS, lambda: timed(lambda: [_parsed(one) for one in payloads]))
    note = f"{len(payloads)} requests of {generate.otlp.SPANS}, {_bytes_an_item(payloads, loaded.items):.0f} B each"
    yield _figure("otlp", loaded, arrow.per_second(loaded.items), "ready Arrow rows", note)
    yield Figure(
        name="  beside parsing alone",
        value=loaded.rate,
        unit="spans/s",
        floor=parse.per_second(loaded.items),
        floor_name="upb FromString",
    )


def _json_format(name: str) -> Iterator[Figure]:
    payloads, loaded = made(name), load(name)
    floor = from_json_floor(name, payloads)
    note = f"{len(payloads)} requests, {_bytes_an_item(payloads, loaded.items):.0f} B on the wire each"
    yield _figure(name, loaded, floor.per_second(loaded.items), "from_json to a table", note)
    arrow = arrow_floor(loaded.rows)
    yield Figure(
        name="  beside inserting alone",
        value=loaded.rate,
        unit=f"{_noun(name)}/s",
        floor=arrow.per_second(loaded.items),
        floor_name="ready Arrow rows",
    )


def _figure(name: str, loaded: Loaded, floor: float, floor_name: str, note: str) -> Figure:
    return Figure(
        name=f"load {name}, in process",
        value=loaded.rate,
        unit=f"{_noun(name)}/s",
        floor=floor,
        floor_name=floor_name,
        target=TARGETS.get(name),
        spread=loaded.timing.spread,
        note=note,
    )


def made(name: str, seed: int = 1, requests: int | None = None) -> list[Payload]:
    source = generate.source(name, SENDER, seed)
    random = Random(seed)
    now = time.time_ns()
    received = datetime.fromtimestamp(now / 1e9, UTC)
    return [
        Payload(
            id=f"{random.getrandbits(64):016x}",
            collector=name.partition("-")[0],
            path=source.path,
            received_at=received,
            body=source.make(now).body,
            trust=TrustLabel.SERVER,
            content_type=source.headers["Content-Type"],
            content_encoding=source.headers.get("Content-Encoding", ""),
        )
        for _ in range(requests or REQUESTS[name])
    ]


@cache
def load(name: str) -> Loaded:
    """Each run in a data folder of its own, after one that warms up what is imported and cached."""
    payloads = made(name)
    items = len(payloads) * generate.source(name, SENDER, 1).items
    _load_once(payloads[: max(1, len(payloads) // 20)])
    seconds: list[float] = []
    rows: dict[str, pa.Table] = {}
    while len(seconds) < RUNS and sum(seconds) < BUDGET_S:
        taken, rows = _load_once(payloads)
        seconds.append(taken)
    return Loaded(timing=summarised(seconds), items=items, rows=rows)


def _load_once(payloads: list[Payload]) -> tuple[float, dict[str, pa.Table]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = Settings(data_dir=Path(folder))
        with owned_runtime(settings) as runtime:
            seconds = digest(runtime, payloads)
        return seconds, _rows_of(Path(folder) / "telemetry.duckdb")


def digest(runtime: Runtime, payloads: list[Payload]) -> float:
    """The seconds it takes from the Spool on."""
    runtime.spool.append_now(payloads)
    return timed(lambda: pipeline.digest(runtime))


def _rows_of(file: Path) -> dict[str, pa.Table]:
    with duckdb.connect(str(file)) as connection:
        tables = {name: connection.execute(f"from {name}").to_arrow_table() for name in TABLES.values()}
    return {name: rows for name, rows in tables.items() if rows.num_rows}


def arrow_floor(rows: dict[str, pa.Table]) -> Timing:
    """The same rows with the same columns, ready in memory, into tables of a file: one transaction, no checkpoint."""
    return median_of(FLOOR_RUNS, lambda: _inserted(rows))


def _inserted(rows: dict[str, pa.Table]) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _database(Path(folder)) as connection:
        for name, table in rows.items():
            connection.register(f"ready_{name}", table)
            connection.execute(f'create table "{name}" as from ready_{name} limit 0')

        def insert() -> None:
            connection.execute("begin")
            for name in rows:
                connection.execute(f'insert into "{name}" from ready_{name}')
            connection.execute("commit")

        return timed(insert)


def _database(folder: Path) -> duckdb.DuckDBPyConnection:
    """With the limits that the product's own has."""
    limits = Settings(data_dir=folder).warehouse
    config: dict[str, Any] = {
        "memory_limit": f"{limits.memory_mb}MB",
        "threads": str(limits.threads),
        "checkpoint_threshold": "2GB",
    }
    return duckdb.connect(str(folder / "floor.duckdb"), config=config)


def from_json_floor(name: str, payloads: list[Payload]) -> Timing:
    """The fields that are columns, out of texts that are ready in memory, into a table: no scrubbing, no grouping."""
    texts = pa.table({"body": [_TEXTS[name](payload) for payload in payloads]})
    return median_of(FLOOR_RUNS, lambda: _taken_from_json(name, texts))


def _taken_from_json(name: str, texts: pa.Table) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _database(Path(folder)) as connection:
        connection.register("texts", texts)
        return timed(lambda: connection.execute(f"create table floor as {_FROM_JSON[name]}"))


def _event_of(payload: Payload) -> str:
    return gzip.decompress(payload.body).split(b"\n", 2)[2].decode()


_TEXTS: dict[str, Callable[[Payload], str]] = {
    "sentry": _event_of,
    "posthog": lambda payload: payload.body.decode(),
    "otlp-json": lambda payload: payload.body.decode(),
}

_SENTRY = {
    "event_id": "VARCHAR", "timestamp": "VARCHAR", "transaction": "VARCHAR", "release": "VARCHAR", "level": "VARCHAR",
    "environment": "VARCHAR", "platform": "VARCHAR", "user": {"id": "VARCHAR"},
    "contexts": {"trace": {"trace_id": "VARCHAR", "span_id": "VARCHAR"}},
    "exception": {"values": [{
        "type": "VARCHAR", "value": "VARCHAR", "mechanism": {"handled": "BOOLEAN"},
        "stacktrace": {"frames": [{
            "filename": "VARCHAR", "module": "VARCHAR", "function": "VARCHAR", "lineno": "BIGINT", "in_app": "BOOLEAN",
        }]},
    }]},
}  # fmt: skip
_POSTHOG = {"batch": [{
    "uuid": "VARCHAR", "event": "VARCHAR", "timestamp": "VARCHAR", "distinct_id": "VARCHAR", "properties": "JSON",
}]}  # fmt: skip
_ATTRIBUTES = [{"key": "VARCHAR", "value": "JSON"}]
_OTLP = {"resourceSpans": [{
    "resource": {"attributes": _ATTRIBUTES},
    "scopeSpans": [{"spans": [{
        "traceId": "VARCHAR", "spanId": "VARCHAR", "parentSpanId": "VARCHAR", "name": "VARCHAR", "kind": "INTEGER",
        "startTimeUnixNano": "VARCHAR", "endTimeUnixNano": "VARCHAR", "attributes": _ATTRIBUTES,
        "status": {"code": "INTEGER"},
    }]}],
}]}  # fmt: skip


def _from_json(structure: object, select: str) -> str:
    return select.format(record=f"from_json(body, '{json.dumps(structure)}')")


_FROM_JSON = {
    "sentry": _from_json(_SENTRY, "select unnest({record}), body as data from texts"),
    "posthog": _from_json(_POSTHOG, "select unnest(one) from (select unnest({record}.batch) as one from texts)"),
    "otlp-json": _from_json(
        _OTLP,
        "select resource, unnest(span) from (select resource, unnest(scope.spans) as span from"
        " (select block.resource as resource, unnest(block.scopeSpans) as scope from"
        " (select unnest({record}.resourceSpans) as block from texts)))",
    ),
}


def _parsed(payload: Payload) -> Any:
    return ExportTraceServiceRequest.FromString(payload.body)


def _bytes_an_item(payloads: list[Payload], items: int) -> float:
    return sum(len(payload.body) for payload in payloads) / items


def _noun(name: str) -> str:
    return "spans" if name.startswith("otlp") else "events"
