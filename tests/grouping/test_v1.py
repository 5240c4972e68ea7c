"""Grouping, version 1: its keys are frozen, so some are written down here."""

from datetime import UTC, datetime

from improver.grouping import group
from improver.model import ErrorEvent, Frame, Raised

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def frame(function="save", filename="shop/cart.py", lineno=10, **kw):
    return Frame(filename=filename, function=function, lineno=lineno, in_app=kw.pop("in_app", True), **kw)


def error(*frames, type="ValueError", value="bad", **kw):
    raised = (Raised(type=type, value=value, frames=frames),) if frames or type else ()
    return ErrorEvent(payload_id="p", occurred_at=NOW, raised=raised, **kw)


def test_v1_keys_are_frozen():
    assert group(error(frame())).key == "816378942f6639d6"
    assert group(error(value="order 17 failed")).key == "84b01a8faa90fade"


def test_v1_ignores_line_numbers_and_message_values():
    assert group(error(frame(lineno=10), value="a")).key == group(error(frame(lineno=99), value="b")).key


def test_v1_ignores_the_folder_of_one_machine():
    assert group(error(frame(filename="/srv/a/cart.py"))).key == group(error(frame(filename="/home/b/Cart.py"))).key


def test_v1_calls_a_module_at_the_top_by_its_file():
    """A printed stack knows no more."""
    printed = group(error(frame(filename="/srv/shop/Cart.py"))).key
    assert group(error(frame(filename="Cart.py", module="Cart"))).key == printed
    assert group(error(frame(filename="Cart.py", module="__main__"))).key == printed


def test_v1_tells_files_of_one_name_apart_by_their_modules():
    names = ("cart", "shop.cart", "bill.cart")
    assert len({group(error(frame(filename="cart.py", module=name))).key for name in names}) == 3


def test_v1_keeps_the_module_where_the_file_is_an_address():
    with_module = error(frame(filename="https://shop.example/cart.js", module="cart"))
    assert group(with_module).because == ("type: ValueError", "frame: cart|save")


def test_v1_tells_functions_and_types_apart():
    keys = {group(e).key for e in (error(frame()), error(frame("load")), error(frame(), type="KeyError"))}
    assert len(keys) == 3


def test_v1_looks_at_the_apps_frames_only_when_there_are_any():
    library = frame("send", "site-packages/http.py", in_app=False)
    assert group(error(frame(), library)).key == group(error(frame())).key
    assert group(error(library)).key != group(error(frame("recv", "site-packages/http.py", in_app=False))).key


def test_v1_collapses_recursion():
    assert group(error(frame(), frame(), frame())).key == group(error(frame())).key


def test_v1_includes_the_whole_chain():
    cause = Raised(type="KeyError", value="x", frames=(frame("read"),))
    surfaced = Raised(type="ValueError", value="y", frames=(frame(),))
    chained = ErrorEvent(payload_id="p", occurred_at=NOW, raised=(cause, surfaced))
    assert group(chained).key != group(error(frame())).key


def test_v1_groups_by_parameterized_message_without_frames():
    assert group(error(value="order 17 failed")).key == group(error(value="order 99 failed")).key
    assert group(error(value="order 17 failed")).key != group(error(value="refund 17 failed")).key


def test_v1_lets_the_client_decide_with_its_own_fingerprint():
    one = error(frame(), client_fingerprint=("checkout",))
    other = error(frame("load"), client_fingerprint=("checkout",))
    assert group(one).key == group(other).key != group(error(frame())).key


def test_v1_says_what_it_hashed():
    assert group(error(frame())).because == ("type: ValueError", "frame: cart.py|save")
