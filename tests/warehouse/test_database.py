"""What anybody may ask the Warehouse with."""

import pytest

from improver.config import Settings
from improver.warehouse import Warehouse


@pytest.fixture
def telemetry():
    opened = Warehouse.in_memory(Settings().warehouse)
    yield opened.telemetry
    opened.close()


def test_half_a_character_in_a_question_is_a_question_mark(telemetry):
    assert telemetry.value("select $asked", {"asked": "a\ud800b"}) == "a?b"
    assert telemetry.rows("select $asked as told", {"asked": "caf\u00e9 \udc00"}) == [{"told": "caf\u00e9 ?"}]


def test_half_a_character_is_written_as_a_question_mark(telemetry):
    with telemetry.transaction() as writer:
        writer.execute("insert into rejections values (?, ?, ?, now()::timestamp)", ["otlp", "odd \ud800", 1])
    assert telemetry.value("select reason from rejections") == "odd ?"
