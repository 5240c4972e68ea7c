"""The Spool's own file is damaged: what was acked is loaded, or its loss is told to the byte."""

from improver import pipeline
from improver.opening import owned_runtime
from tests.faults import data_folder as data


def acked(folder, *numbers):
    with owned_runtime(data.settings(folder)) as runtime:
        data.ack(runtime, *numbers)


def test_a_record_that_a_crash_tore_was_never_acked_and_costs_nothing_else(tmp_path):
    acked(tmp_path, 1, 2, 3)
    segment = data.newest_segment(tmp_path)
    whole = segment.stat().st_size
    with segment.open("ab") as file:
        file.write(segment.read_bytes()[17:300])  # a record's beginning
    with owned_runtime(data.settings(tmp_path)) as runtime:
        pipeline.digest(runtime)
        data.ack(runtime, 4)
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1, 2, 3, 4)
        assert [(loss.start, loss.bytes) for loss in runtime.spool.losses] == [(whole, 283)]


def test_a_record_damaged_after_its_ack_is_told_and_what_comes_after_is_loaded(tmp_path):
    acked(tmp_path, 1, 2)
    segment = data.newest_segment(tmp_path)
    second = segment.stat().st_size
    acked(tmp_path, 3, 4)
    data.damage(segment, second - 10, b"\xff\xff")
    with owned_runtime(data.settings(tmp_path)) as runtime:
        pipeline.digest(runtime)
        assert data.stored(runtime) == data.once(1, 3, 4)
        [loss] = runtime.spool.losses
        assert (loss.reason, loss.end) == ("checksum does not match", second)


def test_a_record_damaged_between_two_starts_does_not_hold_up_what_is_acked_later(tmp_path):
    acked(tmp_path, 1, 2)
    segment = data.newest_segment(tmp_path)
    data.damage(segment, segment.stat().st_size - 10, b"\xff\xff")
    acked(tmp_path, 3)
    assert data.stored_after_all(tmp_path) == data.once(1, 3)
