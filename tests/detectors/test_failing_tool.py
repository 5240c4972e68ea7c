"""A tool that never works, and errors that are answers."""

import pytest

from tests.detectors.told_calls import Session, of_sessions

GONE = "the renderer is not available"


def exports(error: str = GONE, tool: str = "export_pdf", instead: str = "export_html", tries: int = 1) -> Session:
    session = Session().call("open_sheet", "40 rows", name="budget")
    for _ in range(tries):
        session.call(tool, "/tmp/budget", error=error, name="budget")
    return session.call(instead, "/tmp/budget.html", name="budget").call("send", to="ann")


def failing(found: list) -> list:
    return [row for row in found if row.pattern == "failing_tool"]


def test_a_tool_that_never_works_is_found_with_what_is_called_instead(tmp_path):
    (found,) = of_sessions(tmp_path, *(exports() for _ in range(6)))
    assert (found.pattern, found.kind, found.place, found.events) == ("failing_tool", "agent_friction", "export_pdf", 6)
    assert found.title == f"`export_pdf` fails whenever it is called: {GONE}"
    assert "2 of 4 calls" in found.advice
    assert "`export_html` is called instead." in found.advice


def test_a_tool_that_is_given_up_with_nothing_in_its_place_is_found_too(tmp_path):
    sessions = [Session().call("open_sheet").call("translate", error="no key", to="fi") for _ in range(6)]
    assert [row.place for row in failing(of_sessions(tmp_path, *sessions))] == ["translate"]


def test_what_works_at_the_second_try_or_in_most_conversations_is_none(tmp_path):
    sessions = [exports().call("export_pdf", "/tmp/budget.pdf", name="budget") for _ in range(6)]
    sessions += [exports(tool="print") for _ in range(6)] + [exports(tool="print", error="") for _ in range(4)]
    assert failing(of_sessions(tmp_path, *sessions)) == []


def test_a_loop_is_told_of_once(tmp_path):
    found = of_sessions(tmp_path, *(exports(tries=4) for _ in range(6)))
    assert [row.pattern for row in found] == ["error_retry_loop"]


@pytest.mark.parametrize(("loops", "told"), [(2, "failing_tool"), (3, "error_retry_loop")])
def test_a_tool_that_some_give_up_and_some_try_again_is_told_of_once(tmp_path, loops, told):
    found = of_sessions(tmp_path, *(exports() for _ in range(9)), *(exports(tries=4) for _ in range(loops)))
    assert [row.pattern for row in found] == [told]


@pytest.mark.parametrize(
    ("tool", "error"),
    [
        ("find_customer", "customer not found"),
        ("create_folder", "budget already exists"),
        ("remove_lock", "no such lock"),
        ("run_checks", "2 failed: row 4, row 9"),
        ("publish", "The user doesn't want to proceed with this tool use"),
        ("publish", "Claude requested permissions to use publish, but you haven't granted it yet."),
    ],
)
def test_answers_reports_and_what_a_person_did_not_want_are_none(tmp_path, tool, error):
    assert failing(of_sessions(tmp_path, *(exports(tool=tool, error=error) for _ in range(6)))) == []


@pytest.mark.parametrize(
    ("tool", "error"),
    [("export_pdf", "command not found: wkhtmltopdf"), ("get_weather", "401 Unauthorized"), ("run_tests", "timed out")],
)
def test_what_cannot_do_its_work_is_found(tmp_path, tool, error):
    found = failing(of_sessions(tmp_path, *(exports(tool=tool, error=error) for _ in range(6))))
    assert [row.place for row in found] == [tool]
