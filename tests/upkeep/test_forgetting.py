"""A user that is forgotten cannot be found: not by asking, and not in the bytes on the disk."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from improver import pipeline
from improver.errors import ImproverError
from improver.model import Payload, TrustLabel
from improver.model.user import pseudonym
from improver.spool import Spool
from improver.upkeep import backups, housekeeping, replay
from improver.upkeep.forgetting import forget
from improver.warehouse import Warehouse
from tests import world
from tests.world import NOW, Clock

CANARY = "canary-7f3a9d"
ADDRESS = "canary@example.org"
TOMORROW = NOW + timedelta(days=1, hours=3)


@pytest.fixture
def runtime(tmp_path):
    """The canary in a closed day and in an open one, in quarantine, in the Spool, in evidence and in a title."""
    shop = world.make_shop(tmp_path / "shop")
    chosen = world.settings(tmp_path, shop, tmp_path / "none.json", dispatch={"auto": False})
    clock = Clock()
    with world.opened(chosen, clock) as runtime:
        key = world.server_key(runtime)
        world.send(runtime, key, world.error("r1", user=CANARY), world.error("r1", user="u1"))
        clock.now = TOMORROW
        housekeeping.close_days(runtime)
        today = [world.error("r1", user=user, at=TOMORROW) for user in (CANARY, "u2")]
        named = world.error("r1", user="u3", at=TOMORROW, value=f"no basket of {CANARY}", line=3)
        world.send(runtime, key, *today, named)
        runtime.spool.append_now([poison(clock)])
        pipeline.digest(runtime)
        pipeline.analyse(runtime)
        evidence = runtime.data.specs / "s1" / "evidence"
        evidence.mkdir(parents=True)
        (evidence / "event-1.json").write_text(json.dumps({"event": {"user": CANARY, "ip": "of the user"}}))
        (runtime.data.attempts / "a1").mkdir()
        (runtime.data.attempts / "a1" / "transcript.jsonl").write_text(f'{{"said": "user {CANARY} has no basket"}}\n')
        yield runtime


def poison(clock):
    body = gzip.compress(json.dumps({"user": {"id": CANARY}}).encode() + b"{")
    return Payload(
        id="p" * 32, collector="sentry", path="/api/0/store/", received_at=clock(), body=body, trust=TrustLabel.SERVER,
        content_type="application/json", content_encoding="gzip",
    )  # fmt: skip


def where_on_disk(root: Path, text: str) -> list[str]:
    """Also inside of what Spool and quarantine hold compressed."""
    return [p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


def users(runtime):
    return [row["user"] for row in runtime.warehouse.telemetry.rows('select "user" from errors order by 1')]


def test_no_byte_of_a_forgotten_user_is_left_on_the_disk(runtime):
    runtime.warehouse.telemetry.checkpoint()
    assert where_on_disk(runtime.data.root, CANARY)
    assert CANARY in str(runtime.warehouse.state.rows("select * from findings"))
    done = forget(runtime, user=CANARY)
    assert (done.events, done.quarantined, done.left, done.not_covered) == (3, 1, (), ())
    assert done.payloads == 4
    assert users(runtime) == ["u1", "u2"]
    assert runtime.warehouse.telemetry.value("select count(*) from quarantine") == 0
    assert CANARY not in str(runtime.warehouse.state.rows("select * from findings"))
    assert where_on_disk(runtime.data.root, CANARY) == []
    assert (runtime.data.attempts / "a1" / "transcript.jsonl").read_text() == (
        '{"said": "user [forgotten] has no basket"}\n'
    )
    assert "of the user" not in (runtime.data.specs / "s1" / "evidence" / "event-1.json").read_text()


def test_what_detectors_saw_of_a_forgotten_user_goes_too(runtime):
    sighting = {
        "detector": "rage_click", "unit": "s1", "key": "k", "event_id": "e", "collector": "posthog",
        "occurred_at": NOW.replace(tzinfo=None), "target": "shop", "trust": "public", "service": "web",
        "environment": "production", "release": "", "user": CANARY, "route": "/", "place": "", "minutes": 0.0,
        "detail": "{}",
    }  # fmt: skip
    with runtime.warehouse.telemetry.transaction() as writer:
        writer.append("sightings", pa.Table.from_pylist([sighting, sighting | {"user": "u1"}]))
    forget(runtime, user=CANARY)
    assert [row["user"] for row in runtime.warehouse.telemetry.rows('select "user" from sightings')] == ["u1"]


def test_a_replay_does_not_bring_back_who_was_forgotten_and_others_can_be_replayed(runtime):
    forget(runtime, user=CANARY)
    replay.replay_since(runtime, hours=48)
    assert users(runtime) == ["u1", "u2"]
    world.send(runtime, "", world.error("r1", user="u9", at=TOMORROW))
    assert users(runtime) == ["u1", "u2", "u9"]


def test_what_was_forgotten_stays_so_after_a_restart(runtime):
    forget(runtime, user=CANARY)
    settings = runtime.settings
    runtime.spool.close()
    runtime.warehouse.close()
    again = Warehouse.open(settings.data_dir, settings.warehouse)
    assert [row["user"] for row in again.telemetry.rows('select "user" from errors order by 1')] == ["u1", "u2"]
    again.close()
    spool = Spool(runtime.data.spool, settings.spool)
    assert CANARY not in str(spool.read(None, 1 << 30))
    assert spool.losses == ()
    spool.close()


def test_a_user_is_found_by_the_address_that_only_a_pseudonym_is_kept_of(runtime):
    world.send(runtime, "", world.error("r1", user=ADDRESS, at=TOMORROW))
    assert pseudonym(ADDRESS) in users(runtime)
    assert forget(runtime, user=ADDRESS).events == 1
    assert where_on_disk(runtime.data.root, ADDRESS) == []
    assert where_on_disk(runtime.data.root, pseudonym(ADDRESS)) == []


def test_a_short_id_takes_only_that_user_s_events(runtime):
    assert forget(runtime, user="u1").events == 1
    assert users(runtime) == [CANARY, CANARY, "u2", "u3"]


def test_backups_are_not_covered_and_are_named(runtime):
    backups.daily(runtime)
    assert forget(runtime, user=CANARY).not_covered == ("backups",)


def test_nobody_is_forgotten_without_a_name(runtime):
    with pytest.raises(ImproverError, match="whose"):
        forget(runtime, user="  ")


def test_forgetting_a_short_id_takes_nothing_of_others_whatever_their_texts_end_in(runtime):
    telemetry = runtime.warehouse.telemetry
    with telemetry.transaction() as writer:
        writer.execute("insert into error_hours by name select * replace ('ends in a' as system_key) from error_hours")
    tables = ("errors", "error_hours", "error_newest")
    before = {table: telemetry.value(f"select count(*) from {table}") for table in tables}
    forget(runtime, user="u9")
    assert {table: telemetry.value(f"select count(*) from {table}") for table in tables} == before
