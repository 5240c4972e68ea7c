"""The order of Findings: from real telemetry, the same every time, and not for one user or a bot to turn over."""

from datetime import timedelta

import pytest

from improver import act, pipeline, read
from improver.config import Settings
from improver.dispatching import planning
from improver.errors import ImproverError
from improver.stages import cluster, detect, rank
from tests import world

BOT = {"request": {"headers": {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"}}}


@pytest.fixture
def runtime(tmp_path):
    with world.opened(Settings(data_dir=tmp_path / "data")) as runtime:
        yield runtime


def of(kind, user, *, hours=0.0, **other):
    """One occurrence of an error of its own type."""
    record = world.error("r1", at=world.NOW - timedelta(hours=hours), user=user)
    record["exception"]["values"][0]["type"] = kind
    return record | other


def ranked(runtime, *records):
    if records:
        world.send(runtime, world.server_key(runtime), *records)
    for stage in (detect, cluster, rank):
        stage.run(runtime)
    return read.findings(runtime)


def names(found):
    return [row.title.partition(":")[0] for row in found]


def test_many_users_rank_before_a_noisy_one_and_both_before_bots(runtime):
    many = [of("ManyError", f"u{number}", hours=number) for number in range(30)]
    noisy = [of("NoisyError", "loud", hours=number / 10) for number in range(120)]
    bots = [of("BotError", f"b{number}", **BOT) for number in range(60)]
    found = ranked(runtime, *noisy, *bots, *many)
    assert names(found) == ["ManyError", "NoisyError", "BotError"]
    assert [row.events for row in found] == [30, 120, 60]
    assert found[2].minutes_per_week == 3.0
    assert any(reason.startswith("not counted: 100% of 60, which bots met") for reason in found[2].score.reasons)


def test_another_pass_over_the_same_changes_nothing(runtime):
    kinds = [of(f"Error{number % 7}", f"u{number}", hours=number) for number in range(40)]
    first = ranked(runtime, *kinds)
    assert ranked(runtime) == first
    assert [(row.score.value, row.id) for row in first] == sorted(
        ((row.score.value, row.id) for row in first), key=lambda one: (-one[0], one[1])
    )


def test_in_whatever_order_it_came_the_order_is_the_same(tmp_path):
    kinds = [of(f"Error{number % 5}", f"u{number % 11}", hours=number % 60) for number in range(60)]
    orders = []
    for name, records in (("one", kinds), ("other", sorted(kinds, key=lambda record: record["event_id"][::-1]))):
        with world.opened(Settings(data_dir=tmp_path / name)) as runtime:
            orders.append([(row.id, row.score) for row in ranked(runtime, *records)])
    assert orders[0] == orders[1]
    assert len(orders[0]) == 5


def test_the_price_of_an_occurrence_is_learned_from_what_users_did_next(runtime):
    records = []
    for number in range(12):
        records.append(of("OldError", f"u{number}", hours=5))
        moment = world.NOW - timedelta(hours=5) + timedelta(seconds=30)
        records.append(world.transaction("r1", at=moment) | {"user": {"id": f"u{number}"}})
    [found] = ranked(runtime, *records)
    assert found.minutes_per_week < 12 * 2
    assert any("12 of 12 were followed by a success (median 0.49 min" in reason for reason in found.score.reasons)


def test_what_was_dismissed_until_it_escalates_comes_back_when_it_does(runtime):
    usual = [of("OldError", f"u{day}", hours=24 * day + hour) for day in range(1, 12) for hour in (1, 9, 17)]
    [found] = ranked(runtime, *usual)
    act.dismiss(runtime, id=found.id, reason="until_escalating")
    assert ranked(runtime, of("OldError", "u1")) == []
    [back] = ranked(runtime, *[of("OldError", f"n{number}") for number in range(80)])
    assert (back.id, back.status, back.trend) == (found.id, "open", "escalating")
    assert back.forecast and back.forecast[1] < 80
    with pytest.raises(ImproverError, match="escalating now"):
        act.dismiss(runtime, id=found.id, reason="until_escalating")


def test_what_is_dismissed_for_good_stays_so(runtime):
    usual = [of("OldError", f"u{day}", hours=24 * day) for day in range(1, 12)]
    [found] = ranked(runtime, *usual)
    act.dismiss(runtime, id=found.id, reason="wont_fix")
    assert ranked(runtime, *[of("OldError", f"n{number}") for number in range(80)]) == []


def test_what_a_machine_or_network_causes_is_not_dispatched_without_being_asked(tmp_path):
    repo = world.make_shop(tmp_path / "shop")
    settings = world.settings(tmp_path, repo, world.plan(tmp_path), autonomy="report")
    with world.opened(settings) as runtime:
        key = world.server_key(runtime)
        world.send(runtime, key, of("ConnectionRefusedError", "u1"))
        pipeline.analyse(runtime)
        [found] = read.findings(runtime)
        assert (found.skipped, found.cause) == ("infrastructure", "infrastructure")
        assert planning.dry_run(runtime, id=found.id).policy == "infrastructure"
