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


def of_pattern(folder, *visits: Visit) -> list[str]:
    return [row.pattern for row in of_visits(folder, *visits) if row.pattern in ("u_turn", "thrashing")]


@pytest.mark.parametrize("told_by", ["?claim_id={}", "?nr={}", "?doc=3f9a77c{}0", "?page=2"])
def test_things_of_a_list_differ_in_what_is_asked_for_or_was_clicked(tmp_path, told_by):
    visits = [Visit().view("/claims", gap=9) for _ in range(9)]
    for visit in visits:
        for number in range(1, 6):
            visit.click(f'a "Claim {number}"').view("/claim", gap=0.2, query=told_by.format(number))
            visit.view("/claims", gap=2)
    assert of_pattern(tmp_path, *visits) == []


def test_a_button_that_did_something_there_is_what_the_visit_was_for(tmp_path):
    visits = [Visit().view("/cases", gap=9) for _ in range(9)]
    for visit in visits:
        visit.view("/case", gap=2).click('button "Close case"').click('a "All cases"').view("/cases", gap=0.2)
    assert of_pattern(tmp_path, *visits) == []


def test_a_button_that_leads_back_did_nothing_there(tmp_path):
    visits = [Visit().view("/plans").view("/limits", gap=9).click('button "Back"') for _ in range(9)]
    visits = [visit.view("/plans", gap=0.2) for visit in visits]
    assert u_turns(tmp_path, *visits) == ["U-turns: from /plans to /limits and straight back"]


def wall(stays: float = 1.5) -> Visit:
    """Back to what the browser kept: no view tells of it, but what is done there."""
    visit = Visit().view("/start").click('a "Rates"', gap=5).leave().view("/sign-in", gap=0.2)
    return visit.leave(gap=stays).kept("/start").click('a "News"', gap=9).leave().view("/news", gap=0.2)


def test_a_page_that_the_browser_kept_was_gone_back_to(tmp_path):
    signed_in = [Visit().view("/start").view("/sign-in", gap=5).submit(gap=9).view("/rates") for _ in range(4)]
    visits = [wall() for _ in range(9)]
    assert u_turns(tmp_path, *visits, *signed_in) == ["U-turns: from /start to /sign-in and straight back"]


def test_who_stayed_before_going_back_to_a_page_that_the_browser_kept_read_it(tmp_path):
    assert u_turns(tmp_path, *(wall(stays=20) for _ in range(9))) == []


def corrects(again: str = "/transfer/check") -> Visit:
    visit = Visit().view("/transfer").change("input#iban", gap=9).view("/transfer/check").view("/transfer", gap=1.4)
    return visit.change("input#iban", gap=3).view(again).view("/transfer/done", gap=5)


def test_who_mends_what_a_review_shows_and_goes_on_made_none(tmp_path):
    assert u_turns(tmp_path, *(corrects() for _ in range(9))) == []


def test_who_never_comes_to_the_review_again_did(tmp_path):
    assert u_turns(tmp_path, *(corrects(again="/branches") for _ in range(9))) == [
        "U-turns: from /transfer to /transfer/check and straight back"
    ]


def test_one_thing_below_a_page_is_looked_at_and_left_again(tmp_path):
    visits = [Visit().view("/accounts").view(f"/accounts/{n}", gap=3).view("/accounts", gap=5) for n in range(40, 49)]
    assert u_turns(tmp_path, *visits) == []
