"""Stacks as PHP prints them, and what its loggers make of them."""

import time

import pytest

from improver.collectors._php_stacks import chain_in
from tests.logged import AT, events, one

TRACE = """Stack trace:
#0 [internal function]: Shop\\Cart->Shop\\{closure}()
#1 /srv/src/Cart.php(9): array_map()
#2 /srv/main.php(16): Shop\\Cart->total()
#3 {main}
"""
RAISED = "Error: Call to a member function times() on null in /srv/src/Cart.php:12"
DEATH = f"PHP Fatal error:  Uncaught {RAISED}\n{TRACE}  thrown in /srv/src/Cart.php on line 12\n"
CHAINED = f"""PHP Fatal error:  Uncaught RuntimeException: refused in /srv/src/Payment.php:7
{TRACE}
Next Shop\\PaymentError: charging order 3 failed in /srv/src/Payment.php:13
{TRACE}  thrown in /srv/src/Payment.php on line 13
"""
FRAMES = [
    ("/srv/main.php", "", 16),
    ("/srv/src/Cart.php", "Shop\\Cart->total", 9),
    ("[internal function]", "array_map", None),
    ("/srv/src/Cart.php", "Shop\\Cart->Shop\\{closure}", 12),
]


def shown(raised):
    return [(frame.filename, frame.function, frame.lineno) for frame in raised.frames]


LARAVEL = (
    '[2026-11-21 10:30:15] production.ERROR: Call to a member function times() on null {"userId":7,"exception":"'
    f"[object] (Error(code: 0): Call to a member function times() on null at /srv/src/Cart.php:12)\n{TRACE}\"}} \n"
).replace("Stack trace:", "[stacktrace]")


@pytest.mark.parametrize(
    "printed",
    [
        DEATH,
        f"[21-Nov-2026 10:30:15 UTC] {DEATH}",
        f"2026-11-21T10:30:15+00:00 [error] shop: {RAISED}\n{TRACE}",
        LARAVEL,
    ],
    ids=["stderr", "error_log", "a logger", "laravel"],
)
def test_a_function_stands_where_it_failed_not_where_it_was_called(printed):
    event = one(printed)
    [raised] = event.raised
    assert (event.platform, raised.type) == ("php", "Error")
    assert raised.value == "Call to a member function times() on null"
    assert shown(raised) == FRAMES
    assert [frame.in_app for frame in raised.frames] == [None, None, False, None]


def test_what_came_of_another_exception_is_the_last_of_the_chain():
    event = one(CHAINED)
    assert [(raised.type, raised.value) for raised in event.raised] == [
        ("RuntimeException", "refused"), ("PaymentError", "charging order 3 failed")]  # fmt: skip


def test_monolog_tells_the_previous_exception_last():
    previous = "[previous exception] [object] (RuntimeException(code: 0): refused at /srv/src/Payment.php:7)"
    trace = TRACE.replace("Stack trace:", "[stacktrace]")
    printed = (
        '[2026-11-21T10:30:15+00:00] app.ERROR: failed {"exception":"[object] (Shop\\\\PaymentError(code: 3): charging'
        f' at /srv/src/Payment.php:13)\n{trace}\n{previous}\n{trace}"}} \n'
    )
    [event] = events(printed)
    assert [raised.type for raised in event.raised] == ["RuntimeException", "PaymentError"]


def test_the_time_that_php_writes_in_its_log_is_read():
    assert one(f"[21-Nov-2026 10:30:15 UTC] {DEATH}").occurred_at == AT.replace(microsecond=0)
    assert one(f"[21-Nov-2026 11:30:15 Europe/Berlin] {DEATH}").occurred_at == AT.replace(microsecond=0)


@pytest.mark.parametrize("other", ["", "#0 0x4f13bb in main /src/a.c:4:1", "Error: no\n    at pay (/srv/a.js:1:2)"])
def test_other_stacks_are_not_phps(other):
    assert chain_in(other) == ()


@pytest.mark.parametrize(
    "head",
    ["Uncaught " + "a in " * 50_000, "Error in " * 20_000, "[object] (" * 20_000, "a: b in c:1\n" * 5000, "\\" * 9000],
)
def test_nothing_above_a_call_takes_long(head):
    begun = time.process_time()
    chain_in(f"{head}\n#0 /a.php(3): f()\n#1 {{main}}\n")
    assert time.process_time() - begun < 2
