"""One failure that is told in other words is one, whoever asked; another below, or told elsewhere, is another."""

import pytest

from improver.grouping import translated
from improver.model import Frame, Raised


def at(function: str, lineno: int, *, own: bool = True) -> Frame:
    path = "/srv/shop/pay.py" if own else "/venv/lib/python3.12/site-packages/requests/models.py"
    return Frame(filename=path, abs_path=path, function=function, lineno=lineno, in_app=own)


STATUS = "502 Server Error: Bad Gateway for url: https://bank.example/transfers/{}"


def told(
    caller: str = "pay",
    said: str = STATUS.format("payment/7006"),
    *,
    line: int = 30,
    below: tuple[Frame, ...] = (at("ask", 28), at("outside", 12), at("raise_for_status", 900, own=False)),
    kind: str = "HTTPError",
) -> str:
    surfaced = Raised(type="Refused", value=f"no {caller}", frames=(at(caller, 50), at("ask", line)))
    return translated.key((Raised(type=kind, value=said, frames=below), surfaced))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (STATUS.format("payment/7006"), STATUS.format("refund/6003")),
        ("HTTPConnectionPool(host='b', port=80): Read timed out. (read timeout=5)",) * 2,
        ("could not convert string to float: '9.1 ft'",) * 2,
        ("404 Not Found for url: https://bank.example/users/7", "404 Not Found for url: https://bank.example/users/8"),
        ("row 12 is gone", "row 13 is gone"),
    ],
)
def test_what_fails_alike_below_one_line_that_tells_of_it_is_one(one, other):
    assert told("pay", one) == told("refund", other) != ""


@pytest.mark.parametrize(
    "other",
    [
        {"line": 44},
        {"kind": "JSONDecodeError"},
        {"below": (at("ask", 28), at("outside", 14))},
        {"said": "502 Server Error: Bad Gateway for url: https://rail.example/transfers/payment/7006"},
        {"said": "no such column: a"},
    ],
    ids=["told elsewhere", "of another type", "from another line", "of another host", "something else"],
)
def test_another_failure_below_or_another_line_that_tells_of_it_is_another(other):
    assert told(**other) != told()


def test_what_was_not_there_is_not_what_was_refused_with_another_address():
    users, orders = ("404 Not Found for url: https://api.example/users/7", "404 Not Found for url: https://api.example/orders/7")
    assert told(said=users) != told(said=orders)


def test_whole_stacks_of_what_is_below_count_from_where_it_was_caught():
    below = (at("ask", 28), at("outside", 12))
    assert told(below=(at("pay", 50), *below)) == told(below=(at("refund", 60), *below)) != ""


@pytest.mark.parametrize(
    "chain",
    [
        (),
        (Raised(type="Refused", value="no", frames=(at("pay", 50), at("ask", 30))),),
        (Raised(type="HTTPError", value=""), Raised(type="Refused", value="no", frames=(at("ask", 30),))),
        (Raised(type="A", value="", frames=(at("other", 1),)), Raised(type="B", value="", frames=(at("ask", 30),))),
        (
            Raised(type="A", value="", frames=(at("send", 1, own=False),)),
            Raised(type="B", value="", frames=(at("send", 3, own=False),)),
        ),
        (
            Raised(type="A", value="", frames=(at("ask", 28),), member=1),
            Raised(type="B", value="", frames=(at("ask", 30),)),
        ),
    ],
    ids=["nothing", "no chain", "no stack", "raised elsewhere", "a library's own", "a group"],
)
def test_where_it_is_not_known_what_was_translated_nothing_is_said(chain):
    assert translated.key(chain) == ""
