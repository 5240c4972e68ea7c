"""The same error again and again, and errors that are part of the work."""

from tests.detectors.told_calls import Session, of_sessions

REFUSED = "invalid status"


def guesses(times: int = 4) -> Session:
    session = Session().call("get_ticket", "T-17", ticket="T-17")
    for number in range(times):
        session.call("set_status", error=REFUSED, status=f"guess {number}")
    return session.call("set_status", "done", status="st_done")


def test_one_error_four_times_is_found_with_what_it_said(tmp_path):
    (found,) = of_sessions(tmp_path, *(guesses() for _ in range(4)))
    assert (found.pattern, found.events) == ("error_retry_loop", 4)
    assert found.title == "`set_status` is retried into the same error: invalid status"
    assert "4 of 6 calls" in found.advice


def test_values_in_an_error_do_not_make_it_another(tmp_path):
    sessions = [Session() for _ in range(3)]
    for session in sessions:
        for number in (17, 18, 21):
            session.call("move", error=f"ticket {number} is locked by 'editor {number}'", ticket=number)
    assert len(of_sessions(tmp_path, *sessions)) == 1


def test_a_wrong_word_put_right_and_different_errors_are_none(tmp_path):
    others = [
        Session().call("a", error="no such room").call("a", error="too late").call("a", error="full") for _ in range(4)
    ]
    assert of_sessions(tmp_path, *(guesses(times=2) for _ in range(5)), *others) == []


def test_editing_until_the_tests_pass_is_none(tmp_path):
    sessions = [Session() for _ in range(5)]
    for session in sessions:
        for number in range(4):
            session.call("edit_file", path="a.py", text=f"{number}").call("run_tests", error="1 failed")
    assert of_sessions(tmp_path, *sessions) == []


def test_the_tools_that_coding_agents_bring_along_are_none(tmp_path):
    sessions = [Session(server="") for _ in range(5)]
    for session in sessions:
        for _ in range(4):
            session.call("Bash", error="Exit code 1", command="make test")
    assert of_sessions(tmp_path, *sessions) == []
