"""What has to be done before a call works."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver.detectors._sequences import MOST, Mining, Run, closed
from tests.detectors.told_calls import Session, of_sessions

LOCKED = "the ticket is locked by its editor"


def merges(*between: str) -> Session:
    session = Session().call("search_tickets", "T-17", query="printer").call("merge", error=LOCKED, ticket="T-17")
    for tool in between:
        session.call(tool, ticket="T-17")
    return session.call("merge", "merged", ticket="T-17")


def workarounds(found: list) -> list:
    return [row for row in found if row.pattern == "workaround"]


def test_the_same_way_round_an_error_is_found_with_its_steps(tmp_path):
    (found,) = workarounds(of_sessions(tmp_path, *(merges("close_editor", "release_lock") for _ in range(6))))
    assert found.title == f"`merge` fails until `close_editor`, `release_lock` was called: {LOCKED}"
    assert found.events == 6
    assert "3 of 5 calls" in found.advice


def test_looking_on_the_way_makes_it_no_other_way(tmp_path):
    ways = [merges("close_editor", "get_ticket", "release_lock") for _ in range(3)]
    ways += [merges("close_editor", "release_lock") for _ in range(3)]
    (found,) = workarounds(of_sessions(tmp_path, *ways))
    assert found.events == 6


def test_a_call_that_works_at_the_second_try_or_after_reading_is_none(tmp_path):
    sessions = [merges() for _ in range(6)] + [merges("get_ticket") for _ in range(6)]
    assert workarounds(of_sessions(tmp_path, *sessions)) == []


def test_a_way_that_few_went_and_ways_that_are_each_others_are_none(tmp_path):
    sessions = [merges("close_editor") for _ in range(3)] + [merges(f"try_{number}") for number in range(6)]
    assert workarounds(of_sessions(tmp_path, *sessions)) == []


def test_what_is_called_all_the_time_anyway_is_no_way_round(tmp_path):
    sessions = [merges("save") for _ in range(6)]
    for session in sessions:
        for number in range(4):
            session.call("save", ticket=number)
    assert workarounds(of_sessions(tmp_path, *sessions)) == []


def test_wrong_turns_make_it_no_other_way(tmp_path):
    ways = [merges("close_editor", "release_lock") for _ in range(3)]
    ways += [merges("close_editor", "reboot", "release_lock"), merges("send_mail", "close_editor", "release_lock")]
    (found,) = workarounds(of_sessions(tmp_path, *ways))
    assert found.title.startswith("`merge` fails until `close_editor`, `release_lock` was called")


def checks(tool: str, error: str) -> Session:
    session = Session().call("open_sheet", name="budget").call(tool, error=error)
    return session.call("set_cell", cell="C9").call(tool, "passed")


@pytest.mark.parametrize("tool", ["run_checks", "validate_form", "lint", "runTests", "verify_balance"])
def test_a_check_that_fails_until_the_work_is_done_is_none(tmp_path, tool):
    sessions = [checks(tool, "1 failed: currency of row 9 is empty") for _ in range(6)]
    assert workarounds(of_sessions(tmp_path, *sessions)) == []


@pytest.mark.parametrize(
    ("tool", "error"),
    [
        ("run_tests", "the test database is not running"),
        ("check_out_book", "the reader has no card"),
        ("checkout", "cart has no address"),
        ("contest_bill", "the bill is closed"),
    ],
)
def test_a_check_that_cannot_run_and_what_is_only_called_like_one_are_found(tmp_path, tool, error):
    (found,) = workarounds(of_sessions(tmp_path, *(checks(tool, error) for _ in range(6))))
    assert found.title == f"`{tool}` fails until `set_cell` was called: {error}"


def runs(*ways, users=True):
    return [Run(unit=f"c{n}", user=f"u{n}" if users else "", steps=tuple(way)) for n, way in enumerate(ways)]


ASKED = Mining(units=2, users=2, longest=3, gap=1)


def test_only_the_longest_of_those_that_as_many_have_is_told():
    assert [one.steps for one in closed(runs("ab", "ab", "b"), ASKED)] == [("b",), ("a", "b")]
    assert [one.steps for one in closed(runs("ab", "ab"), ASKED)] == [("a", "b")]


def test_steps_too_far_apart_and_what_only_one_user_does_are_no_sequence():
    assert closed(runs(["a", "", "", "b"], ["a", "", "", "b"]), ASKED) == []
    assert closed([Run(unit=f"c{n}", user="ann", steps=("a",)) for n in range(5)], ASKED) == []
    assert closed(runs("a", "a", users=False), ASKED)


@settings(max_examples=60, deadline=None)
@given(ways=st.lists(st.text("abc", max_size=5), max_size=5))
def test_what_is_found_is_what_trying_all_sequences_finds(ways):
    def has(way, steps):
        places = itertools.combinations(range(len(way)), len(steps))
        return any(
            tuple(way[place] for place in at) == steps
            and all(b - a <= ASKED.gap + 1 for a, b in itertools.pairwise((-1, *at, len(way))))
            for at in places
        )

    tried = {
        steps: {n for n, way in enumerate(ways) if has(way, steps)}
        for length in (1, 2, 3)
        for steps in itertools.product("abc", repeat=length)
    }
    enough = {steps: units for steps, units in tried.items() if len(units) >= ASKED.units}
    found = {one.steps: len(one.units) for one in closed(runs(*ways), ASKED)}
    assert found.items() <= {steps: len(units) for steps, units in enough.items()}.items()
    assert bool(found) == bool(enough)


def test_ways_that_are_all_different_are_looked_at_for_a_bounded_time():
    letters = "abcdef"
    ways = ["".join(letters[(n * 7 + m * m + n // 3) % 6] for m in range(22)) for n in range(200)]
    assert len(closed(runs(*ways), Mining(units=5, users=3, longest=6, gap=2))) <= MOST


def signs_in(tool: str, error: str) -> Session:
    """For longer than it takes: a session that ends while it is used."""
    session = Session().call("sign_in").call("list_reports", "r-1").call(tool, error=error, report="r-1")
    for number in range(6):
        session.call("list_pages", f"p-{number}", report=number)
    return session.call(tool, error=error, report="r-1").call("sign_in").call(tool, "done", report="r-1")


@pytest.mark.parametrize("error", ["Error executing tool {}: the session has expired", "Unauthorized", "not signed in"])
def test_what_is_wrong_for_all_tools_is_one_whichever_it_stops(tmp_path, error):
    tools = ("print_report", "share_report", "archive_report")
    sessions = [signs_in(tool, error.format(tool)) for tool in tools for _ in range(2)]
    (found,) = workarounds(of_sessions(tmp_path, *sessions))
    assert "(and 2 other tools) fails until `sign_in` was called" in found.title


def test_a_word_that_two_tools_say_of_different_things_makes_them_two(tmp_path):
    def locked(tool: str, key: str) -> Session:
        return Session().call(tool, error="locked", id="7").call(key, id="7").call(tool, "done", id="7")

    sessions = [locked(*way) for way in (("merge", "close_editor"), ("send", "unlock_outbox")) for _ in range(6)]
    assert len(workarounds(of_sessions(tmp_path, *sessions))) == 2


@pytest.mark.parametrize(
    "error",
    [
        "transfers above 500 EUR need an approval: call ask_manager",
        "discount over 20 %: a second person has to sign",
        "waiting for sign-off by the release manager",
        "deleting 400 rows must be confirmed by their owner",
    ],
)
def test_whoever_has_to_agree_is_no_way_round(tmp_path, error):
    def agreed() -> Session:
        session = Session().call("get_account", "a-1", id="a-1").call("transfer", error=error, id="a-1", amount=640)
        return session.call("ask_manager", "yes", id="a-1").call("transfer", "done", id="a-1", amount=640)

    assert of_sessions(tmp_path, *(agreed() for _ in range(8))) == []
