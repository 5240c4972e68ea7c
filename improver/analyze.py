"""Analyses telemetry files with the daemon's own code, and keeps nothing."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from improver import merging, plugins
from improver.config import Settings
from improver.errors import ImproverError
from improver.model import Finding, Kinship, Payload, TrustLabel
from improver.model.ids import digest
from improver.opening import passing_runtime
from improver.read.findings import FindingRow, findings
from improver.runtime import Runtime, utc_now
from improver.stages import cluster, detect, ingest, rank
from improver.warehouse import Reader, records
from improver.warehouse.events import TABLES

LINES_AT_ONCE = 2000
LONGEST_LINE = 20 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class AnalysedEvent:
    """`ref` is file:line; `fingerprint` is the final group."""

    ref: str
    kind: str
    fingerprint: str
    template: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """`improver analyze --json`: a contract, keys are only ever added."""

    events: tuple[AnalysedEvent, ...]
    findings: tuple[FindingRow, ...]
    lines: int
    rejected: dict[str, int]
    unreadable: tuple[str, ...]  # refs of lines that could not be understood


def analyze(settings: Settings, paths: Sequence[Path], collector: str) -> Analysis:
    """One record a line, unless the Collector cuts a file otherwise; `now` is the newest Event."""
    plugin = plugins.load("collectors", collector)
    line_path = getattr(plugin, "LINE_PATH", "")
    if not line_path:
        able = [name for name in plugins.names("collectors") if hasattr(plugins.load("collectors", name), "LINE_PATH")]
        raise ImproverError(
            f"the collector {collector!r} reads no files of lines", hint=f"--as one of: {', '.join(able)}"
        )
    moment = [utc_now()]
    with passing_runtime(settings, clock=lambda: moment[0]) as runtime:
        refs = _load(runtime, _records(plugin, paths), collector, line_path)
        moment[0] = _newest(runtime) or moment[0]
        detect.run(runtime, ended_by=moment[0])
        cluster.run(runtime)
        rank.run(runtime)
        return _analysis(runtime, refs)


def _load(
    runtime: Runtime, records: Iterable[tuple[str, bytes]], collector: str, line_path: str
) -> dict[str, str]:
    """Payload id → ref of every record."""
    refs: dict[str, str] = {}
    received = utc_now()
    for chunk in _chunks(records):
        payloads = []
        for ref, record in chunk:
            payload_id = digest(ref, len(refs))
            refs[payload_id] = ref
            payloads.append(
                Payload(
                    id=payload_id, collector=collector, path=line_path, received_at=received, body=record,
                    trust=TrustLabel.SERVER, content_type="application/json",
                )
            )  # fmt: skip
        ingest.load(runtime, payloads)
    return refs


def _records(plugin: ModuleType, paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    cut = getattr(plugin, "records", _each_line)
    for path in paths:
        try:
            with path.open("rb") as file:
                for number, record in cut(path, iter(lambda f=file: f.readline(LONGEST_LINE), b"")):  # type: ignore[misc]
                    yield f"{path}:{number}", record
        except OSError as error:
            raise ImproverError(
                f"cannot read {path}: {error.strerror}", hint="name files with one record a line"
            ) from error


def _each_line(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, line.strip()


def _chunks(lines: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    iterator = iter(lines)
    while chunk := list(itertools.islice(iterator, LINES_AT_ONCE)):
        yield chunk


def _newest(runtime: Runtime) -> datetime | None:
    newest = f"select greatest({', '.join(f'(select max(occurred_at) from {table})' for table in TABLES.values())})"
    found = runtime.warehouse.telemetry.value(newest)
    return found.replace(tzinfo=UTC) if found else None


def _finding_of(row: dict[str, Any]) -> str:
    return merging.finding_id(row["target"], row["environment"], row["grouping_version"], row["key"])


def _final(reader: Reader) -> dict[str, str]:
    """The fingerprint of the Finding that each merged one counts with."""
    kinships = merging.Kinships.read(reader)
    fingerprints = {found.id: found.fingerprint for found in records.select(reader, Finding)}
    merged = [kinship.finding_id for kinship in records.select(reader, Kinship, "kin = 'merged'")]
    return {one: fingerprints[root] for one in merged if (root := kinships.root(one)) in fingerprints}


def _analysis(runtime: Runtime, refs: dict[str, str]) -> Analysis:
    telemetry = runtime.warehouse.telemetry
    rows = telemetry.rows(
        "select payload_id, crashed, target, environment, grouping_version, key, template from errors order by seq"
    )
    with runtime.warehouse.state.reading() as reader:
        final = _final(reader)
    return Analysis(
        events=tuple(
            AnalysedEvent(
                ref=refs[row["payload_id"]],
                kind="crash" if row["crashed"] else "error",
                fingerprint=final.get(_finding_of(row), f"v{row['grouping_version']}:{row['key']}"),
                template=row["template"],
            )
            for row in rows
        ),
        findings=tuple(findings(runtime)),
        lines=len(refs),
        rejected={
            r["reason"]: int(r["n"]) for r in telemetry.rows("select reason, sum(items) n from rejections group by 1")
        },
        unreadable=tuple(refs[row["payload_id"]] for row in telemetry.rows("select payload_id from quarantine")),
    )
