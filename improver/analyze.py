"""Analyses telemetry files with the daemon's own code, and keeps nothing."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from improver import plugins
from improver.analysis import log_templates, merging, sightings
from improver.answers.findings import FindingRow, findings
from improver.config import Settings
from improver.errors import ImproverError
from improver.landing import land
from improver.model import EventKind, Finding, Kinship, Payload, TrustLabel
from improver.model.ids import digest
from improver.opening import passing_runtime
from improver.placing import Tables
from improver.runtime import Runtime, utc_now
from improver.stages import cluster, detect, ingest, rank
from improver.warehouse import Reader, records
from improver.warehouse.events import TABLES

LINES_AT_ONCE = 2000
LONGEST_LINE = 20 << 20
DOCUMENTS = 64 << 20  # bytes of a file that is JSON laid out over lines; what follows is read line by line
BETWEEN = re.compile(r"[\s,\[\]]*")  # values: also those of a list come one by one
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
        loaded = _load(runtime, _records(plugin, paths), collector, line_path)
        oldest, newest = _when(runtime) or (moment[0], moment[0])
        if newest - oldest > timedelta(days=sightings.DAYS):
            moment[0] = oldest
            detect.run(replace(runtime, settings=_comparing_nothing(settings)), ended_by=newest)
            cluster.run(runtime)
        moment[0] = newest
        detect.run(runtime, ended_by=newest)
        cluster.run(runtime)
        rank.run(runtime)
        return _analysis(runtime, loaded)


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """Payload id → ref of every record, all that came of them, and why those that could not be understood were not."""

    refs: dict[str, str]
    decoded: list[Tables]
    poison: dict[str, str]


def _load(runtime: Runtime, records: Iterable[tuple[str, bytes]], collector: str, line_path: str) -> Loaded:
    refs: dict[str, str] = {}
    decoded: list[Tables] = []
    poison: dict[str, str] = {}
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
        poison |= {payload.id: reason for payload, reason in made.poison}
        made.poison.clear()  # nothing is kept: only which lines they were is told
        land(runtime, payloads, made)
        decoded.append({n: made.tables[n].select(columns) for n, columns in GROUPED.items() if n in made.tables})
    quarantined = runtime.warehouse.telemetry.rows("select payload_id, reason from quarantine")
    poison |= {row["payload_id"]: row["reason"] for row in quarantined}
    return Loaded(refs=refs, decoded=decoded, poison=poison)


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
    """One record a line; or JSON laid out over lines, as people save and `jq` prints it, one value after another."""
    lines, first = iter(lines), 1
    begun = list(itertools.islice(lines, 1))
    if begun and not _is_object(begun[0]):
        begun += _upto(DOCUMENTS, lines)
        if documents := _documents(b"".join(begun)):
            yield from documents
            first, begun = len(begun) + 1, []
    for number, line in enumerate(itertools.chain(begun, lines), first):
        if line.strip():
            yield number, line.strip()


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _upto(size: int, lines: Iterator[bytes]) -> Iterator[bytes]:
    while size > 0 and (line := next(lines, b"")):
        size -= len(line)
        yield line


def _documents(body: bytes) -> list[tuple[int, bytes]]:
    """Each object with the number of the line that it begins in; where one is broken, what is left line by line."""
    found: list[tuple[int, bytes]] = []
    text, at, number = body.decode("utf-8-sig", "replace"), 0, 1
    while (begin := BETWEEN.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        number += text.count("\n", at, begin)
        try:
            value, at = json.JSONDecoder().raw_decode(text, begin)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            rest = enumerate(text[begin:].splitlines() if found else (), number)
            return found + [(place, line.strip().encode()) for place, line in rest if line.strip()]
        found.append((number, text[begin:at].encode()))
        number += text.count("\n", begin, at)
    return found


def _chunks(lines: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    iterator = iter(lines)
    while chunk := list(itertools.islice(iterator, LINES_AT_ONCE)):
        yield chunk


def _when(runtime: Runtime) -> tuple[datetime, datetime] | None:
    """When the oldest and the newest Event occurred."""
    every = " union all ".join(f"select occurred_at as moment from {table}" for table in TABLES.values())
    [row] = runtime.warehouse.telemetry.rows(f"select min(moment) as oldest, max(moment) as newest from ({every})")
    if row["newest"] is None:
        return None
    return row["oldest"].replace(tzinfo=UTC), row["newest"].replace(tzinfo=UTC)


def _comparing_nothing(settings: Settings) -> Settings:
    """For what is older than Detectors look back: without those that compare one time with another."""
    names = plugins.enabled("detectors", settings.detectors)
    comparing = [name for name in names if getattr(plugins.load("detectors", name), "EVERY", 0)]
    without = {name: {"enabled": False} for name in comparing}
    return settings.model_copy(update={"detectors": {**settings.detectors, **without}})


def _final(reader: Reader) -> dict[str, str]:
    """The fingerprint of the Finding that each merged one counts with."""
    kinships = merging.Kinships.read(reader)
    fingerprints = {found.id: found.fingerprint for found in records.select(reader, Finding)}
    merged = [kinship.finding_id for kinship in records.select(reader, Kinship, "kin = 'merged'")]
    return {one: fingerprints[root] for one in merged if (root := kinships.root(one)) in fingerprints}


def _analysis(runtime: Runtime, loaded: Loaded) -> Analysis:
    telemetry = runtime.warehouse.telemetry
    with runtime.warehouse.state.reading() as reader:
        final = _final(reader)
    return Analysis(
        events=tuple(_events(loaded, final, log_templates.known(telemetry))),
        findings=tuple(findings(runtime)),
        lines=len(loaded.refs),
        rejected={
            r["reason"]: int(r["n"]) for r in telemetry.rows("select reason, sum(items) n from rejections group by 1")
        },
        unreadable=tuple(ref for payload_id, ref in loaded.refs.items() if payload_id in loaded.poison),
        unreadable_because=tuple(loaded.poison[one] for one in loaded.refs if one in loaded.poison),
    )


def _events(
    loaded: Loaded, final: Mapping[str, str], templates: log_templates.Known
) -> Iterator[AnalysedEvent]:
    """In the order of their lines, also those that were sent again and count once only."""
    order = {payload_id: number for number, payload_id in enumerate(loaded.refs)}
    for tables in loaded.decoded:
        rows = [row for table in tables.values() for row in table.to_pylist()]
        for row in sorted(rows, key=lambda row: order[row["payload_id"]]):
            kind, version, key, template = _group(row, templates)
            finding = merging.finding_id(row["target"], row["environment"], version, key)
            fingerprint, ref = final.get(finding, f"v{version}:{key}"), loaded.refs[row["payload_id"]]
            yield AnalysedEvent(ref=ref, kind=kind, fingerprint=fingerprint, template=template)


def _group(row: Mapping[str, Any], templates: log_templates.Known) -> tuple[str, int, str, str]:
    """What an Event is, the version and key of its group, and its template."""
    if "crashed" in row:
        kind = "crash" if row["crashed"] else EventKind.ERROR.value
        return kind, row["grouping_version"], row["key"], row["template"]
    found = templates.of(row["target"], row["service"], row["template"])
    return EventKind.LOG.value, log_templates.GROUPING_VERSION, found.key, found.text
