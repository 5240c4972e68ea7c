"""U-turns, and visits that were meant."""

import pytest

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


def u_turns(folder, *visits: Visit) -> list[str]:
    return [row.title for row in of_visits(folder, *visits) if row.pattern == "u_turn"]


def test_who_opens_two_things_of_a_list_compares_them(tmp_path):
    visits = [Visit().view("/list") for _ in range(9)]
    for visit in visits:
        visit.view("/list/17", gap=2).view("/list", gap=4).view("/list/18", gap=2).view("/list", gap=40)
    assert u_turns(tmp_path, *visits) == []


def test_another_thing_of_its_kind_is_not_where_they_were(tmp_path):
    visits = [Visit().view("/tickets/1").view("/queue", gap=20).view("/tickets/2", gap=4) for _ in range(9)]
    assert u_turns(tmp_path, *visits) == []


def test_one_thing_of_a_list_that_most_come_straight_back_from_is_found(tmp_path):
    visits = [Visit().view("/offers").view(f"/offers/{n}", gap=3).view("/offers", gap=2) for n in range(10, 19)]
    assert u_turns(tmp_path, *visits) == ["U-turns: from /offers to /offers/* and straight back"]


def test_who_comes_back_to_the_very_thing_made_one(tmp_path):
    visits = [Visit().view(f"/tickets/{n}").view("/help", gap=9).view(f"/tickets/{n}", gap=3) for n in range(10, 19)]
    assert u_turns(tmp_path, *visits) == ["U-turns: from /tickets/* to /help and straight back"]


def looks_up(stays: float, page: str = "/quote", link: str = "/help/metres") -> Visit:
    """Half way in a form, which is gone on with afterwards."""
    visit = Visit().view(page).change("input#from").view(link, gap=2).view(page, gap=stays)
    return visit.change("input#metres", gap=2).submit("form#quote").view("/asked")


def test_what_is_read_on_the_way_and_gone_on_with_was_looked_up(tmp_path):
    visits = [looks_up(stays=4) for _ in range(9)]
    visits += [looks_up(stays=6, page="/shoes/7", link="/sizes") for _ in range(9)]
    visits += [looks_up(stays=3, page="/loan", link="/rates") for _ in range(9)]
    assert u_turns(tmp_path, *visits) == []


def test_a_glance_is_no_reading_also_where_the_form_is_gone_on_with(tmp_path):
    assert u_turns(tmp_path, *(looks_up(stays=1.5) for _ in range(9))) == [
        "U-turns: from /quote to /help/metres and straight back"
    ]


@pytest.mark.parametrize(("page", "stays", "turns"), [
    ("/imprint.html", 5, 0), ("/de/datenschutz", 5, 0), ("/terms-of-service", 5, 0), ("/terms", 1, 1), ("/help", 5, 1),
    ("/legal-cases", 5, 1),
])  # fmt: skip
def test_small_print_is_looked_at_in_passing(tmp_path, page, stays, turns):
    assert len(u_turns(tmp_path, *(goes(page, stays=stays) for _ in range(9)))) == turns


def test_the_same_link_followed_in_vain_twice_is_no_list(tmp_path):
    visits = [goes().view("/plans", gap=30).view("/prices", gap=3).view("/plans", gap=2) for _ in range(9)]
    assert u_turns(tmp_path, *visits) == ["U-turns: from /plans to /prices and straight back"]


def test_the_same_wrong_link_of_two_things_is_no_list(tmp_path):
    visits = [Visit() for _ in range(9)]
    for visit in visits:
        for number in (1, 2):
            visit.view(f"/tickets/{number}", gap=20).view(f"/tickets/{number}/log", gap=9)
            visit.view(f"/tickets/{number}", gap=3)
    assert u_turns(tmp_path, *visits) == ["U-turns: from /tickets/* to /tickets/*/log and straight back"]
