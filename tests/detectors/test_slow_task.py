"""Tasks that take some people many times as long."""

from tests.detectors.told_usage import Visit, of_visits


def books(seconds: float, **more: object) -> Visit:
    return Visit(**more).view("/book").event("booked", gap=seconds)


def slow(found: list) -> list:
    return [row for row in found if row.pattern == "slow_task"]


def test_some_who_take_many_times_as_long_are_found_with_their_device(tmp_path):
    usual = [books(20 + number % 7) for number in range(60)]
    (found,) = slow(of_visits(tmp_path, *usual, *(books(200, device="Mobile") for _ in range(12))))
    assert (found.title, found.events) == ("From /book to booked takes some 9 times as long as others", 12)
    assert "Mobile" in found.advice


def test_one_or_two_and_a_wide_spread_are_none(tmp_path):
    usual = [books(20 + number % 7) for number in range(60)]
    wide = [Visit().view("/write").event("written", gap=10 + 8 * number) for number in range(60)]
    assert slow(of_visits(tmp_path, *usual, books(300), books(400), *wide)) == []


def test_what_was_done_a_few_times_has_no_usual_time(tmp_path):
    assert slow(of_visits(tmp_path, *(books(20) for _ in range(12)), *(books(300) for _ in range(8)))) == []
