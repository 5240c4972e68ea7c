"""What OTLP's spans, logs and data points mean, under the old names and the new."""

import math

import pytest

from improver.model import ErrorEvent, LogEvent, MetricEvent, SpanEvent
from tests.collectors.otlp_requests import (
    SECOND,
    STARTED,
    TRACE,
    decoded,
    logs,
    metrics,
    of,
    pairs,
    record,
    span,
    traces,
)
from tests.ingest import NOW

REMOTE = 0x300
STACK = (
    'Traceback (most recent call last):\n  File "/srv/shop/cart.py", line 7, in pay\n    1 / 0\nZeroDivisionError: no\n'
)


def spans(*found, **more):
    return {event.span_id[-1]: event for event in of(SpanEvent, traces(*found, **more))}


def thrown(**attributes):
    named = {f"exception.{name}": value for name, value in attributes.items()}
    return {"name": "exception", "timeUnixNano": str(STARTED), "attributes": pairs(named)}


# Spans.


@pytest.mark.parametrize(
    ("resource", "attributes", "field", "said"),
    [
        ({"deployment.environment": "old"}, {}, "environment", "old"),
        ({"deployment.environment": "old", "deployment.environment.name": "new"}, {}, "environment", "new"),
        ({"service.version": "v7"}, {}, "release", "v7"),
        ({"service.name": "cart"}, {}, "service", "cart"),
        ({}, {"enduser.id": "u1"}, "user", "u1"),
        ({}, {"enduser.id": "old", "user.id": "new"}, "user", "new"),
        ({"session.id": "s1"}, {}, "session", "s1"),
        ({"session.id": "s1"}, {"session.id": "s2"}, "session", "s2"),
    ],
)
def test_who_and_where_is_said_by_the_item_or_by_its_resource(resource, attributes, field, said):
    (event,) = of(SpanEvent, traces(span(attributes=attributes), resource=resource))
    assert getattr(event, field) == said


def test_roots_are_what_entered_the_service():
    found = spans(
        span(1, kind=2, name="GET"),
        span(2, parent=1),
        span(3, parent=99, kind=2, name="POST"),
        span(4, parent=98, kind=5, name="orders process"),
        span(5, parent=97),
        span(6, parent=96, flags=REMOTE),
        span(7, name="cron"),
    )
    assert {number for number, event in found.items() if event.root} == {"1", "3", "4", "6", "7"}


@pytest.mark.parametrize(
    ("attributes", "route"),
    [
        ({"http.route": "/pay/{id}"}, "/pay/{id}"),
        ({"url.template": "/pay/:id", "url.path": "/pay/17"}, "/pay/:id"),
        ({"rpc.service": "shop.Cart", "rpc.method": "Pay"}, "shop.Cart/Pay"),
        ({"messaging.destination.name": "orders"}, "orders"),
        ({"http.target": "/pay/17?x=1"}, "GET"),
    ],
)
def test_a_route_is_a_template_and_never_an_address(attributes, route):
    assert spans(span(1, kind=2, name="GET", attributes=attributes))["1"].route == route


def test_what_happens_below_has_the_route_that_was_entered_by():
    found = spans(
        span(3, parent=2, name="SELECT", kind=3, attributes={"db.system": "sqlite"}),
        span(2, parent=1),
        span(1, kind=2, name="GET", attributes={"http.route": "/pay"}),
        span(4, parent=3, kind=3, attributes={"http.route": "/theirs", "http.request.method": "GET"}),
        span(5, parent=55),
    )
    assert {number: event.route for number, event in found.items()} == {
        "1": "/pay", "2": "/pay", "3": "/pay", "4": "/pay", "5": "",
    }  # fmt: skip


def test_spans_in_a_circle_belong_nowhere():
    found = spans(span(1, parent=2), span(2, parent=1), span(3, parent=3))
    assert {(event.route, event.root) for event in found.values()} == {("", False)}


@pytest.mark.parametrize(
    ("kind", "attributes", "op"),
    [
        (2, {"http.method": "GET"}, "http.server"),
        (3, {"http.request.method": "GET"}, "http.client"),
        (3, {"db.system": "postgresql"}, "db"),
        (3, {"db.system.name": "postgresql"}, "db"),
        (4, {"messaging.system": "kafka"}, "queue.publish"),
        (5, {"messaging.system": "kafka"}, "queue.process"),
        (2, {"rpc.system": "grpc"}, "rpc.server"),
        (3, {"gen_ai.operation.name": "chat"}, "gen_ai.chat"),
        (3, {"mcp.method.name": "tools/call"}, "mcp.tools/call"),
        (1, {}, ""),
    ],
)
def test_an_operation_is_named_for_what_it_is(kind, attributes, op):
    assert spans(span(1, kind=kind, attributes=attributes))["1"].op == op


@pytest.mark.parametrize(
    ("status", "attributes", "said"),
    [
        ({}, {}, ""),
        ({"code": 1}, {}, "ok"),
        ({"code": 2}, {}, "error"),
        ({}, {"http.status_code": 503}, "error"),
        ({}, {"http.response.status_code": 500}, "error"),
        ({}, {"http.response.status_code": 404}, "not_found"),
        ({}, {"http.response.status_code": 422}, "invalid_argument"),
        ({"code": 1}, {"http.response.status_code": 422}, "ok"),
        ({}, {"http.response.status_code": 302}, ""),
    ],
)
def test_a_status_is_the_spans_own_or_its_responses(status, attributes, said):
    assert spans(span(1, status=status, attributes=attributes))["1"].status == said


def test_a_clock_that_is_ahead_counts_as_ours_and_a_duration_is_never_negative():
    late = str(STARTED + 3600 * SECOND)
    (event,) = of(SpanEvent, traces(span(startTimeUnixNano=late)))
    assert (event.occurred_at, event.duration_ms) == (NOW, 0.0)
    (event,) = of(SpanEvent, traces(span(startTimeUnixNano=str(2**64 - 1), endTimeUnixNano="0")))
    assert event.occurred_at == NOW


def test_attributes_keep_their_shape():
    shapes = {"a": ["x", 1, 2.5, True], "k": {"inner": {"deep": [{"x": 1}]}}, "n": -7, "empty": []}
    (event,) = of(SpanEvent, traces(span(attributes=shapes, links=[{"traceId": TRACE, "spanId": "01" * 8}])))
    assert event.data["attributes"] == shapes
    assert event.data["links"] == [{"trace_id": TRACE, "span_id": "01" * 8}]


def test_bytes_and_nothing_are_values_too():
    odd = [
        {"key": "b", "value": {"bytesValue": "AAH/"}},
        {"key": "nothing"},
        {"key": "nan", "value": {"doubleValue": "NaN"}},
    ]
    (event,) = of(SpanEvent, traces(span(attributes=None) | {"attributes": odd}))
    found = event.data["attributes"]
    assert (found["b"], found["nothing"], math.isnan(found["nan"])) == ("AAH/", None, True)


# Exceptions.


def test_an_exception_of_a_span_is_an_error_in_its_trace():
    raised = thrown(type="shop.errors.ZeroDivisionError", message="no", stacktrace=STACK)
    other = {"name": "cache miss", "attributes": pairs({"key": "k"})}
    resource = {"service.name": "shop", "telemetry.sdk.language": "nodejs"}
    request = traces(
        span(1, kind=2, attributes={"http.route": "/pay", "user.id": "u1"}, events=[other, raised]), resource=resource
    )
    (error,) = of(ErrorEvent, request)
    assert (error.trace_id, error.span_id, error.route, error.user) == (TRACE, f"{1:016x}", "/pay", "u1")
    assert (error.raised[0].type, error.raised[0].value, error.platform) == ("ZeroDivisionError", "no", "node")
    assert [frame.function for frame in error.raised[0].frames] == ["pay"]
    assert error.data["around"]["http.route"] == "/pay"
    (event,) = of(SpanEvent, request)
    assert event.data["events"] == [{"name": "cache miss", "attributes": {"key": "k"}}]


def test_exceptions_of_one_span_are_told_apart():
    errors = of(ErrorEvent, traces(span(1, events=[thrown(type="A"), thrown(type="B")])))
    assert len({error.client_id for error in errors}) == 2


@pytest.mark.parametrize(
    ("escaped", "handled"), [("True", False), ("true", False), (True, False), ("False", True), (None, True)]
)
def test_an_exception_that_escaped_was_not_handled(escaped, handled):
    said = {} if escaped is None else {"escaped": escaped}
    (error,) = of(ErrorEvent, traces(span(1, events=[thrown(type="A", **said)])))
    assert error.handled is handled


def test_a_log_with_an_exception_is_both_a_line_and_an_error():
    attributes = {
        "exception.type": "KeyError",
        "exception.message": "'x'",
        "exception.stacktrace": STACK,
        "user.id": "u",
    }
    found = record("it broke", severityNumber=21, traceId=TRACE, spanId="ab" * 8, attributes=attributes)
    line, error = decoded(logs(found, resource={"service.name": "shop"})).events
    assert (type(line), type(error)) == (LogEvent, ErrorEvent)
    assert (error.level, error.message, error.user, error.trace_id) == ("fatal", "it broke", "u", TRACE)
    assert error.raised[0].type == "KeyError"


# Logs.


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({"severityNumber": 13}, 13),
        ({"severityNumber": "SEVERITY_NUMBER_ERROR"}, 17),
        ({"severityText": "WARNING"}, 13),
        ({"severityText": "critical"}, 21),
        ({"severityText": "verbose"}, 9),
        ({"severityNumber": 99}, 9),
        ({}, 9),
    ],
)
def test_a_severity_is_a_number_or_a_word(more, severity):
    (line,) = of(LogEvent, logs(record(**more)))
    assert line.severity == severity


def test_a_body_may_be_an_object():
    (line,) = of(LogEvent, logs(record({"b": [1, {"c": True}], "a": "x"})))
    assert line.body == '{"a":"x","b":[1,{"c":true}]}'
    assert line.data["body"] == {"a": "x", "b": [1, {"c": True}]}


def test_ids_of_a_wrong_length_are_as_good_as_none():
    (line,) = of(LogEvent, logs(record(traceId="abcd", spanId="ab")))
    assert (line.trace_id, line.span_id) == ("", "")


def test_an_observed_time_stands_in_for_the_missing_one():
    (line,) = of(LogEvent, logs(record() | {"timeUnixNano": "0", "observedTimeUnixNano": str(STARTED)}))
    assert line.occurred_at.timestamp() * SECOND == STARTED


def test_what_exporters_say_about_themselves_is_counted_and_dropped():
    batch = decoded(logs(record(), record(), scope="opentelemetry.exporter.otlp.proto.grpc.exporter"))
    assert (batch.events, batch.rejected) == ((), {"exporter_log": 2})


# Metrics.


def point(**more):
    return {"timeUnixNano": str(STARTED), "attributes": pairs({"plan": "free"}), **more}


def test_numbers_come_as_they_are():
    found = of(
        MetricEvent,
        metrics(
            {"name": "up", "gauge": {"dataPoints": [point(asInt="3"), point(asDouble=0.5)]}},
            {"name": "orders", "sum": {"dataPoints": [point(asInt="-2")], "aggregationTemporality": 1}},
            {"name": "nothing", "gauge": {"dataPoints": [point(flags=1)]}},
            {"name": "empty"},
        ),
    )
    assert [(one.name, one.aspect, one.value) for one in found] == [
        ("up", "value", 3.0), ("up", "value", 0.5), ("orders", "value", -2.0),
    ]  # fmt: skip
    assert found[2].data["temporality"] == "delta"


def test_distributions_come_by_their_aspects():
    exponential = point(count="4", sum=10.0, scale=2, positive={"bucketCounts": ["4"]})
    summary = point(
        count="4", sum=10.0, quantileValues=[{"quantile": 0.5, "value": 2.0}, {"quantile": 0.99, "value": 9.0}]
    )
    found = of(
        MetricEvent,
        metrics(
            {"name": "h", "histogram": {"dataPoints": [point(count="2", sum=3.0, max=2.0)]}},
            {"name": "e", "exponentialHistogram": {"dataPoints": [exponential]}},
            {"name": "s", "summary": {"dataPoints": [summary]}},
        ),
    )
    assert [(one.name, one.aspect, one.value) for one in found] == [
        ("h", "count", 2.0), ("h", "sum", 3.0), ("h", "max", 2.0),
        ("e", "count", 4.0), ("e", "sum", 10.0),
        ("s", "count", 4.0), ("s", "sum", 10.0), ("s", "p50", 2.0), ("s", "p99", 9.0),
    ]  # fmt: skip


def test_what_is_no_number_is_left_out():
    batch = decoded(
        metrics({"name": "m", "gauge": {"dataPoints": [point(asDouble="NaN"), point(asDouble="Infinity")]}})
    )
    assert (batch.events, batch.rejected) == ((), {"not_finite": 2})
