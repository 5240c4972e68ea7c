"""Spool → Warehouse: what is digested at once is bounded by what it is once decompressed."""

import gzip

import pytest

from improver.model import Payload
from improver.runtime import Kinds
from improver.spool import Position
from improver.stages import ingest
from improver.warehouse import database
from tests import world
from tests.world import NOW

MIB = 1 << 20


def read(*bodies, encoding="gzip"):
    payloads = (
        Payload(id=str(n), collector="otlp", path="/v1/logs", received_at=NOW, body=body, content_encoding=encoding)
        for n, body in enumerate(bodies)
    )
    return [(Position(1, number), payload) for number, payload in enumerate(payloads, 1)]


def sizes(*bodies, encoding="gzip"):
    """How many Payloads are digested at once, time after time."""
    found = list(ingest.portions(together := read(*bodies, encoding=encoding)))
    assert [one for portion in found for one in portion] == together
    return [len(portion) for portion in found]


def test_small_payloads_that_are_large_once_decompressed_are_digested_a_few_at_a_time():
    swollen = gzip.compress(b" " * (6 * MIB), 1)
    assert len(swollen) < MIB / 20
    assert sizes(*[swollen] * 9) == [2, 2, 2, 2, 1]
    assert sizes(swollen, b"damaged", *[b"x"] * 50) == [52]


def test_a_payload_that_is_too_large_for_all_is_digested_alone():
    bomb = gzip.compress(b" " * (100 * MIB), 1)
    small = gzip.compress(b"x")
    assert sizes(small, bomb, bomb, small) == [1, 1, 1, 1]
    assert sizes() == []


def test_plain_payloads_go_together():
    assert sizes(*[b"x" * 1000] * 500, encoding="") == [500]


@pytest.fixture
def runtime(tmp_path):
    settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
    with world.opened(settings, world.Clock(NOW)) as opened:
        yield opened


def asked(runtime):
    """At once, or soon; and forgets it."""
    found = runtime.wake.is_set(), runtime.more.is_set()
    runtime.wake.clear()
    runtime.more.clear()
    return found


def test_a_pass_is_asked_for_at_once_for_a_new_kind_of_error_and_soon_for_more_of_it(runtime):
    world.send(runtime, "", world.error("r1"))
    assert asked(runtime) == (True, False)
    world.send(runtime, "", world.error("r1", user="u2"))
    assert asked(runtime) == (False, True)
    other = world.error("r1", value="list index out of range")
    other["exception"]["values"][0]["type"] = "IndexError"
    world.send(runtime, "", world.error("r1"), other)
    assert asked(runtime) == (True, False)


def test_kinds_are_forgotten_rather_than_kept_without_end():
    kinds = Kinds(limit=3)
    assert kinds.are_new([("a",), ("b",)])
    assert not kinds.are_new([("a",)])
    assert kinds.are_new([("c",), ("d",)])
    assert kinds.are_new([("a",)]), "one pass too many is better than one too few"


def test_the_loader_folds_a_long_log_into_the_file(runtime, monkeypatch):
    telemetry = runtime.warehouse.telemetry
    world.send(runtime, "", world.error("r1"))
    assert telemetry.log_bytes() > 0
    monkeypatch.setattr(database, "LOG_SHARE", 1 << 40)
    world.send(runtime, "", world.error("r1"))
    assert telemetry.log_bytes() == 0
    assert telemetry.value("select count(*) from errors") == 2


def test_many_that_nobody_understands_go_to_quarantine_together_and_need_no_traceback(runtime, caplog):
    payloads = [payload for _, payload in read(*[b"{]"] * 50, encoding="")]
    assert ingest.load(runtime, payloads) == 0
    assert runtime.warehouse.telemetry.value("select count(*) from quarantine") == 50
    [told] = caplog.records
    assert (told.payloads, told.exc_info) == (50, None)
