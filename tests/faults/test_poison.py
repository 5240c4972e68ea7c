"""One Payload that nobody can understand, among good ones: it alone is set aside, whole."""

import gzip

import pytest

from improver import pipeline
from improver.opening import owned_runtime
from tests.faults import data_folder as data

OTLP = {"collector": "otlp", "path": "/v1/traces", "content_type": "application/x-protobuf"}
JSON = {"collector": "otlp", "path": "/v1/traces", "content_type": "application/json"}
POSTHOG = {"collector": "posthog", "path": "/batch/"}
SENTRY = {"path": "/api/1/envelope/"}

POISON = {
    "garbage for JSON": (b"\x00\xff{]", {}),
    "half of a JSON text": (b'{"event_id": "', {}),
    "a number for an event": (b"17", {}),
    "half of a gzip stream": (gzip.compress(b"{}" * 9999)[:-30], {"content_encoding": "gzip"}),
    "an unknown encoding": (b"{}", {"content_encoding": "rot13"}),
    "garbage for protobuf": (b"\xff\xff\xff\x07garbage", OTLP),
    "half of a span": (b"\x0a\x7f\x0a", OTLP),
    "half of OTLP/JSON": (b'{"resourceSpans": [', JSON),
    "half of a batch": (b'{"api_key": "k", "batch": [{"event": "a"', POSTHOG),
    "nesting without end": (b'{"a":' * 5000 + b"1" + b"}" * 5000, {}),
    "an envelope of nothing": (b"\n\n\n", SENTRY),
    "a Collector that is gone": (b"{}", {"collector": "gone", "path": "/gone"}),
}


@pytest.mark.parametrize("what", POISON)
def test_a_poison_payload_costs_its_neighbours_nothing(tmp_path, what):
    body, about = POISON[what]
    poison = data.payload(99, body, **about)
    with owned_runtime(data.settings(tmp_path)) as runtime:
        runtime.spool.append_now([data.payload(1), data.payload(2), poison, data.payload(3)])
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1, 2, 3)
        aside = [row["payload_id"] for row in runtime.warehouse.telemetry.rows("select payload_id from quarantine")]
        left_out = runtime.warehouse.telemetry.value("select coalesce(sum(items), 0) from rejections")
        assert [runtime.quarantine.get(one) for one in aside] == [poison] or (not aside and left_out == 1)
        data.ack(runtime, 4)
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1, 2, 3, 4), "and it holds up nothing that comes later"
