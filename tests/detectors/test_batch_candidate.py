"""One by one, where one call could do all."""

import pytest

from tests.detectors.told_calls import Session, of_sessions


def publishes(count: int = 3, think: float = 4.0) -> Session:
    session = Session().call("list_pages", "three")
    for number in range(count):
        session.call("publish", "live", think=think, page=f"page-{number}")
    return session


def batches(found: list) -> list:
    return [row for row in found if row.pattern == "batch_candidate"]


def test_one_write_after_the_other_is_found_with_what_to_offer(tmp_path):
    (found,) = batches(of_sessions(tmp_path, *(publishes() for _ in range(4))))
    assert (found.kind, found.place, found.events) == ("agent_friction", "publish", 4)
    assert found.title == "3 calls to `publish` per task, one by one"
    assert found.advice.startswith("3 calls to `publish` per task: offer `publish_multiple`.")


def reads(consumer: bool) -> Session:
    session, texts = Session(), []
    for number in (17, 18, 21):
        texts.append(f"ticket {number}: the printer of room {number} is broken")
        session.call("get_ticket", texts[-1], ticket=f"T-{number}")
    return session.call("write_summary", text=" ".join(texts)) if consumer else session.call("list_rooms", "1 to 40")


def test_reads_are_one_when_what_they_brought_is_needed_together(tmp_path):
    assert [row.place for row in batches(of_sessions(tmp_path, *(reads(consumer=True) for _ in range(4))))] == [
        "get_ticket"
    ]


def test_reads_that_nothing_needs_together_are_none(tmp_path):
    assert batches(of_sessions(tmp_path, *(reads(consumer=False) for _ in range(6)))) == []


def test_calls_side_by_side_and_two_calls_are_none(tmp_path):
    at_once = [publishes(count=5, think=-0.3) for _ in range(4)]
    assert batches(of_sessions(tmp_path, *at_once, *(publishes(count=2) for _ in range(4)))) == []


def test_pages_of_a_list_and_calls_that_differ_in_everything_are_none(tmp_path):
    sessions = [Session() for _ in range(6)]
    for session in sessions:
        for number in range(4):
            session.call("export_rows", f"rows {number}", page=number)
        for number in range(4):
            session.call("book", "booked", room=number, day=f"day {number}")
    assert batches(of_sessions(tmp_path, *sessions)) == []


def test_what_happens_in_a_few_of_many_conversations_is_none(tmp_path):
    assert (
        batches(of_sessions(tmp_path, *(publishes() for _ in range(3)), *(publishes(count=1) for _ in range(20)))) == []
    )


def sets(tool: str, *values: dict, results: tuple[str, ...] = ()) -> Session:
    session = Session().call("open_sheet", "40 rows")
    for number, value in enumerate(values):
        session.call(tool, results[number] if results else "ok", **value)
    return session


CELLS = [{"cell": f"B{row}", "value": str(100 * row)} for row in range(2, 8)]
ROWS = [{"name": f"tap {n}", "amount": n, "due": f"0{n}.05.2026"} for n in range(1, 7)]


@pytest.mark.parametrize(("tool", "values"), [("set_cell", CELLS), ("add_row", ROWS), ("createContact", ROWS)])
def test_many_values_that_are_set_one_by_one_are_one(tmp_path, tool, values):
    (found,) = batches(of_sessions(tmp_path, *(sets(tool, *values) for _ in range(4))))
    assert found.title == f"6 calls to `{tool}` per task, one by one"


def test_a_few_values_what_is_written_at_length_and_what_is_done_otherwise_are_none(tmp_path):
    pages = [{"name": f"page {n}", "body": f"{n} " + "a sentence of its own " * 9} for n in range(6)]
    moves = [{"from": f"e{n}", "to": f"d{n}"} for n in range(6)]
    others = (("set_cell", CELLS[:4]), ("add_page", pages), ("play_move", moves), ("tell", CELLS))
    sessions = [sets(tool, *values) for tool, values in others for _ in range(4)]
    assert batches(of_sessions(tmp_path, *sessions)) == []


def test_a_write_that_needs_what_the_one_before_brought_is_none(tmp_path):
    nodes = [{"parent": f"node-{n}xy", "name": f"leaf {n}"} for n in range(1, 8)]
    results = tuple(f"added node-{n + 1}xy" for n in range(1, 8))
    steps = [{"after": f"{n}77"} for n in range(1, 8)]
    follow = tuple(f"at {n + 1}77" for n in range(1, 8))
    chained = [sets("add_node", *nodes, results=results) for _ in range(4)]
    chained += [sets("advance", *steps, results=follow) for _ in range(4)]
    assert batches(of_sessions(tmp_path, *chained)) == []


LISTED = "inv-301 of Oak and Sons, 840.00 EUR\ninv-302 of Mill Bakery, 95.50 EUR\ninv-303 of Anna Berg, 12.00 EUR"
KNOWN = {
    "made of what was listed": [{"invoice": f"inv-30{n}", "file": f"2026/inv-30{n}.pdf"} for n in (1, 2, 3)],
    "all of it listed": [
        {"invoice": "inv-301", "amount": "840.00"}, {"invoice": "inv-302", "amount": "95.50"},
        {"invoice": "inv-303", "amount": "12.00"},
    ],
}  # fmt: skip
OWN = {
    "each answered for itself": [{"invoice": f"inv-30{n}", "text": f"Thank you, it is paid, {n}"} for n in (1, 2, 3)],
    "not listed": [{"invoice": f"inv-90{n}", "file": f"inv-90{n}.pdf"} for n in (1, 2, 3)],
}


def after_the_list(values: list[dict]) -> Session:
    session = Session().call("list_invoices", LISTED).call("get_rules", "none")
    for number, value in enumerate(values):
        session.call("send_out", f"done: {number}", **value)
    return session


@pytest.mark.parametrize("name", KNOWN)
def test_writes_of_which_all_was_known_before_the_first_are_one(tmp_path, name):
    (found,) = batches(of_sessions(tmp_path, *(after_the_list(KNOWN[name]) for _ in range(4))))
    assert found.title == "3 calls to `send_out` per task, one by one"


@pytest.mark.parametrize("name", OWN)
def test_writes_that_each_say_something_of_their_own_are_none(tmp_path, name):
    assert batches(of_sessions(tmp_path, *(after_the_list(OWN[name]) for _ in range(4)))) == []
