"""Replay: what is understood after a fix leaves quarantine with its Events, and nothing is ever counted twice."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from improver import act, pipeline, plugins, read
from improver.errors import ImproverError
from improver.model import Payload, TrustLabel
from improver.upkeep import housekeeping
from tests import world

GOOD = b'{"said": "it is slow", "id": "c1"}'


@pytest.fixture
def runtime(tmp_path):
    settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
    with world.opened(settings) as opened:
        yield opened


@pytest.fixture
def broken(monkeypatch):
    """A decoder with a defect, and what repairs it."""
    collector = plugins.load("collectors", "feedback")
    works = collector.decode

    def fails(payloads, config):
        raise ValueError("a defect")

    monkeypatch.setattr(collector, "decode", fails)
    return lambda: monkeypatch.setattr(collector, "decode", works)


def spool(runtime, *bodies, at=world.NOW):
    payloads = [
        Payload(
            id=f"{name}{'0' * 30}", collector="feedback", path="/feedback", received_at=at, body=body,
            key_id="", trust=TrustLabel.SERVER, content_type="application/json",
        )
        for name, body in bodies
    ]  # fmt: skip
    runtime.spool.append_now(payloads)
    return pipeline.digest(runtime)


def said(runtime):
    return [row["said"] for row in runtime.warehouse.telemetry.rows("select said from remarks order by seq")]


def collector(runtime):
    return read.status(runtime).collectors["feedback"]


def test_what_could_not_be_understood_is_listed_with_its_reason(runtime, broken):
    spool(runtime, ("aa", GOOD), ("bb", b"{}"))
    first, second = sorted(read.quarantine(runtime), key=lambda row: row.id)
    assert (first.id[:2], first.collector, first.path, first.reason) == (
        "aa", "feedback", "/feedback", "ValueError: a defect",
    )  # fmt: skip
    assert (first.bytes, first.received_at, second.id[:2]) == (len(GOOD), world.NOW, "bb")
    assert len(read.quarantine(runtime, limit=1)) == 1


def test_after_a_fix_events_come_and_the_payload_leaves_quarantine(runtime, broken):
    assert spool(runtime, ("aa", GOOD), ("bb", GOOD.replace(b"c1", b"c2"))) == 0
    still = act.replay(runtime)
    assert (still.payloads, still.events, still.quarantined) == (2, 0, 2)
    broken()
    done = act.replay(runtime, payloads=["aa"])
    assert (done.payloads, done.events, done.quarantined) == (1, 1, 0)
    assert [row.id[:2] for row in read.quarantine(runtime)] == ["bb"]
    assert act.replay(runtime).events == 1
    assert (said(runtime), read.quarantine(runtime)) == (["it is slow"] * 2, [])
    assert (collector(runtime).payloads, collector(runtime).events, collector(runtime).quarantined) == (2, 2, 0)
    assert act.replay(runtime).payloads == 0


def test_what_is_still_poison_stays_with_its_new_reason(runtime, broken):
    spool(runtime, ("aa", b"{"), ("bb", GOOD))
    broken()
    done = act.replay(runtime)
    assert (done.events, done.quarantined) == (1, 1)
    [left] = read.quarantine(runtime)
    assert left.id.startswith("aa")
    assert "begins like JSON" in left.reason
    assert collector(runtime).payloads == 2


def test_items_that_a_replay_leaves_out_are_counted(runtime, broken):
    spool(runtime, ("aa", b'{"goal": "no problem is named"}'))
    broken()
    act.replay(runtime)
    assert collector(runtime).reasons == {"no_problem": 1}


def test_a_payload_that_was_sent_again_meanwhile_counts_once(runtime, broken):
    spool(runtime, ("aa", GOOD))
    broken()
    assert spool(runtime, ("bb", GOOD)) == 1
    done = act.replay(runtime)
    assert (done.events, done.quarantined) == (0, 0)
    assert (said(runtime), collector(runtime).reasons) == (["it is slow"], {"duplicate": 1})


@pytest.mark.parametrize("name", ["zz", "", "a%", "' or 1=1 --"])
def test_an_unknown_payload_is_named(runtime, broken, name):
    spool(runtime, ("aa", GOOD))
    with pytest.raises(ImproverError, match="no Payload") as refused:
        act.replay(runtime, payloads=[name])
    assert "improver quarantine" in refused.value.hint


def test_an_ambiguous_payload_is_refused(runtime, broken):
    spool(runtime, ("aa", GOOD), ("ab", GOOD))
    with pytest.raises(ImproverError, match="more than one"):
        act.replay(runtime, payloads=["a"])


def test_many_are_replayed_in_batches_that_fit_in_memory(runtime, broken):
    big = json.dumps({"said": "x", "more": "y" * (3 << 20)}).encode()
    spool(runtime, *((f"{n:02}", big) for n in range(7)))
    assert collector(runtime).quarantined == 7
    broken()
    assert act.replay(runtime).quarantined == 7  # larger than a remark may be
    assert collector(runtime).payloads == 7


# Retained segments.


def test_what_came_in_lately_is_digested_anew_and_never_doubled(runtime):
    spool(runtime, ("aa", GOOD), ("bb", b'{"said": "too", "id": "c2"}'), ("cc", GOOD))
    before = events(runtime)
    assert collector(runtime).reasons == {"duplicate": 1}
    for _ in range(2):
        done = act.replay_since(runtime, hours=1)
        assert (done.payloads, done.events, done.quarantined) == (3, 2, 0)
    assert events(runtime) == before
    assert (collector(runtime).payloads, collector(runtime).events) == (3, 2)
    assert collector(runtime).reasons == {"duplicate": 1}
    assert pipeline.digest(runtime) == 0


def test_numbers_go_on_so_that_who_follows_them_sees_what_was_replayed(runtime):
    spool(runtime, ("aa", GOOD))
    seq = "select max(seq) from remarks"
    before = runtime.warehouse.telemetry.value(seq)
    act.replay_since(runtime, hours=1)
    assert runtime.warehouse.telemetry.value(seq) > before


def test_only_what_came_in_since_is_replayed(runtime):
    spool(runtime, ("aa", GOOD), at=world.NOW - timedelta(hours=3))
    spool(runtime, ("bb", b'{"said": "new"}'))
    assert act.replay_since(runtime, hours=2).payloads == 1
    assert act.replay_since(runtime, hours=4).payloads == 2
    assert said(runtime) == ["it is slow", "new"]


def test_what_the_loader_has_not_digested_yet_is_left_to_it(runtime):
    spool(runtime, ("aa", GOOD))
    runtime.spool.append_now([replace(runtime.spool.read(None, 1)[0][1], id="later", body=b'{"said": "later"}')])
    assert act.replay_since(runtime, hours=1).payloads == 1
    assert pipeline.digest(runtime) == 1
    assert said(runtime) == ["it is slow", "later"]


def test_a_replay_of_segments_takes_what_is_fixed_out_of_quarantine(runtime, broken):
    spool(runtime, ("aa", GOOD))
    broken()
    assert act.replay_since(runtime, hours=1).events == 1
    assert read.quarantine(runtime) == []


def test_a_payload_that_was_spooled_twice_is_digested_once(runtime):
    [(_, once)] = (spool(runtime, ("aa", GOOD.replace(b', "id": "c1"', b""))), runtime.spool.read(None, 1))[1]
    runtime.spool.append_now([once])
    pipeline.digest(runtime)
    act.replay_since(runtime, hours=1)
    assert said(runtime) == ["it is slow"]


@pytest.mark.parametrize("hours", [0, -1, float("nan"), float("inf"), 1e9])
def test_no_time_to_go_back_is_refused(runtime, hours):
    with pytest.raises(ImproverError, match="no time to go back"):
        act.replay_since(runtime, hours=hours)


def events(runtime):
    return runtime.warehouse.telemetry.rows("select event_id, payload_id, said from remarks order by 1")


# Where quarantined bytes are.


def files(runtime):
    return sorted(runtime.data.quarantine.glob("*"))


def test_bytes_in_quarantine_are_files_that_go_when_their_payload_does(runtime, broken):
    spool(runtime, ("aa", GOOD), ("bb", b"{"))
    assert len(files(runtime)) == 2
    broken()
    act.replay(runtime)
    assert len(files(runtime)) == 1
    assert read.quarantine(runtime)[0].id.startswith("bb")


def test_a_payload_outlives_its_segment_in_quarantine(runtime, broken):
    spool(runtime, ("aa", GOOD))
    for segment in runtime.data.spool.glob("*.seg"):
        segment.unlink()
    broken()
    assert act.replay(runtime).events == 1


def test_a_file_that_somebody_took_away_leaves_its_line_and_harms_no_other(runtime, broken):
    spool(runtime, ("aa", GOOD))
    files(runtime)[0].unlink()
    spool(runtime, ("bb", GOOD))
    broken()
    done = act.replay(runtime)
    assert (done.payloads, done.events, done.quarantined) == (2, 1, 1)


def test_retention_empties_the_quarantine(runtime, broken):
    spool(runtime, ("aa", GOOD))
    later = replace(runtime, clock=lambda: datetime.now(UTC) + timedelta(days=31))
    housekeeping.retain(later)
    assert (files(runtime), read.quarantine(runtime)) == ([], [])


def test_a_quarantine_takes_no_more_room_than_the_spool_may(runtime, broken):
    big = json.dumps({"said": "x" * (6 << 20)}).encode()
    for number in range(4):
        spool(runtime, (f"{number:02}", big), at=world.NOW + timedelta(minutes=number))
    held = runtime.settings.model_copy(update={"spool": runtime.settings.spool.model_copy(update={"max_mb": 16})})
    housekeeping.retain(replace(runtime, settings=held))
    assert [row.id[:2] for row in read.quarantine(runtime)] == ["03", "02"]
    assert len(files(runtime)) == 2


def test_a_reason_says_no_secret(runtime, monkeypatch):
    def fails(payloads, config):
        raise ValueError("cannot read password=hunter2-hunter2 of ann@shop.test")

    monkeypatch.setattr(plugins.load("collectors", "feedback"), "decode", fails)
    spool(runtime, ("aa", GOOD))
    assert read.quarantine(runtime)[0].reason == "ValueError: cannot read password=[scrubbed] of [scrubbed]"
