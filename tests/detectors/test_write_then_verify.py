"""Writes that are looked at every time."""

from tests.detectors.told_calls import Session, of_sessions


def writes(look: str = "read_note", looks: int = 3) -> Session:
    session = Session()
    for number in range(3):
        session.call("write_note", "ok", ticket=f"T-{number}", note=f"call {number}")
        session.call(look, "the note", ticket=f"T-{number}" if number < looks else "other")
    return session


def verifies(found: list) -> list:
    return [row for row in found if row.pattern == "write_then_verify"]


def test_a_write_that_is_read_again_every_time_is_found(tmp_path):
    (found,) = verifies(of_sessions(tmp_path, *(writes() for _ in range(4))))
    assert found.title == "`write_note` is always followed by `read_note`"
    assert "3 of 6 calls" in found.advice


def test_a_write_that_is_now_and_then_looked_at_is_none(tmp_path):
    assert verifies(of_sessions(tmp_path, *(writes(looks=1) for _ in range(6)))) == []


def test_reading_something_else_after_a_write_is_none(tmp_path):
    assert verifies(of_sessions(tmp_path, *(writes(looks=0) for _ in range(6)))) == []


def test_a_browser_opened_on_what_was_written_asks_for_a_preview(tmp_path):
    sessions = [Session().call("publish", "live", page="page-1") for _ in range(4)]
    for session in sessions:
        session.call("browser_navigate", url="https://site.example/page-1").call("browser_snapshot", "a page")
    (found,) = verifies(of_sessions(tmp_path, *sessions))
    assert found.title == "A browser is opened to see what `publish` did (`browser_navigate`)"
    assert "offer a preview" in found.advice


def test_a_browser_opened_on_something_else_is_none(tmp_path):
    sessions = [Session().call("publish", page="page-1") for _ in range(4)]
    for session in sessions:
        session.call("browser_navigate", url="https://news.example/today")
    assert verifies(of_sessions(tmp_path, *sessions)) == []
