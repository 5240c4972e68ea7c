"""The telemetry that is measured with: reproducible, every id unique, and of the size that it says."""

import gzip
import json

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench import generate
from bench.generate.variety import ROUTES, STACKS, failure, route

SENDER = generate.Sender(key="k" * 32)
NOW_NS = 1_795_000_000_000_000_000


def made(name, seed=1, requests=3, items=None):
    source = generate.source(name, SENDER, seed, items)
    return [source.make(NOW_NS) for _ in range(requests)]


@pytest.mark.parametrize("name", generate.FORMATS)
def test_the_same_seed_makes_the_same_and_another_one_shares_no_id(name):
    assert made(name, items=8) == made(name, items=8)
    ids = [one for seed in (1, 2) for request in made(name, seed, items=8) for one in request.ids]
    assert len(set(ids)) == len(ids) > 5


def test_a_span_takes_about_500_bytes_and_carries_its_ids():
    [request] = made("otlp", requests=1)
    spans = ExportTraceServiceRequest.FromString(request.body).resource_spans[0].scope_spans[0].spans
    assert 480 < len(request.body) / len(spans) < 540
    assert tuple((span.trace_id + span.span_id).hex() for span in spans) == request.ids
    assert all(0 < span.end_time_unix_nano - span.start_time_unix_nano < 10**10 for span in spans)
    known = {span.span_id for span in spans} | {b""}
    assert all(span.parent_span_id in known for span in spans)


def test_an_error_takes_about_20_kb_before_it_is_compressed():
    [request] = made("sentry", requests=1)
    header, item, event, _ = gzip.decompress(request.body).split(b"\n")
    assert json.loads(item)["length"] == len(event)
    assert 19_000 < len(event) < 22_000
    assert json.loads(event)["event_id"] == json.loads(header)["event_id"] == request.ids[0]


def test_usage_is_a_batch_of_events():
    [request] = made("posthog", requests=1)
    batch = json.loads(request.body)["batch"]
    assert tuple(event["uuid"] for event in batch) == request.ids
    assert {event["event"] for event in batch} >= {"$pageview", "$autocapture"}


def test_routes_and_causes_are_as_many_as_is_said():
    assert len({route(number) for number in range(ROUTES)}) == ROUTES
    assert len({failure(number).places for number in range(STACKS)}) == STACKS
