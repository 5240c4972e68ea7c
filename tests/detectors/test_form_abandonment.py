"""Forms that are left half filled in."""

from tests.detectors.told_usage import Visit, of_visits

FIELDS = ("form#signup > input#name", "form#signup > input#email", "form#signup > input#company")


def begins(fields: tuple[str, ...] = FIELDS) -> Visit:
    visit = Visit().view("/signup")
    for field in fields:
        visit.change(field, gap=3)
    return visit


def leaves() -> Visit:
    return begins().click("form#signup > input#tax", gap=2)


def sends() -> Visit:
    return begins().click('form#signup > button "Sign up"').submit("form#signup").view("/thanks")


def test_a_form_that_most_leave_is_found_with_the_field_where_they_do(tmp_path):
    (found,) = of_visits(tmp_path, *(leaves() for _ in range(10)), *(sends() for _ in range(5)))
    assert (found.pattern, found.events) == ("form_abandonment", 10)
    assert found.title == "The form at /signup is left half filled in: last at input#tax"
    assert "10 of 15" in found.advice


def test_a_form_that_most_send_is_none(tmp_path):
    assert of_visits(tmp_path, *(leaves() for _ in range(5)), *(sends() for _ in range(20))) == []


def test_a_form_that_is_only_looked_at_or_begun_is_none(tmp_path):
    looks = [Visit().view("/signup").view("/terms", gap=9) for _ in range(9)]
    assert of_visits(tmp_path, *looks, *(begins(FIELDS[:1]) for _ in range(9))) == []


def test_filters_that_work_at_once_are_no_form(tmp_path):
    filters = [Visit().view("/list").change("div > select#size").change("div > select#colour") for _ in range(9)]
    assert of_visits(tmp_path, *filters) == []


def test_a_form_sent_by_a_script_is_sent(tmp_path):
    assert of_visits(tmp_path, *(begins().event("signed up") for _ in range(9))) == []


def test_what_nobody_ever_sends_works_without_that(tmp_path):
    visits = [Visit().view("/loan").change("form > input#sum").change("form > input#years") for _ in range(9)]
    assert of_visits(tmp_path, *visits) == []
