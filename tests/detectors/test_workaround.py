"""What has to be done before a call works."""

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
