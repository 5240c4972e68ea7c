"""Analyses telemetry files with the daemon's own code, and keeps nothing."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from improver import plugins
from improver.analysis import log_templates, merging
from improver.config import Settings
from improver.errors import ImproverError
from improver.model import EventKind, Finding, Kinship, Payload, TrustLabel
from improver.model.ids import digest
from improver.opening import passing_runtime
from improver.placing import Tables
from improver.read.findings import FindingRow, findings
from improver.runtime import Runtime, utc_now
from improver.stages import cluster, detect, ingest, rank
from improver.warehouse import Reader, records
from improver.warehouse.events import TABLES

LINES_AT_ONCE = 2000
LONGEST_LINE = 20 << 20
# What says which group an Event of each table is in.
GROUPED = {
    "errors": ["payload_id", "target", "environment", "crashed", "grouping_version", "key", "template"],
    "logs": ["payload_id", "target", "environment", "service", "template"],
}


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
    unreadable_because: tuple[str, ...]  # for each of them, why


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
        refs, decoded = _load(runtime, _records(plugin, paths), collector, line_path)
        moment[0] = _newest(runtime) or moment[0]
        detect.run(runtime, ended_by=moment[0])
        cluster.run(runtime)
        rank.run(runtime)
        return _analysis(runtime, refs, decoded)


def _load(
    runtime: Runtime, records: Iterable[tuple[str, bytes]], collector: str, line_path: str
) -> tuple[dict[str, str], list[Tables]]:
    """Payload id → ref of every record, and all that came of them."""
    refs: dict[str, str] = {}
    decoded: list[Tables] = []
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
        made = ingest.digest_of(runtime, payloads)
        ingest.land(runtime, payloads, made)
        decoded.append({n: made.tables[n].select(columns) for n, columns in GROUPED.items() if n in made.tables})
    return refs, decoded


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


def _final(reader: Reader) -> dict[str, str]:
    """The fingerprint of the Finding that each merged one counts with."""
    kinships = merging.Kinships.read(reader)
    fingerprints = {found.id: found.fingerprint for found in records.select(reader, Finding)}
    merged = [kinship.finding_id for kinship in records.select(reader, Kinship, "kin = 'merged'")]
    return {one: fingerprints[root] for one in merged if (root := kinships.root(one)) in fingerprints}


def _analysis(runtime: Runtime, refs: dict[str, str], decoded: Sequence[Tables]) -> Analysis:
    telemetry = runtime.warehouse.telemetry
    with runtime.warehouse.state.reading() as reader:
        final = _final(reader)
    quarantined = telemetry.rows("select payload_id, reason from quarantine")
    return Analysis(
        events=tuple(_events(refs, decoded, final, log_templates.known(telemetry))),
        findings=tuple(findings(runtime)),
        lines=len(refs),
        rejected={
            r["reason"]: int(r["n"]) for r in telemetry.rows("select reason, sum(items) n from rejections group by 1")
        },
        unreadable=tuple(refs[row["payload_id"]] for row in quarantined),
        unreadable_because=tuple(row["reason"] for row in quarantined),
    )


def _events(
    refs: dict[str, str], decoded: Sequence[Tables], final: Mapping[str, str], templates: log_templates.Known
) -> Iterator[AnalysedEvent]:
    """In the order of their lines, also those that were sent again and count once only."""
    order = {payload_id: number for number, payload_id in enumerate(refs)}
    for tables in decoded:
        rows = [row for table in tables.values() for row in table.to_pylist()]
        for row in sorted(rows, key=lambda row: order[row["payload_id"]]):
            kind, version, key, template = _group(row, templates)
            finding = merging.finding_id(row["target"], row["environment"], version, key)
            fingerprint = final.get(finding, f"v{version}:{key}")
            yield AnalysedEvent(ref=refs[row["payload_id"]], kind=kind, fingerprint=fingerprint, template=template)


def _group(row: Mapping[str, Any], templates: log_templates.Known) -> tuple[str, int, str, str]:
    """What an Event is, the version and key of its group, and its template."""
    if "crashed" in row:
        kind = "crash" if row["crashed"] else EventKind.ERROR.value
        return kind, row["grouping_version"], row["key"], row["template"]
    found = templates.of(row["target"], row["service"], row["template"])
    return EventKind.LOG.value, log_templates.GROUPING_VERSION, found.key, found.text
