# ruff: noqa: E501 - samples are as long as they are
"""What each decoder is given first: what real clients sent, and one of each kind that they did not."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from bench.fuzz import mutate
from bench.fuzz.collecting import NOW
from bench.fuzz.mutate import ENCODINGS, plain_of
from bench.fuzz.samples import ROOT, Sample, recorded
from improver.model import Payload
from improver.spool.segment import MAGIC, encode

Samples = Sequence[Sample]
FIXTURES = ROOT / "tests/fixtures"
JSON = {"content-type": "application/json"}

PYTHON = """Traceback (most recent call last):
  File "/srv/shop/shop.py", line 6, in average
    return total(prices) / len(prices)
           ~~~~~~~~~~~~~~^~~~~~~~~~~~~
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/app.py", line 20, in view
    raise shop.Failed("no average") from None
shop.errors.Failed: no average
"""
NODE = """TypeError: Cannot read properties of undefined (reading 'price')
    at total (/srv/shop/cart.js:12:20)
    at async Promise.all (index 0)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  [cause]: Error: inner
      at Object.<anonymous> (/srv/shop/index.js:1:7)
}
"""
JAVA = """Exception in thread "main" java.lang.IllegalStateException: no cart
\tat com.example.shop.Cart.total(Cart.java:42)
\tat java.base/java.lang.Thread.run(Thread.java:1583)
Caused by: java.lang.NullPointerException: price
\tat com.example.shop.Price.of(Price.java:7)
\t... 1 more
"""
GO = """panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.total(0xc000012345, 0x3)
\t/srv/shop/main.go:12 +0x1d
created by main.main in goroutine 1
\t/srv/shop/main.go:30 +0x25
exit status 2
"""
RUBY = """/srv/shop/cart.rb:12:in `total': undefined method `price' for nil:NilClass (NoMethodError)
\tfrom /srv/shop/cart.rb:20:in `block in all'
\tfrom /srv/shop/main.rb:3:in '<main>'
"""
DOTNET = """System.InvalidOperationException: no cart
   at Shop.Cart.Total() in /srv/shop/Cart.cs:line 12
 ---> System.ArgumentNullException: price
   at Shop.Price.Of(String text)
"""
PHP = "PHP Fatal error: Uncaught Exception: no cart in /srv/cart.php:3\nStack trace:\n#0 /srv/a.php(12): total()\n#1 {main}\n"
STACKS = (PYTHON, NODE, JAVA, GO, RUBY, DOTNET, PHP)
LINES = (
    '2026-11-21 12:00:00,123 ERROR shop.cart: failed\n{stack}2026-11-21 12:00:01,000 INFO shop.cart: next\n',
    '{{"time":"2026-11-21T12:00:00Z","level":"error","msg":"failed","trace_id":"{trace}","exc_info":{quoted}}}\n',
    'time="2026-11-21T12:00:00Z" level=error msg="failed \\"a\\"" service=shop err={quoted}\n',
    '{{"__REALTIME_TIMESTAMP":"1795262400000000","PRIORITY":"3","MESSAGE":{quoted},"_SYSTEMD_UNIT":"shop.service"}}\n',
    "2026-11-21T12:00:00.1234567Z ##[group]Run pytest\n2026-11-21T12:00:01.1Z ##[error]Process completed with exit code 1.\n{stack}",
    "::error file=shop.py,line=6,col=1::division by zero\n{stack}",
    '127.0.0.1 - - [21/Nov/2026:12:00:00 +0000] "GET /cart HTTP/1.1" 500 12 "-" "curl"\nNov 21 12:00:00 vm shop[12]: {stack}',
)  # fmt: skip
REPORT = """<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="1" failures="1" timestamp=
"2026-11-21T12:00:00"><testcase classname="tests.test_shop" name="test_average" file="tests/test_shop.py" line="4"
 time="0.1"><failure message="ZeroDivisionError: division by zero">def test_average():
&gt;       assert average([]) == 0

tests/test_shop.py:8:
_ _ _ _
shop.py:6: ZeroDivisionError</failure><system-out><![CDATA[{stack}]]></system-out></testcase>
<testcase name="b"><error type="java.lang.IllegalStateException" message="no cart">{escaped}</error></testcase></testsuite>
</testsuites>"""


@cache
def otlp() -> Samples:
    headers = {"content-type": "application/json"}
    said = [{"key": "exception.stacktrace", "value": {"stringValue": PYTHON}}, {"key": "event.name", "value": {
        "stringValue": "claude_code.tool_result"}}, {"key": "tool_input", "value": {"stringValue": '{"a": 1}'}}]  # fmt: skip
    nested = {"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{"bytesValue": "AA=="}]}}}]}}
    log = {"timeUnixNano": "1795262400000000000", "severityText": "ERROR", "body": nested, "attributes": said}
    point = {"asDouble": 1.5, "timeUnixNano": "1795262400000000000", "attributes": said, "exemplars": [{"asInt": "1"}]}
    histogram = {**point, "count": "2", "sum": 3, "bucketCounts": ["1", "1"], "explicitBounds": [1], "min": 1}
    metrics = [{"name": "m", kind: {"dataPoints": [histogram], "aggregationTemporality": 2}}
               for kind in ("gauge", "sum", "histogram", "exponentialHistogram", "summary")]  # fmt: skip
    made = {
        "/v1/logs": {"resourceLogs": [{"resource": {"attributes": said}, "scopeLogs": [{"logRecords": [log]}]}]},
        "/v1/metrics": {"resourceMetrics": [{"scopeMetrics": [{"scope": {"name": "s"}, "metrics": metrics}]}]},
    }
    return (*recorded("otel-"), *(_json(value, "POST", path, headers) for path, value in made.items()))


@cache
def sentry() -> Samples:
    found = recorded("sentry-")
    stores = (sample for sample in map(_as_store, found) if sample)
    return (*found, *stores)


@cache
def posthog() -> Samples:
    return recorded("posthog-")


@cache
def feedback() -> Samples:
    record = {"goal": "export", "attempted": "the button", "blocker": "nothing", "suggestion": "say why", "calls_wasted": 3,
              "at": "2026-11-21T12:00:00Z", "about": "/cart", "id": "a1", "suggested_improvement": "x"}  # fmt: skip
    form = Sample(
        method="POST", path="/feedback?key=k", headers={"content-type": "application/x-www-form-urlencoded"},
        body=b"goal=export&said=it+fails%21&calls_wasted=2",
    )  # fmt: skip
    return (_json(record, "POST", "/feedback", JSON), form, replace(form, headers={"content-type": "text/plain"}))


@cache
def crash() -> Samples:
    common = {"version": 1, "time": "2026-11-21T12:00:00Z", "service": "shop", "run": "r1", "release": "1.0"}
    frame = {"file": "/srv/shop/shop.py", "line": 6, "function": "average", "module": "shop", "code": "return 1 / 0"}
    link = {"type": "shop.Failed", "value": "no average", "frames": [frame]}
    fatal = 'Fatal Python error: Segmentation fault\n\nCurrent thread 0x00007f (most recent call first):\n  File "a.py", line 3 in f\n'
    made = [
        {**common, "kind": "python", "type": "ZeroDivisionError", "value": "division by zero", "chain": [link, link]},
        {**common, "kind": "exit", "exit_code": 1, "stderr_tail": PYTHON},
        {**common, "kind": "signal", "signal": 11, "faulthandler": fatal},
        {**common, "kind": "run", "phase": "started"},
    ]
    return tuple(_json(record) for record in made)


@cache
def logs() -> Samples:
    filled = (
        line.format(stack=stack, quoted=json.dumps(stack), trace="0af7651916cd43dd8448eb211c80319c")
        for line in LINES
        for stack in STACKS
    )
    return tuple(Sample(body=text.encode()) for text in (*filled, *STACKS))


@cache
def reports() -> Samples:
    return tuple(Sample(body=REPORT.format(stack=one, escaped=one.replace("<", "&lt;")).encode()) for one in STACKS)


@cache
def transcripts() -> Samples:
    return tuple(Sample(body=path.read_bytes()) for path in sorted((FIXTURES / "transcripts").glob("*.jsonl")))


@cache
def sentry_api() -> Samples:
    entry = {"type": "exception", "data": {"values": [{"type": "E", "value": "v", "stacktrace": {"frames": [
        {"filename": "shop.py", "function": "f", "module": "shop", "lineNo": 6, "context": [[6, "x"]]}]}}]}}  # fmt: skip
    event = {"id": "1", "eventID": "1", "groupID": "1", "type": "error", "dateCreated": "2026-11-21T11:00:00Z",
             "dateReceived": "2026-11-21T11:00:00Z", "platform": "python", "title": "E: v", "user": {"id": "u1"},
             "tags": [{"key": "level", "value": "error"}], "entries": [entry], "contexts": {}, "projectSlug": "shop"}  # fmt: skip
    link = '<https://sentry.io/api/0/?&cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0"'
    issues = [200, {"link": link}, [{"id": "1", "project": {"slug": "shop"}}]]
    limited = [429, {"retry-after": "30", "x-sentry-rate-limit-reset": "1795262500"}, {"detail": "slow down"}]
    return (_json([issues, [200, {}, [event, event]]]), _json([issues, limited]), _json(event))


@cache
def posthog_api() -> Samples:
    properties = {"$exception_list": [{"type": "E", "value": "v", "stacktrace": {"frames": [{"filename": "a.js"}]}}],
                  "$session_id": "s", "$current_url": "https://a/b", "$lib": "web"}  # fmt: skip
    row = [
        "id1",
        "$exception",
        "u1",
        json.dumps(properties),
        'a:href="/"nth-child="1";div',
        1795262400000,
        1795262400000,
    ]
    names = ("id", "event", "distinct_id", "properties", "elements_chain", "happened_ms", "taken_ms")
    return (
        _json([[200, {}, {"results": [row, row]}], [429, {"retry-after": "9"}, {}]]),
        _json(dict(zip(names, row, strict=True))),
        *(Sample(body=_row(plain_of(sample))) for sample in posthog()[:40]),
    )


@cache
def compressed() -> Samples:
    whole = b"".join(plain_of(sample) for sample in recorded("sentry-python")[:3])
    return tuple(
        Sample(body=mutate.compressed(whole, name), headers={"content-encoding": name}) for name in ENCODINGS[:6]
    )


@cache
def values() -> Samples:
    found = [sample for sample in (*sentry(), *posthog()) if plain_of(sample)]
    secrets = {
        "password": "x",
        "headers": [["Cookie", "a=b"]],
        "said": "Bearer abcdefghijkl 4111 1111 1111 1111 a@b.example",
    }
    return (
        _json(secrets),
        *(Sample(body=line) for sample in found[::3] for line in plain_of(sample).split(b"\n") if line),
    )


@cache
def errors() -> Samples:
    frames = [
        {"filename": "shop.py", "module": "shop", "function": f"f{n}.<locals>.<lambda>", "lineno": n} for n in range(3)
    ]
    raised = {
        "type": "E",
        "value": "user 12 at 2026-11-21T12:00:00Z from 10.0.0.1: a@b.example x=1.5 y='z'",
        "frames": frames,
    }
    return (_json({"raised": [raised, raised], "message": "m 1", "client_fingerprint": ["{{ default }}", "a"]}),)


@cache
def schedules() -> Samples:
    zones = ("Europe/Berlin", "UTC", "America", "../../etc/passwd", "")
    texts = ("0 3 * * mon", "*/5 1-3 1,15 jan-dec 0-7", "10 minute", "@daily", "0 0 30 2 *")
    return tuple(_json({"text": text, "timezone": zone}) for text, zone in zip(texts, zones, strict=True))


@cache
def maps() -> Samples:
    whole = (FIXTURES / "sourcemaps/bundle/shop.min.js.map").read_bytes()
    parts = {"version": 3, "sections": [{"offset": {"line": n, "column": 0}, "map": json.loads(whole)} for n in (0, 7)]}
    return (Sample(body=whole), _json(parts), Sample(body=b")]}'\n" + whole))


@cache
def calls() -> Samples:
    remark = {"goal": "g", "blocker": "b", "calls_wasted": 2, "about": "tool", "said": "s", "user": "u", "target": ""}
    told: tuple[tuple[str, dict[str, object]], ...] = (("feedback", remark), ("finding", {"id": "x"}), ("findings", {"status": "open", "target": ""}), ("status", {}),
            ("report", {"days": 7}))  # fmt: skip
    return tuple(_json({"name": name, "arguments": arguments}) for name, arguments in told)


@cache
def segments() -> Samples:
    payloads = [
        Payload(id=str(n), collector="otlp", path="/v1/logs", received_at=NOW, body=b"x" * n) for n in (0, 9, 300)
    ]
    return (Sample(body=MAGIC + b"".join(map(encode, payloads))), Sample(body=MAGIC + b"\0" * 64))


def _json(value: object, method: str = "", path: str = "", headers: dict[str, str] | None = None) -> Sample:
    return Sample(body=json.dumps(value).encode(), method=method, path=path, headers=headers or {})


def _as_store(sample: Sample) -> Sample | None:
    """The event of an envelope, as older clients send it."""
    for line in _objects(plain_of(sample)):
        if "exception" in line:
            return _json(line, "POST", "/api/42/store/", {"content-type": "application/json"})
    return None


def _row(plain: bytes) -> bytes:
    record = next(iter(_objects(plain.partition(b"\n")[0])), {})
    batch = record.get("batch")
    event = batch[0] if isinstance(batch, list) and batch else record
    return json.dumps(
        {"id": "1", "event": event.get("event"), "properties": event.get("properties"), "taken_ms": 1}
    ).encode()


def _objects(plain: bytes) -> Iterator[dict[str, object]]:
    for line in plain.split(b"\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record
