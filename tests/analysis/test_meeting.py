"""What people say and what telemetry saw meet in one Finding."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from improver.analysis import meeting
from improver.analysis.merging import Kinships, of_symptom
from improver.model import COMES_OF, FindingKind, Frame, Kin, Symptom, ToldBy

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def seen(title: str, place: str, route: str = "", **more: object) -> Symptom:
    return Symptom(
        detector="undo_redo", kind=FindingKind.AGENT_FRICTION, grouping_version=1, key=title, target="site", service="",
        environment="production", source="agent_sessions", title=title, place=place, route=route,
        first_seen=NOW, last_seen=NOW, events=5, events_week=5, users=3, **more,
    )  # fmt: skip


def said(text: str, about: str = "", kind: FindingKind = FindingKind.FEEDBACK) -> Symptom:
    return replace(seen(text, about), kind=kind, source="feedback", environment="", events=50)


EDIT = seen("`edit_page` undoes what `set_theme` set: it is set again every time", "edit_page")
PUBLISH = seen("6 calls to `publish` per task, one by one", "publish", advice="offer `publish_multiple`")
BROWSER = seen("A browser is opened to see what `publish` did (`browser_navigate`)", "browser_navigate")
COUPON = seen('Rage clicks on button#coupon "Apply coupon" at /cart', 'button#coupon "Apply coupon"', "/cart")
ALL = [EDIT, PUBLISH, BROWSER, COUPON]


def met(remark: Symptom, *others: Symptom, kinships: Kinships | None = None) -> str:
    known = kinships or Kinships([])
    meeting.settle(known, {}, [remark, *others], NOW)
    root = known.root(of_symptom(remark))
    return next((other.title for other in others if of_symptom(other) == root), "")


@pytest.mark.parametrize(
    ("text", "about", "title"),
    [
        ("the theme is gone after each edit", "edit_page", EDIT.title),
        ("offer publish_multiple: I publish pages one by one", "publish", PUBLISH.title),
        ("The Apply coupon button does nothing", "/cart", COUPON.title),
        ("I cannot apply my coupon", "", COUPON.title),
        ("edit_page forgets the theme", "", EDIT.title),
    ],
)
def test_a_remark_counts_with_the_finding_of_what_it_names(text, about, title):
    assert met(said(text, about), *ALL) == title


def failure(title: str, route: str = "/order") -> Symptom:
    return replace(seen(title, "", route), kind=FindingKind.ERROR)


def test_a_remark_that_a_page_fails_is_about_the_one_failure_of_that_page():
    failures = [failure("KeyError: 'vat'"), failure("ValueError: bad", "/profile")]
    assert met(said("I get an error whenever I order", "/order"), *failures) == "KeyError: 'vat'"


@pytest.mark.parametrize(
    ("remark", "failures"),
    [
        (said("I get an error whenever I order", "/order"), [failure("KeyError: 'vat'"), failure("OSError: full")]),
        (said("the order form is confusing", "/order"), [failure("KeyError: 'vat'")]),
        (said("show the error next to the field", "/order", FindingKind.SUGGESTION), [failure("KeyError: 'vat'")]),
        (said("I get an error whenever I order", "/order"), [failure("KeyError: 'vat'", "/profile")]),
    ],
    ids=["several failures", "no failure told", "a wish", "another page"],
)
def test_which_failure_is_meant_is_never_guessed(remark, failures):
    assert met(remark, *failures) == ""


@pytest.mark.parametrize(
    ("text", "about"),
    [("the tax number is refused", "/cart"), ("The export gives no file", ""), ("too slow", "get_page")],
)
def test_a_remark_about_something_else_stays_its_own(text, about):
    assert met(said(text, about), *ALL) == ""


def test_another_target_or_environment_is_something_else():
    remark = said("the theme is gone", "edit_page")
    assert met(replace(remark, target="other"), EDIT) == ""
    assert met(replace(remark, environment="staging"), EDIT) == ""


def test_what_a_person_told_apart_stays_apart():
    remark = said("the theme is gone", "edit_page")
    kinships = Kinships([])
    kinships.add(of_symptom(remark), of_symptom(EDIT), Kin.APART, ToldBy.PERSON, 1.0, NOW)
    assert met(remark, EDIT, kinships=kinships) == ""


def test_they_meet_once():
    kinships, remark = Kinships([]), said("the theme is gone", "edit_page")
    for _ in range(2):
        meeting.settle(kinships, {}, [remark, *ALL], NOW)
    assert [kinship.told_by for kinship in kinships.added] == [ToldBy.REMARK]


def of_error(cause: Symptom, title: str = "Error: the order could not be sent: 500", **more: object) -> Symptom:
    return replace(failure(title), system_keys=(COMES_OF + cause.key,), **more)


def test_what_comes_of_an_error_counts_with_it_also_through_another():
    server = failure("KeyError: 'vat'")
    page = of_error(server)
    click = of_error(page, "Clicks on button#order end in Error", kind=FindingKind.FRICTION)
    for several in ((server, page, click), (click, page, server)):
        kinships = Kinships([])
        meeting.settle(kinships, {}, several, NOW)
        assert {kinships.root(of_symptom(one)) for one in several} == {of_symptom(server)}
        assert {one.told_by for one in kinships.added} == {ToldBy.CAUSE}


def test_what_comes_of_an_error_elsewhere_or_was_told_apart_stays_its_own():
    server = failure("KeyError: 'vat'")
    assert met(of_error(server), replace(server, environment="staging")) == ""
    assert met(of_error(server), replace(server, target="blog")) == ""
    kinships = Kinships([])
    kinships.add(of_symptom(of_error(server)), of_symptom(server), Kin.APART, ToldBy.PERSON, 1.0, NOW)
    assert met(of_error(server), server, kinships=kinships) == ""


@pytest.mark.parametrize(("environment", "counts"), [("", True), ("production", True), ("staging", False)])
def test_a_page_that_does_not_say_where_it_is_deployed_fails_with_its_server(environment, counts):
    server = failure("KeyError: 'vat'")
    page = of_error(server, "Clicks on button#pay end in KeyError", kind=FindingKind.FRICTION, environment=environment)
    kinships = Kinships([])
    meeting.settle(kinships, {}, [server, page], NOW)
    assert (kinships.root(of_symptom(page)) == of_symptom(server)) == counts


@pytest.mark.parametrize("hut", ["{number}", "<int:hut>", ":hut", "[hut]"])
def test_a_remark_about_an_address_is_about_its_route_however_that_is_written(hut):
    failures = [failure("KeyError: 'bed'", f"/huts/{hut}/book"), failure("ValueError: bad", "/huts")]
    assert met(said("server error when I book", "/huts/4/book"), *failures) == failures[0].title


def raised(title: str, *functions: str, route: str = "") -> Symptom:
    frames = tuple(Frame(filename="app/jobs.py", function=name, lineno=7, in_app=True) for name in functions)
    return replace(failure(title, route), frames=frames)


THUMBNAIL = raised("KeyError: 'heic'", "work", "make_thumbnail")
STATEMENT = raised("ValueError: no balance", "StatementController.show", "readLedger", route="statement")
POSTED = replace(failure("TypeError: amount"), route="POST /api/transfers")


@pytest.mark.parametrize(
    ("text", "about", "title"),
    [
        ("my heic pictures never get one", "/albums/7/thumbnail", THUMBNAIL.title),
        ("thumbnails are grey for years", "/albums/7/thumbnail", ""),
        ("the statement crashes", "/accounts/{id}/statement", STATEMENT.title),
        ("the statement is hard to read", "/accounts/{id}/statement", ""),
        ("the statement crashes", "/accounts", ""),
        ("sending money gives error 500", "/api/transfers", POSTED.title),
    ],
)
def test_a_page_is_known_by_what_the_code_calls_it_where_telemetry_knows_no_page(text, about, title):
    assert met(said(text, about), THUMBNAIL, STATEMENT, POSTED) == title


def test_that_something_is_wrong_in_both_is_no_word_in_common():
    remark = said("my voucher is refused as invalid, twice")
    assert met(remark, seen("ValueError: invalid literal, refused twice", "", "/profile")) == ""
