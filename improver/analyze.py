"""Analyses telemetry files with the daemon's own code, and keeps nothing."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from improver import plugins
from improver.config import Settings
from improver.errors import ImproverError
from improver.model import Payload, TrustLabel
from improver.model.ids import digest
from improver.opening import passing_runtime
from improver.read.findings import FindingRow, findings
from improver.runtime import Runtime, utc_now
from improver.stages import cluster, detect, ingest, rank

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
    """One record a line; `now` is the newest Event."""
    plugin = plugins.load("collectors", collector)
    line_path = getattr(plugin, "LINE_PATH", "")
    if not line_path:
        able = [name for name in plugins.names("collectors") if hasattr(plugins.load("collectors", name), "LINE_PATH")]
        raise ImproverError(
            f"the collector {collector!r} reads no files of lines", hint=f"--as one of: {', '.join(able)}"
        )
    moment = [utc_now()]
    with passing_runtime(settings, clock=lambda: moment[0]) as runtime:
        refs = _load(runtime, paths, collector, line_path)
        moment[0] = _newest(runtime) or moment[0]
        for stage in (detect, cluster, rank):
            stage.run(runtime)
        return _analysis(runtime, refs)


def _load(runtime: Runtime, paths: Sequence[Path], collector: str, line_path: str) -> dict[str, str]:
    """Payload id → ref of every line that was not empty."""
    refs: dict[str, str] = {}
    received = utc_now()
    for chunk in _chunks(_lines(paths)):
        payloads = []
        for ref, line in chunk:
            payload_id = digest(ref, len(refs))
            refs[payload_id] = ref
            payloads.append(
                Payload(
                    id=payload_id, collector=collector, path=line_path, received_at=received, body=line,
                    trust=TrustLabel.SERVER, content_type="application/json",
                )
            )  # fmt: skip
        ingest.load(runtime, payloads)
    return refs


def _lines(paths: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        try:
            with path.open("rb") as file:
                for number, line in enumerate(iter(lambda f=file: f.readline(LONGEST_LINE), b""), 1):  # type: ignore[misc]
                    if line.strip():
                        yield f"{path}:{number}", line.strip()
        except OSError as error:
            raise ImproverError(
                f"cannot read {path}: {error.strerror}", hint="name files with one record a line"
            ) from error


def _chunks(lines: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    iterator = iter(lines)
    while chunk := list(itertools.islice(iterator, LINES_AT_ONCE)):
        yield chunk


def _newest(runtime: Runtime) -> datetime | None:
    newest = "select greatest((select max(occurred_at) from errors), (select max(occurred_at) from spans))"
    found = runtime.warehouse.telemetry.value(newest)
    return found.replace(tzinfo=UTC) if found else None


def _analysis(runtime: Runtime, refs: dict[str, str]) -> Analysis:
    telemetry = runtime.warehouse.telemetry
    rows = telemetry.rows("select payload_id, crashed, grouping_version, key, template from errors order by seq")
    return Analysis(
        events=tuple(
            AnalysedEvent(
                ref=refs[row["payload_id"]],
                kind="crash" if row["crashed"] else "error",
                fingerprint=f"v{row['grouping_version']}:{row['key']}",
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
