"""Printed stacks of every language become chains of exceptions with frames, outermost first."""

import pytest

from improver.collectors._stacks import chain_of
from improver.grouping import is_in_app

PYTHON = """Traceback (most recent call last):
  File "/srv/shop/cart.py", line 3, in pay
    total / people
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/app.py", line 9, in <module>
    pay()
shop.errors.PayError: nobody pays
"""
NODE = """TypeError: x is not a function
    at Cart.pay (/srv/app/cart.js:3:5)
    at async Object.<anonymous> (file:///srv/app/main.mjs:9:1)
    at /srv/app/bare.js:1:2
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {
  [cause]: Error: deep
      at inner (/srv/app/deep.js:7:1)
}"""
JAVA = """java.lang.IllegalStateException: bad cart
\tat com.shop.Cart.pay(Cart.java:10)
\tat app//com.shop.Main.lambda$main$0(Main.java:4)
\tat java.base/java.lang.Thread.run(Thread.java:833)
Caused by: java.io.IOException: disk full
\tat com.shop.Disk.write(Disk.kt:4)
\tat com.shop.Disk.sync(Native Method)
\t... 3 more
"""
DOTNET = """System.InvalidOperationException: no cart
   at Shop.Cart.Pay(Int32 id) in /src/Cart.cs:line 12
   at Shop.Main.Run()
   at System.Threading.Tasks.Task.Execute()
"""
GO = """goroutine 1 [running]:
runtime/debug.Stack()
\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e
main.(*Server).pay(0xc000012345, 0x2)
\t/srv/app/main.go:12 +0x1d
github.com/lib/pq.Open(...)
\t/root/go/pkg/mod/github.com/lib/pq@v1/conn.go:3
created by main.main in goroutine 1
\t/srv/app/main.go:30 +0x2
"""
RUBY = """app.rb:10:in 'Cart#pay': divided by 0 (ZeroDivisionError)
\tfrom app.rb:20:in `each'
\tfrom /usr/lib/ruby/gems/3.4/gems/rack/handler.rb:5:in 'call'
\tfrom app.rb:21:in '<main>'
"""
PHP = """DivisionByZeroError: Division by zero in /var/www/a.php:3
Stack trace:
#0 /var/www/cart.php(12): Cart->pay(1)
#1 /var/www/vendor/slim/App.php(7): Slim\\App->run()
#2 {main}"""
FIREFOX = "pay@https://shop.example/app.js:3:5\n@https://shop.example/app.js:9:1\n"


def shown(raised):
    return [(frame.filename, frame.module, frame.function, frame.lineno) for frame in raised.frames]


def test_python_keeps_the_chain_and_its_source_lines():
    first, last = chain_of(PYTHON, kind="shop.errors.PayError", said="nobody pays")
    assert (first.type, first.value, last.type, last.value) == (
        "ZeroDivisionError", "division by zero", "PayError", "nobody pays",
    )  # fmt: skip
    assert shown(first) == [("/srv/shop/cart.py", "", "pay", 3)]
    assert first.frames[0].context_line == "total / people"


def test_javascript_comes_innermost_first_and_with_its_cause():
    cause, error = chain_of(NODE, kind="TypeError", said="x is not a function")
    assert (cause.type, cause.value, shown(cause)) == ("Error", "deep", [("/srv/app/deep.js", "", "inner", 7)])
    assert shown(error) == [
        ("node:internal/process/task_queues", "", "process.processTicksAndRejections", 95),
        ("/srv/app/bare.js", "", "", 1),
        ("/srv/app/main.mjs", "", "Object.<anonymous>", 9),
        ("/srv/app/cart.js", "", "Cart.pay", 3),
    ]
    assert [is_in_app(frame) for frame in error.frames] == [False, True, True, True]


def test_java_names_classes_and_what_caused_what():
    cause, error = chain_of(JAVA, kind="java.lang.IllegalStateException", said="bad cart")
    assert (cause.type, cause.value, error.type) == ("IOException", "disk full", "IllegalStateException")
    assert shown(cause)[-1] == ("Disk.kt", "com.shop.Disk", "write", 4)
    assert shown(error)[-2:] == [
        ("Main.java", "com.shop.Main", "lambda$main$0", 4), ("Cart.java", "com.shop.Cart", "pay", 10),
    ]  # fmt: skip
    assert [is_in_app(frame) for frame in error.frames] == [False, True, True]


def test_dotnet_knows_places_only_with_symbols():
    (error,) = chain_of(DOTNET, kind="System.InvalidOperationException", said="no cart")
    assert shown(error)[1:] == [("", "Shop.Main", "Run", None), ("/src/Cart.cs", "Shop.Cart", "Pay", 12)]
    assert error.frames[0].in_app is False


def test_go_says_the_place_below_the_call():
    (error,) = chain_of(GO, kind="*errors.errorString", said="boom")
    assert error.type == "*errors.errorString"
    assert shown(error) == [
        ("/srv/app/main.go", "main", "main", 30),
        ("/root/go/pkg/mod/github.com/lib/pq@v1/conn.go", "github.com/lib/pq", "Open", 3),
        ("/srv/app/main.go", "main", "(*Server).pay", 12),
        ("/usr/local/go/src/runtime/debug/stack.go", "runtime/debug", "Stack", 26),
    ]
    assert [is_in_app(frame) for frame in error.frames] == [True, False, True, False]


RECOVERED = """goroutine 20 [running]:
runtime/debug.Stack()
\t/usr/lib/go-1.19/src/runtime/debug/stack.go:24 +0x65
main.recovering.func1.1()
\t/srv/app/main.go:40 +0x50c
panic({0x6d4be0, 0xc00005a180})
\t/usr/lib/go-1.19/src/runtime/panic.go:884 +0x212
main.pay(...)
\t/srv/app/pay.go:15
main.main()
\t/srv/app/main.go:100 +0x3d7
"""


def test_what_recovers_from_a_panic_is_not_where_go_panicked():
    (error,) = chain_of(RECOVERED, kind="panic", said="boom")
    assert shown(error) == [("/srv/app/main.go", "main", "main", 100), ("/srv/app/pay.go", "main", "pay", 15)]
    (error,) = chain_of(RECOVERED.replace("panic({", "notpanic({"), kind="panic", said="boom")
    assert len(error.frames) == 5


def test_ruby_and_php():
    (error,) = chain_of(RUBY, kind="ZeroDivisionError", said="divided by 0")
    assert [frame.function for frame in error.frames] == ["<main>", "call", "each", "Cart#pay"]
    assert [is_in_app(frame) for frame in error.frames] == [True, False, True, True]
    (error,) = chain_of(PHP, kind="DivisionByZeroError", said="Division by zero")
    assert shown(error) == [
        ("/var/www/vendor/slim/App.php", "", "", 7),
        ("/var/www/cart.php", "", "Slim\\App->run", 12),
        ("/var/www/a.php", "", "Cart->pay", 3),
    ]
    assert [is_in_app(frame) for frame in error.frames] == [False, True, True]


def test_firefox_writes_an_at_sign():
    (error,) = chain_of(FIREFOX, kind="TypeError", said="x")
    assert [frame.function for frame in error.frames] == ["", "pay"]


def test_what_is_known_of_the_exception_wins_over_what_is_printed():
    (error,) = chain_of(NODE.partition(" {\n")[0].replace("x is not", "y is not"), kind="a.b.Known", said="told")
    assert (error.type, error.value) == ("Known", "told")


@pytest.mark.parametrize("lines", [2, 30])
def test_a_message_of_many_lines_hides_no_frame(lines):
    said = "\n".join(f"line {number}" for number in range(lines))
    text = f'Traceback (most recent call last):\n  File "/a.py", line 1, in f\n    x()\nValueError: {said}\n'
    (error,) = chain_of(text, kind="ValueError", said=said)
    assert (error.value, len(error.frames)) == (said, 1)


def test_without_frames_only_what_is_known_is_left():
    assert chain_of("it just broke", kind="E", said="m")[0].frames == ()
    assert chain_of("", kind="", said="") == ()
    assert chain_of("no stack at all") == ()


def test_a_deep_recursion_loses_its_middle():
    text = "RangeError: deep\n" + "\n".join(f"    at f{n} (/a.js:{n}:1)" for n in range(1000))
    (error,) = chain_of(text)
    assert len(error.frames) == 250
    assert (error.frames[0].function, error.frames[-1].function) == ("f999", "f0")
