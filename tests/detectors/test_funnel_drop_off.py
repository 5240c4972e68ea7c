"""Steps at which more people leave than did before."""

from tests.detectors.told_usage import Visit, of_visits

BEFORE, NOW = -14.0, 0.0


def buys(at: float) -> Visit:
    return Visit(at=at).view("/cart").view("/address").view("/payment").event("order placed")


def stops(at: float) -> Visit:
    return Visit(at=at).view("/cart").view("/address")


def drops(found: list) -> list:
    return [row for row in found if row.pattern == "funnel_drop_off"]


def test_a_step_at_which_many_more_leave_than_before_is_found(tmp_path):
    before = [buys(BEFORE) for _ in range(40)] + [stops(BEFORE) for _ in range(5)]
    (found,) = drops(of_visits(tmp_path, *before, *(buys(NOW) for _ in range(6)), *(stops(NOW) for _ in range(24))))
    assert found.title == "80 % of 30 sessions end at /address, 11 % before"


def test_the_end_of_a_path_and_a_step_as_before_are_none(tmp_path):
    before = [buys(BEFORE) for _ in range(30)] + [stops(BEFORE) for _ in range(15)]
    now = [buys(NOW) for _ in range(25)] + [stops(NOW) for _ in range(15)]
    assert drops(of_visits(tmp_path, *before, *now)) == []


def test_without_a_past_only_a_funnel_that_is_configured_is_told(tmp_path):
    visits = [stops(NOW) for _ in range(40)] + [buys(NOW) for _ in range(5)]
    funnel = {"funnels": [["/cart", "/address", "/payment"]]}
    assert drops(of_visits(tmp_path, *visits)) == []
    (tmp_path / "again").mkdir()
    (found,) = drops(of_visits(tmp_path / "again", *visits, detectors={"funnel_drop_off": funnel}))
    assert found.title == "89 % of 45 sessions end at /address"
