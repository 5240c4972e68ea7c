"""Grouping, version 2: once shipped its keys are frozen, so some are written down here."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from improver.grouping import explain, group
from improver.model import ErrorEvent, Frame, Raised

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def frame(function="save", filename="shop/cart.py", lineno=10, **kw):
    return Frame(filename=filename, function=function, lineno=lineno, in_app=kw.pop("in_app", True), **kw)


def error(*frames, type="ValueError", value="bad", **kw):
    raised = (Raised(type=type, value=value, frames=frames),) if frames or type else ()
    return ErrorEvent(payload_id="p", occurred_at=NOW, raised=raised, **kw)


def key(*frames, **kw):
    return group(error(*frames, **kw)).key


def ignored(event):
    return {part.text: part.ignored for part in explain(event) if part.what == "frame"}


def test_v2_keys_are_frozen():
    assert key(frame()) == "4c7c91c94e773289"
    assert key(value="order 17 failed") == "84b01a8faa90fade"


def test_line_numbers_values_and_folders_of_one_machine_do_not_count():
    assert key(frame(lineno=10), value="a") == key(frame(lineno=99), value="b")
    assert key(frame(filename="/srv/a/cart.py")) == key(frame(filename="/home/b/Cart.py"))


def test_functions_and_types_are_told_apart():
    assert len({key(frame()), key(frame("load")), key(frame(), type="KeyError")}) == 3


def test_a_type_is_the_same_with_its_module_and_without():
    assert key(frame(), type="shop.errors.PayError") == key(frame(), type="PayError")


def test_only_the_users_own_frames_count_when_there_are_any():
    library = frame("send", "site-packages/http.py", in_app=False)
    assert key(frame(), library) == key(frame())
    assert key(library) != key(frame("recv", "site-packages/http.py", in_app=False))
    assert ignored(error(frame(), library)) == {"cart|save": "", "http|send": "a library's"}


def test_the_system_key_does_not_depend_on_what_the_client_calls_its_own():
    told, untold = error(frame(), frame("a", "b.py", in_app=False)), error(frame(), frame("a", "b.py", in_app=True))
    assert group(told).key != group(untold).key
    assert group(told).system_key == group(untold).system_key


@pytest.mark.parametrize(
    ("one", "other"),
    [("<compiled query 140337>", "<compiled query 9>"), ("<filter price>", "<string>"), ("(eval at a.rb:3)", "(eval)")],
)
def test_code_made_while_running_has_no_file_but_its_functions_count(one, other):
    assert key(frame("run", one), frame()) == key(frame("run", other), frame())
    assert key(frame("run", one), frame()) != key(frame("check", one), frame())


def test_recursion_counts_once_also_when_it_goes_through_several_functions():
    ring = [frame("a"), frame("b"), frame("c")]
    assert key(frame(), frame(), frame()) == key(frame())
    assert key(*ring * 40) == key(*ring * 2) == key(*ring)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("StackOverflowError", ""), ("RecursionError", "maximum recursion depth exceeded"),
     ("RangeError", "Maximum call stack size exceeded"), ("SystemStackError", "stack level too deep")],
)  # fmt: skip
def test_a_stack_overflow_is_known_by_what_called_itself_wherever_it_ran_over(kind, said):
    even, odd, begun, leaf = frame("even"), frame("odd"), frame("begin"), frame("format")
    stacks = [(begun, *[even, odd] * 9), (begun, *[even, odd] * 8, even), ([odd, even] * 9), (*[even, odd] * 9, leaf)]
    assert len({key(*stack, type=kind, value=said) for stack in stacks}) == 1
    assert key(*[even, odd] * 9, type=kind, value=said) != key(*[even, frame("walk")] * 9, type=kind, value=said)
    told = ignored(error(*stacks[3], type=kind, value=said))
    assert told["cart|format"] == "only where the stack ran over"


def test_where_a_recursion_raised_something_else_counts():
    ring = [frame("even"), frame("odd")]
    assert key(*ring * 9) != key(*ring * 9, frame("even"))


def test_the_whole_chain_counts():
    cause = Raised(type="KeyError", value="x", frames=(frame("read"),))
    chained = ErrorEvent(payload_id="p", occurred_at=NOW, raised=(cause, *error(frame()).raised))
    assert group(chained).key != key(frame())


def test_without_frames_type_and_template_count_and_of_a_long_message_two_lines():
    assert key(value="order 17 failed") == key(value="order 99 failed") != key(value="refund 17 failed")
    assert key(value="bad\n\ninput\nat noon") == key(value="bad\ninput\nat night")


def test_a_message_is_known_by_the_template_that_the_client_sends():
    said = [ErrorEvent(payload_id="p", occurred_at=NOW, message=f"no {n}", template="no %s") for n in ("ink", "paper")]
    assert group(said[0]) == group(said[1])


def test_a_file_alone_says_too_little_so_that_the_message_counts():
    handler = frame("?", "app.js")
    assert key(handler, value="no cart") != key(handler, value="no user")
    assert key(handler, value="no cart 1") == key(handler, value="no cart 2")


def test_the_client_decides_with_its_own_fingerprint():
    one, other = (error(f, client_fingerprint=("checkout",)) for f in (frame(), frame("load")))
    assert group(one).key == group(other).key != key(frame())
    assert group(one).system_key == group(other).system_key


def test_default_in_a_fingerprint_stands_for_what_would_have_been():
    mixed = [error(f, client_fingerprint=("{{ default }}", "eu")) for f in (frame(), frame(), frame("load"))]
    assert group(mixed[0]).key == group(mixed[1]).key
    assert len({group(mixed[0]).key, group(mixed[2]).key, key(frame())}) == 3
    assert key(frame(), client_fingerprint=("{{default}}",)) == key(frame())


def test_a_type_made_up_by_the_client_or_a_minifier_does_not_count():
    made_up = replace(error(frame()).raised[0], synthetic=True)
    keys = {group(replace(error(frame()), raised=(replace(made_up, type=t),))).key for t in ("SIGSEGV", "EXC_BAD")}
    assert len(keys) == 1
    assert key(frame(), type="t") == key(frame(), type="n")


def test_ignored_frames_say_why():
    told = ignored(
        error(
            frame("?", "", in_app=None), frame("<anonymous>", "x.js"), frame("map", "[native code]"),
            frame("sentryWrapped", "helpers.js"), frame("pay", "cart.js"), frame("pay", "cart.js"),
            platform="javascript",
        )
    )  # fmt: skip
    assert told == {
        "|": "says neither where nor what", "x|": "anonymous", "|map": "built into the runtime",
        "helpers|sentryWrapped": "carries every error", "cart|pay": "recursion",
    }  # fmt: skip


@pytest.mark.parametrize(
    "hostile",
    [
        error(*(frame(f"f{n}<{'<' * 500}", f"{n}/{'a.' * 500}.cc", in_app=None) for n in range(10_000))),
        error(value="a1-" * 400_000),
        error(type="a." * 500_000),
        error(*[frame("x(" * 50_000, "y.cpp", in_app=None)] * 100),
        error(*(frame(f"{n % 7}") for n in range(10_000))),
    ],
    ids=["10,000 frames", "1 MB message", "1 MB type", "nested names", "recursion"],
)
def test_hostile_events_take_bounded_time(hostile):
    begun = time.process_time()
    group(hostile)
    assert time.process_time() - begun < 5


def test_nothing_at_all_is_a_group_too():
    assert group(ErrorEvent(payload_id="p", occurred_at=NOW)).key
