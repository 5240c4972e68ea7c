"""U-turns, and visits that were meant."""

from tests.detectors.told_usage import Visit, of_visits


def goes(to: str = "/prices", stays: float = 2.0) -> Visit:
    return Visit().view("/plans").view(to, gap=5).view("/plans", gap=stays).view("/order", gap=20)


def test_a_page_that_most_come_straight_back_from_is_found(tmp_path):
    (found,) = of_visits(tmp_path, *(goes() for _ in range(8)), *(goes(stays=40) for _ in range(4)))
    assert (found.pattern, found.events) == ("u_turn", 8)
    assert found.title == "U-turns: from /plans to /prices and straight back"
    assert "8 of 12" in found.advice


def test_a_slip_of_a_few_among_many_is_none(tmp_path):
    assert of_visits(tmp_path, *(goes() for _ in range(3)), *(goes(stays=40) for _ in range(30))) == []


def test_who_did_there_what_they_came_for_made_no_u_turn(tmp_path):
    visits = [Visit().view("/cart").view("/count", gap=5).event("count changed").view("/cart") for _ in range(9)]
    assert of_visits(tmp_path, *visits) == []


def test_looking_through_a_list_is_none(tmp_path):
    visits = [Visit().view("/list") for _ in range(9)]
    for visit in visits:
        for thing in ("/red", "/green", "/blue"):
            visit.view(thing, gap=2).view("/list", gap=3)
    assert [row for row in of_visits(tmp_path, *visits) if row.pattern == "u_turn"] == []
