"""The same asked again, and what only looks like it."""

from tests.detectors.told_calls import Session, of_sessions

TICKETS = "T-17 Printer on fire; T-18 Printer out of paper"


def asks(session: Session) -> Session:
    for words in ("printer broken", "broken printer", "printer broken room", "is printer broken"):
        session.call("search_tickets", TICKETS, query=words)
    return session.call("get_ticket", "T-17: all about it", ticket="T-17")


def test_one_question_in_four_wordings_with_one_answer_is_found_with_its_calls(tmp_path):
    (found,) = of_sessions(tmp_path, *(asks(Session()) for _ in range(4)))
    assert (found.pattern, found.kind, found.events) == ("redundant_calls", "agent_friction", 4)
    assert found.title == "`search_tickets` is asked the same again and gives the same answer"
    assert "3 of 5 calls of the newest conversation (60 %)" in found.advice
    assert found.minutes_per_week > 4 * 3 * 4 / 60


def test_the_very_same_call_twice_is_enough(tmp_path):
    sessions = [Session().call("list_rooms", "1 to 40").call("other", x=1).call("other", x=2) for _ in range(3)]
    again = [
        Session().call("list_rooms", "1 to 40").call("get_ticket", "a", t=1).call("list_rooms", "1 to 40")
        for _ in range(3)
    ]
    assert [row.place for row in of_sessions(tmp_path, *sessions, *again) if row.pattern == "redundant_calls"] == [
        "list_rooms"
    ]


def test_asking_how_far_something_is_is_none(tmp_path):
    sessions = [Session() for _ in range(5)]
    for session in sessions:
        session.call("start_export")
        for percent in (20, 40, 60, 80):
            session.call("export_status", f"export is at {percent} %", export=9, think=10)
            session.call("get_export", f"export is at {percent} %", export=9, think=10)
    assert of_sessions(tmp_path, *sessions) == []


def test_reading_again_after_a_change_is_none(tmp_path):
    sessions = [Session() for _ in range(5)]
    for session in sessions:
        for number in range(3):
            session.call("get_note", "a note", note=1).call("append_note", note=1, text=f"{number}")
    assert [row for row in of_sessions(tmp_path, *sessions) if row.pattern == "redundant_calls"] == []


def test_pages_and_other_questions_are_none(tmp_path):
    sessions = [Session() for _ in range(5)]
    for session in sessions:
        for number in range(4):
            session.call("list_tickets", f"tickets {number}1 {number}2 {number}3 of page {number}", page=number)
        for thing in ("printer", "lamp", "door"):
            session.call("search_tickets", f"all of {thing} only {thing}", query=thing)
    assert of_sessions(tmp_path, *sessions) == []


def test_what_happened_in_two_conversations_is_none(tmp_path):
    assert of_sessions(tmp_path, asks(Session()), asks(Session())) == []
