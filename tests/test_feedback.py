"""A remark from this machine: it goes the way of every Payload, and to the Target it is about."""

import pytest

from improver import act, pipeline
from improver.errors import ImproverError
from tests import world


@pytest.fixture
def runtime(tmp_path):
    settings = world.settings(tmp_path, world.make_shop(tmp_path / "shop"), tmp_path / "none.json")
    with world.opened(settings) as opened:
        yield opened


def remarks(runtime):
    return runtime.warehouse.telemetry.rows("select * from remarks order by seq")


def test_a_remark_is_durable_before_it_is_thanked_for_and_becomes_an_event(runtime):
    done = act.feedback(runtime, goal="export", blocker="nothing happens", calls_wasted=3, user="u1", about="/export")
    assert "noted" in done.message
    assert runtime.spool.pending_bytes() > 0
    assert pipeline.digest(runtime) == 1
    [remark] = remarks(runtime)
    assert (remark["goal"], remark["blocker"], remark["calls_wasted"]) == ("export", "nothing happens", 3)
    assert (remark["target"], remark["trust"], remark["user"], remark["about"]) == ("shop", "server", "u1", "/export")


def test_a_remark_without_a_problem_is_refused_and_leaves_nothing(runtime):
    with pytest.raises(ImproverError, match="blocker, suggestion, said are all missing") as refused:
        act.feedback(runtime, goal="export", attempted="everything")
    assert "e.g." in refused.value.hint
    assert runtime.spool.pending_bytes() == 0


def test_an_unknown_target_is_refused_by_name(runtime):
    with pytest.raises(ImproverError, match="no target 'blog'"):
        act.feedback(runtime, said="x", target="blog")


def test_with_several_targets_one_must_be_named(runtime):
    targets = runtime.settings.targets
    targets["blog"] = targets["shop"]
    with pytest.raises(ImproverError, match="which target") as refused:
        act.feedback(runtime, said="x")
    assert "shop, blog" in refused.value.hint
    act.feedback(runtime, said="x", target="blog")
    pipeline.digest(runtime)
    assert [remark["target"] for remark in remarks(runtime)] == ["blog"]


def test_an_address_is_not_kept(runtime):
    act.feedback(runtime, said="mail ann@example.org, password=hunter2", user="ann@example.org")
    pipeline.digest(runtime)
    [remark] = remarks(runtime)
    assert not any(word in str(remark) for word in ("ann@", "hunter2"))
    assert remark["user"].startswith("user:")
