"""A tool that refuses first and takes the second call, and errors that one learns from."""

import pytest

from tests.detectors.told_calls import Session, of_sessions

STALE = "409: was changed since version {}, read it again"


def closes(*tickets: str, error: str = STALE, reads: bool = True, refusals: int = 1, between: str = "") -> Session:
    session = Session().call("search_tickets", "T-1, T-2, T-3", query="open")
    for ticket in tickets:
        for version in range(3, 3 + refusals):
            if reads:
                session.call("get_ticket", f"{ticket}, version {version}", ticket=ticket)
            session.call("update_ticket", error=error.format(version), ticket=ticket, version=version, status="solved")
        if between:
            session.call(between, ticket=ticket)
        session.call("update_ticket", "solved", ticket=ticket, version=3 + refusals, status="solved")
        session.call("send_reply", "sent", ticket=ticket)
    return session


def refused(found: list) -> list[str]:
    return [row.place for row in found if row.pattern == "refused_first"]


def test_what_is_refused_first_for_each_thing_is_found_once_with_what_it_cost(tmp_path):
    (found,) = of_sessions(tmp_path, *(closes("T-1", "T-2") for _ in range(6)))
    assert (found.pattern, found.kind, found.place) == ("refused_first", "agent_friction", "update_ticket")
    assert found.events == 6
    assert found.title == f"`update_ticket` refuses the first call and takes the second: {STALE.format(3)}"
    assert "2 times it was refused first" in found.advice


@pytest.mark.parametrize("error", ["If-Match is missing", "csrf token is stale", "no open period, one was opened"])
def test_whatever_it_says_and_without_reading(tmp_path, error):
    found = of_sessions(tmp_path, *(closes("T-1", "T-2", error=error, reads=False) for _ in range(6)))
    assert refused(found) == ["update_ticket"]


def test_one_refusal_in_a_conversation_may_be_a_mistake_of_its_own(tmp_path):
    assert refused(of_sessions(tmp_path, *(closes("T-1") for _ in range(9)))) == []


def test_who_learns_it_from_the_first_error_is_none(tmp_path):
    sessions = [closes("T-1") for _ in range(8)]
    for session in sessions:
        for ticket in ("T-2", "T-3"):
            session.call("update_ticket", "solved", ticket=ticket, version=3, status="solved")
    assert refused(of_sessions(tmp_path, *sessions)) == []


@pytest.mark.parametrize(
    "error", ["429 Too Many Requests: retry after 10 s", "timed out", "please confirm that you want to close it"]
)
def test_what_is_said_of_the_moment_or_asks_to_think_twice_is_none(tmp_path, error):
    assert refused(of_sessions(tmp_path, *(closes("T-1", "T-2", error=error) for _ in range(14)))) == []


@pytest.mark.parametrize("told_by_others", [{"refusals": 4}, {"between": "release_lock"}])
def test_a_loop_and_a_way_round_are_told_of_by_others(tmp_path, told_by_others):
    assert refused(of_sessions(tmp_path, *(closes("T-1", "T-2", **told_by_others) for _ in range(6)))) == []
