"""Log files, followed as they grow: text, JSON, logfmt, the journal's export, CI logs and test reports."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from improver.collectors._log_events import event_of
from improver.collectors._log_records import records as joined
from improver.collectors._log_records import settled
from improver.collectors._rotation import MAX_FILES, Pattern, matching
from improver.collectors._tail import Chunk, follow
from improver.collectors._test_reports import failures
from improver.collectors._whole_files import new_files
from improver.model import Batch, Event, Payload, Polled, TrustLabel
from improver.model.configured import Configured

EVERY = 1.0
# One record of a file is its lines, or a whole test report.
LINE_PATH = "/logs"
REPORT_PATH = "/logs/report"

REPORT = ".xml"


Style = Literal["auto", "json", "journald", "logfmt", "plain", "actions"]


class Source(Configured):
    path: Pattern
    """A file, or a pattern with `*`, `?` and `**`."""
    service: str = ""
    """The service that writes it. Empty: what its lines say; CI logs and test reports belong to "ci"."""
    environment: str = ""
    """Where it runs. Empty: what its lines say."""
    format: Style = "auto"
    """auto looks at each line; journald is a file of `journalctl -o json`, actions a log of GitHub Actions."""


class Config(Configured):
    files: list[Pattern] = []
    """Log files, by absolute paths or patterns: ["/var/log/shop/*.log"]. `*.xml` are read as JUnit test reports."""
    sources: list[Source] = []
    """Files with more to say of them, one table each: `path`, and if need be `service`, `environment` and `format`
    (auto, json, journald, logfmt, plain or actions). They win over `files`."""


def poll(state: Mapping[str, Any], config: Config) -> Polled:
    sources = _sources(config)
    if not sources:
        return Polled(payloads=(), state=state)
    found = matching(sources)
    reports = {path: pattern for path, pattern in found.items() if path.endswith(REPORT)}
    logs = {path: pattern for path, pattern in found.items() if path not in reports}
    styles = {pattern: source.format for pattern, source in sources.items()}
    followed = follow(
        logs, state.get("tail", {}), lambda body, pattern: settled(body, styles.get(pattern, "auto"))
    )
    whole = new_files(dict(islice(reports.items(), MAX_FILES)), state.get("reports", {}))
    trouble = Counter(
        too_many_files=max(0, len(logs) - MAX_FILES) + max(0, len(reports) - MAX_FILES),
        unreadable=followed.unreadable + whole.unreadable,
        too_large=whole.too_large,
    )
    passing = Counter(line_too_long=sum(chunk.cut for chunk in followed.chunks), truncated=followed.lost)
    return Polled(
        payloads=tuple(_payload(chunk, sources) for chunk in (*followed.chunks, *whole.chunks)),
        state={"tail": followed.state, "reports": whole.state, "trouble": dict(trouble)},
        # A trouble that lasts counts once.
        rejected=+(passing + (trouble - Counter(state.get("trouble", {})))),
    )


def decode(payloads: Iterable[Payload], config: Config) -> Batch:
    events: list[Event] = []
    rejected: Counter[str] = Counter()
    for payload in payloads:
        origin = dict(parse_qsl(payload.path.partition("?")[2]))
        if _is_report(payload):
            found, left_out = failures(payload.body, origin, payload.id, payload.received_at)
            events += found
            rejected["too_many_failures"] += left_out
        else:
            lines = joined(BytesIO(payload.body), origin.get("format", "auto"))
            events += [event_of(record, origin, payload.id, payload.received_at) for record in lines]
    return Batch.of(events, +rejected)


def records(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """How `improver analyze` cuts a file: the number of a record's first line, and its lines."""
    if path.suffix == REPORT:
        yield 1, b"".join(lines)
        return
    for record in joined(lines, "auto"):
        yield record.number, b"".join(record.raw)


def _sources(config: Config) -> dict[str, Source]:
    named = {source.path: source for source in config.sources}
    return named | {path: Source(path=path) for path in config.files if path not in named}


def _payload(chunk: Chunk, sources: Mapping[str, Source]) -> Payload:
    source = sources.get(chunk.pattern) or Source(path=chunk.path)
    said = {"service": source.service, "environment": source.environment, "format": source.format, "file": chunk.path}
    kind = REPORT_PATH if chunk.path.endswith(REPORT) else LINE_PATH
    return Payload(
        id=chunk.id,
        collector="logs",
        path=f"{kind}?{urlencode({name: value for name, value in said.items() if value}, errors='replace')}",
        received_at=chunk.written_at,
        body=chunk.body,
        trust=TrustLabel.SERVER,
        content_type="application/xml" if kind == REPORT_PATH else "text/plain",
    )


def _is_report(payload: Payload) -> bool:
    """A file that is analysed by itself has nothing but its content to tell what it is."""
    bare = payload.path == LINE_PATH and payload.body.lstrip()[:6] in (b"<?xml ", b"<tests")
    return bare or payload.path.startswith(REPORT_PATH)
