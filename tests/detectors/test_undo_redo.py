"""To and fro, and again after every write."""

from tests.detectors.told_calls import Session, of_sessions


def undone(found: list) -> list:
    return [row for row in found if row.pattern == "undo_redo"]


def assigns(*people: str) -> Session:
    session = Session()
    for person in people:
        session.call("assign", "ok", ticket="T-17", person=person)
    return session


def test_what_is_set_to_and_fro_is_found(tmp_path):
    (found,) = undone(of_sessions(tmp_path, *(assigns("ann", "bo", "ann", "bo") for _ in range(4))))
    assert found.title == "What `assign` did is taken back and done again"
    assert "2 of 4 calls" in found.advice


def test_what_one_tool_does_and_its_opposite_takes_back_is_found(tmp_path):
    sessions = [
        Session().call("lock_room", room=1).call("unlock_room", room=1).call("lock_room", room=1) for _ in range(4)
    ]
    assert len(undone(of_sessions(tmp_path, *sessions))) == 1


def test_a_state_that_only_goes_on_is_none(tmp_path):
    assert undone(of_sessions(tmp_path, *(assigns("ann", "bo", "cy") for _ in range(6)))) == []


def edits(theme: str = "autumn", pages: int = 4) -> Session:
    session = Session()
    for number in range(pages):
        page = f"page-{number}"
        session.call("edit_page", page=page, text=f"text {number}")
        session.call("set_theme", page=page, theme=theme.format(number)).call("get_theme", theme, page=page)
    return session


def test_what_has_to_be_set_again_after_every_write_is_found_with_its_looks(tmp_path):
    (found,) = of_sessions(tmp_path, *(edits() for _ in range(4)))
    assert found.title == "`edit_page` undoes what `set_theme` set: it is set again every time"
    assert found.advice.endswith("let `edit_page` keep theme=autumn.")
    assert "8 of 12 calls of the newest conversation (67 %)" in found.advice


def test_two_steps_of_a_work_with_values_of_their_own_are_none(tmp_path):
    assert undone(of_sessions(tmp_path, *(edits(theme="theme {}") for _ in range(6)))) == []


def test_setting_up_what_was_made_is_none(tmp_path):
    sessions = [Session() for _ in range(6)]
    for session in sessions:
        for number in range(4):
            session.call("create_page", page=f"page-{number}").call("set_theme", page=f"page-{number}", theme="autumn")
    assert undone(of_sessions(tmp_path, *sessions)) == []
