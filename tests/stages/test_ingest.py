"""Spool → Warehouse: what is digested at once is bounded by what it is once decompressed."""

import gzip

from improver.model import Payload
from improver.spool import Position
from improver.stages import ingest
from tests.world import NOW

MIB = 1 << 20


def read(*bodies, encoding="gzip"):
    payloads = (
        Payload(id=str(n), collector="otlp", path="/v1/logs", received_at=NOW, body=body, content_encoding=encoding)
        for n, body in enumerate(bodies)
    )
    return [(Position(1, number), payload) for number, payload in enumerate(payloads, 1)]


def test_small_payloads_that_are_large_once_decompressed_are_digested_a_few_at_a_time():
    swollen = gzip.compress(b" " * (12 * MIB), 1)
    assert len(swollen) < MIB / 10
    assert len(ingest.portion(read(*[swollen] * 9))) == 2
    assert len(ingest.portion(read(swollen, b"damaged", *[b"x"] * 50))) == 52


def test_a_payload_that_is_too_large_for_all_is_digested_alone():
    bomb = gzip.compress(b" " * (100 * MIB), 1)
    assert len(ingest.portion(read(bomb, bomb))) == 1
    assert ingest.portion([]) == []


def test_plain_payloads_go_together():
    assert len(ingest.portion(read(*[b"x" * 1000] * 500, encoding=""))) == 500
