"""Telemetry told in a few words, and the Findings that come of it."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from improver.analyze import analyze
from improver.answers.findings import FindingRow
from improver.config import Settings

START = datetime(2026, 11, 16, 12, tzinfo=UTC)

_ids = itertools.count(1)


@dataclass
class Trace:
    """One request to a route; spans below it are added one after the other unless they say when they begin."""

    route: str = "/orders"
    service: str = "shop"
    at: float = 0.0  # seconds after START
    user: str = ""
    release: str = ""
    kind: int = 2  # of the whole: a server's; 1 is a job that nobody waits for
    failed: bool = False
    answered: int = 200
    spans: list[dict] = field(default_factory=list)
    now_ms: float = 1.0

    def __post_init__(self) -> None:
        self.id = f"{next(_ids):032x}"
        self.root = f"{next(_ids):016x}"

    def span(
        self,
        name: str,
        ms: float,
        *,
        kind: int = 3,
        begin_ms: float | None = None,
        parent: str = "",
        failed: bool = False,
        **attributes: object,
    ) -> str:
        begin = self.now_ms if begin_ms is None else begin_ms
        self.now_ms = max(self.now_ms, begin + ms) + 0.5
        span_id = f"{next(_ids):016x}"
        self.spans.append(self._span(span_id, parent or self.root, name, kind, begin, ms, attributes, failed))
        return span_id

    def query(self, statement: str, ms: float, **more: object) -> str:
        return self.span("query", ms, **{"db.system.name": "postgresql", "db.query.text": statement}, **more)

    def call(self, method: str, url: str, ms: float, **more: object) -> str:
        return self.span(method, ms, **{"http.request.method": method, "url.full": url}, **more)

    def request(self) -> dict:
        served = {
            "http.request.method": "GET", "http.route": self.route, "http.response.status_code": self.answered,
        }  # fmt: skip
        said = {"user.id": self.user, **(served if self.kind == 2 else {})}
        whole = self._span(self.root, "", f"GET {self.route}", self.kind, 0, self.now_ms + 1, said, self.failed)
        resource = {"attributes": _pairs({"service.name": self.service, "service.version": self.release})}
        return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [whole, *self.spans]}]}]}

    def _span(
        self, span_id: str, parent: str, name: str, kind: int, begin: float, ms: float, attributes: dict, failed: bool
    ) -> dict:
        start = int((START.timestamp() + self.at) * 1e9 + begin * 1e6)
        return {
            "traceId": self.id, "spanId": span_id, "parentSpanId": parent, "name": name, "kind": kind,
            "startTimeUnixNano": str(start), "endTimeUnixNano": str(int(start + ms * 1e6)),
            "attributes": _pairs(attributes), "status": {"code": 2} if failed else {},
        }  # fmt: skip


@dataclass
class Page:
    """A transaction as Sentry's SDKs send it: a page that a browser opened, unless `op` says something else."""

    route: str = "/orders"
    op: str = "pageload"
    at: float = 0.0
    measurements: dict = field(default_factory=dict)
    spans: list[dict] = field(default_factory=list)
    now_ms: float = 1.0

    def __post_init__(self) -> None:
        self.id, self.root = f"{next(_ids):032x}", f"{next(_ids):016x}"

    def span(self, op: str, description: str, ms: float, status: str = "ok", **data: object) -> None:
        self.spans.append({
            "trace_id": self.id, "span_id": f"{next(_ids):016x}", "parent_span_id": self.root, "op": op,
            "status": status, "description": description, "data": data,
            "start_timestamp": self._moment(self.now_ms), "timestamp": self._moment(self.now_ms + ms),
        })  # fmt: skip
        self.now_ms += ms + 0.5

    def request(self) -> dict:
        return {
            "type": "transaction", "event_id": f"{next(_ids):032x}", "transaction": self.route,
            "platform": "javascript", "start_timestamp": self._moment(0), "timestamp": self._moment(self.now_ms + 1),
            "contexts": {"trace": {"trace_id": self.id, "span_id": self.root, "op": self.op, "status": "ok"}},
            "measurements": {name: {"value": ms, "unit": "millisecond"} for name, ms in self.measurements.items()},
            "spans": self.spans,
        }  # fmt: skip

    def _moment(self, ms: float) -> float:
        return START.timestamp() + self.at + ms / 1000


def _pairs(attributes: dict) -> list[dict]:
    return [{"key": key, "value": _value(value)} for key, value in attributes.items()]


def _value(value: object) -> dict:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def findings(folder: Path, collector: str, records: list[dict], **settings: object) -> list[FindingRow]:
    """What `improver analyze` finds in these records."""
    file = folder / "records.jsonl"
    file.write_text("\n".join(json.dumps(record) for record in records))
    return list(analyze(Settings(data_dir=folder / "data", **settings), [file], collector).findings)


def of_traces(folder: Path, *traces: Trace, **settings: object) -> list[FindingRow]:
    return findings(folder, "otlp", [trace.request() for trace in traces], **settings)


def of_pages(folder: Path, *pages: Page, **settings: object) -> list[FindingRow]:
    return findings(folder, "sentry", [page.request() for page in pages], **settings)


def patterns(found: list[FindingRow]) -> list[str]:
    return [row.pattern for row in found]
