"""Exceptions in logs: what runtimes and loggers print of them, in five languages and a dozen libraries."""

import json
import shutil
import subprocess
import sys

import pytest

from improver.model import ErrorEvent, LogEvent, Raised
from tests.logged import AT, CHAINS, NOW, PRINTED, PYTHON, events, frame, one


@pytest.mark.parametrize("language", PRINTED)
def test_what_a_runtime_prints_when_it_dies_is_one_error(language):
    found = events(f"INFO starting\n{PRINTED[language]}INFO done\n")
    assert [type(event) for event in found] == [LogEvent, ErrorEvent, LogEvent]
    assert found[1] == ErrorEvent(
        payload_id="p", occurred_at=NOW, platform=language, raised=CHAINS[language], handled=False,
        crashed=language in ("go", "node"), level="fatal" if language in ("go", "node") else "error",
    )  # fmt: skip


@pytest.mark.parametrize("language", ["python", "java"])
def test_what_a_logger_prints_below_its_line_is_an_error_that_was_handled(language):
    head = "2026-11-21 10:30:15,250 ERROR shop.cart: checkout failed\n"
    assert one(head + PRINTED[language]) == ErrorEvent(
        payload_id="p", occurred_at=AT, platform=language, message="checkout failed", raised=CHAINS[language]
    )


def printed_by(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return one(done.stderr)


def test_what_python_itself_prints_is_read():
    event = printed_by(sys.executable, "-c", "def pay():\n    raise ValueError('no price')\npay()")
    assert (event.platform, event.raised[0].value, event.raised[0].frames[-1].function) == ("", "no price", "pay")


def test_what_node_itself_prints_is_read(tmp_path):
    if not shutil.which("node"):
        pytest.skip("needs node: apt-get install nodejs")
    (tmp_path / "cart.js").write_text("function pay() {\n  null.price\n}\npay()\n")
    event = printed_by("node", str(tmp_path / "cart.js"))
    assert (event.platform, event.raised[-1].type, event.crashed) == ("node", "TypeError", True)
    assert event.raised[-1].frames[-1] == frame(str(tmp_path / "cart.js"), "pay", 2, colno=8)


def test_a_panic_that_a_server_survived_is_no_crash():
    stack = PRINTED["go"].partition("\n\n")[2].replace("exit status 2\n", "")
    event = one(f"2026/11/21 10:30:15 http: panic serving 10.0.0.1:5: no price\n{stack}")
    assert (event.crashed, event.raised[-1].type, event.raised[-1].value) == (False, "panic", "no price")


def test_rails_names_the_exception_above_its_frames():
    event = one("F, [2026-11-21T10:30:15.250000 #1] FATAL -- : NoMethodError (no price):\n  \napp/cart.rb:3:in `pay'\n")
    assert (event.raised, event.level) == (
        (Raised(type="NoMethodError", value="no price", frames=(frame("app/cart.rb", "pay", 3),)),), "fatal",
    )  # fmt: skip


STACK = "TypeError: no price\n    at pay (/srv/shop/cart.js:12:11)"
THROWN = (Raised(type="TypeError", value="no price", frames=(frame("/srv/shop/cart.js", "pay", 12, colno=11),)),)
GO_STACK = "main.pay\n\t/srv/shop/cart.go:12\nmain.main\n\t/srv/shop/main.go:20"


@pytest.mark.parametrize(
    ("record", "raised"),
    [
        ({"err": {"type": "TypeError", "message": "no price", "stack": STACK}}, THROWN),
        ({"err": {"name": "TypeError", "message": "no price", "stack": STACK}}, THROWN),
        ({"stack": STACK}, THROWN),
        ({"error.type": "TypeError", "error.message": "no price", "error.stack_trace": STACK}, THROWN),
        ({"error": {"type": "TypeError", "message": "no price", "stack_trace": STACK}}, THROWN),
        ({"exc_info": PYTHON}, CHAINS["python"]),
        ({"exception": PYTHON}, CHAINS["python"]),
        ({"exception": [{"exc_type": "ValueError", "exc_value": "no price", "frames": [
            {"filename": "/srv/shop/app.py", "lineno": 20, "name": "pay"}]}]},
         (Raised(type="ValueError", value="no price", frames=(frame("/srv/shop/app.py", "pay", 20),)),)),
        ({"error": "no price", "stacktrace": GO_STACK},
         (Raised(type="error", value="no price", frames=(
             frame("/srv/shop/main.go", "main", 20, module="main"),
             frame("/srv/shop/cart.go", "pay", 12, module="main")), synthetic=True),)),
        ({"context": {"exception": {"class": "Shop\\PayError", "message": "no price", "file": "/srv/cart.php:9",
                                    "trace": ["/srv/main.php:3"]}}},
         (Raised(type="PayError", value="no price", frames=(
             frame("/srv/main.php", "", 3), frame("/srv/cart.php", "", 9))),)),
        ({"exception": {"class": "ZeroDivisionError", "message": "divided by 0", "backtrace": ["cart.rb:3:in `pay'"]}},
         (Raised(type="ZeroDivisionError", value="divided by 0", frames=(frame("cart.rb", "pay", 3),)),)),
    ],
)  # fmt: skip
def test_json_lines_carry_exceptions_in_many_ways(record, raised):
    event = one(json.dumps({"level": "error", "msg": "checkout failed", **record}))
    assert (type(event), event.raised, event.message, event.handled) == (ErrorEvent, raised, "checkout failed", True)


@pytest.mark.parametrize("record", [{"error": "no price"}, {"err": 7}, {"exc_info": True}, {"exception": "none"}])
def test_an_error_line_without_an_exception_is_a_log_line(record):
    event = one(json.dumps({"level": "error", "msg": "checkout failed", **record}))
    assert (type(event), event.severity) == (LogEvent, 17)


LOGURU = """\
2026-11-21 10:30:15.250 | ERROR    | shop.cart:pay:33 - checkout failed
Traceback (most recent call last):

  File "/srv/shop/app.py", line 30, in <module>
    pay(None)
    └ <function pay at 0x7f1c>

> File "/srv/shop/app.py", line 12, in pay
    return price.amount
           └ None

AttributeError: 'NoneType' object has no attribute 'amount'
"""


def test_loguru_points_at_the_frame_that_caught_it_and_shows_values():
    [raised] = one(LOGURU).raised
    assert (raised.type, [frame.function for frame in raised.frames]) == ("AttributeError", ["<module>", "pay"])


@pytest.mark.parametrize(
    ("line", "kind", "said", "above"),
    [
        ("request failed /pay/3 TypeError: no price", "TypeError", "no price", "request failed /pay/3"),
        ("request failed: com.shop.PayException: no price", "PayException", "no price", "request failed:"),
        ("pay qo [PaymentError]: no price", "PaymentError", "no price", "pay"),
        ("TypeError: pay failed: Error: no price", "TypeError", "pay failed: Error: no price", ""),
    ],
)
def test_what_is_logged_beside_an_exception_is_not_a_part_of_it(line, kind, said, above):
    event = one(f"2026-11-21T10:30:15.250Z ERROR {line}\n    at pay (/srv/shop/cart.js:12:11)\n")
    assert (event.raised[-1].type, event.raised[-1].value, event.message) == (kind, said, above)


def test_a_cause_that_a_serializer_of_node_wrote_is_one():
    stack = f"{STACK}\ncaused by: Error: no row\n    at row (/srv/shop/db.js:1:2)"
    event = one(json.dumps({"level": 50, "err": {"type": "TypeError", "message": "x", "stack": stack}}))
    assert [raised.type for raised in event.raised] == ["Error", "TypeError"]


@pytest.mark.parametrize("head", ["2026/11/21 10:30:15 ERROR pay failed: no", "2026-11-21T10:30:15Z\tERROR\tno price"])
def test_the_stack_that_go_loggers_print_has_no_goroutine(head):
    event = one(f"{head}\n{GO_STACK}\n")
    assert [frame.function for frame in event.raised[0].frames] == ["main", "pay"]
    assert event.raised[0].synthetic


HIGHLIGHTED = """\
/srv/cart.rb:7:in `block in total': undefined method `*' for nil:NilClass (NoMethodError)

      lines.map { |line| line.price * line.quantity }.sum
                                    ^
\tfrom /srv/cart.rb:7:in `block (2 levels) in total'
\tfrom /srv/main.rb:15:in `<main>'
"""


def test_ruby_shows_the_code_below_the_message():
    [raised] = one(HIGHLIGHTED).raised
    assert (raised.type, len(raised.frames)) == ("NoMethodError", 3)


def test_ruby_prints_a_cause_below_and_the_next_death_is_another():
    cause = "/srv/cart.rb:9:in `connect': refused (Errno::ECONNREFUSED)\n\tfrom /srv/main.rb:15:in `<main>'\n"
    [event] = events(HIGHLIGHTED + cause)
    assert [raised.type for raised in event.raised] == ["Errno::ECONNREFUSED", "NoMethodError"]
    assert len(events(HIGHLIGHTED + HIGHLIGHTED)) == 2


def test_rails_names_an_exception_of_several_lines_below_an_empty_one():
    event = one(
        "2026-11-21T10:30:15.250000 FATAL -- : \nNoMethodError (undefined method `*' for nil\n\n    line.price * 2\n"
        "              ^):\n\n/srv/cart.rb:7:in `block (2 levels) in total'\n/srv/main.rb:15:in `<main>'\n"
    )
    assert (event.raised[0].type, len(event.raised[0].frames)) == ("NoMethodError", 2)


def test_however_deep_a_recursion_is_its_stack_is_one_record():
    deep = "/srv/pricing.rb:11:in `even'\n/srv/pricing.rb:12:in `odd'\n" * 5000
    [event] = events(f"E, [2026-11-21T10:30:15.250000 #1] ERROR -- : stack level too deep (SystemStackError)\n{deep}")
    assert event.raised[0].type == "SystemStackError"
