"""Logs for tests: what each language prints when it dies, a test report, and what the Collector makes of them."""

from datetime import UTC, datetime

from improver import plugins
from improver.model import Frame, Payload, Raised

logs = plugins.load("collectors", "logs")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
AT = datetime(2026, 11, 21, 10, 30, 15, 250000, tzinfo=UTC)


def payload(body, path="/logs"):
    body = body.encode() if isinstance(body, str) else body
    return Payload(id="p", collector="logs", path=path, received_at=NOW, body=body)


def events(body, path="/logs"):
    return list(logs.decode([payload(body, path)], logs.Config()).events)


def one(body, path="/logs"):
    [event] = events(body, path)
    return event


def frame(file, function, line, **more):
    return Frame(filename=file, abs_path=file if file[0] == "/" else "", function=function, lineno=line, **more)


PYTHON = """\
Traceback (most recent call last):
  File "/srv/shop/app.py", line 12, in pay
    return total / n
KeyError: 'n'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/app.py", line 20, in <module>
    pay()
ValueError: no price
"""
JAVA = """\
java.lang.IllegalStateException: empty cart
\tat com.shop.Cart.pay(Cart.java:9)
\tat java.base/java.lang.Thread.run(Thread.java:840)
\tSuppressed: java.io.IOException: closed
\t\tat com.shop.Cart.close(Cart.java:99)
Caused by: java.lang.NullPointerException: price
\tat com.shop.Cart.sum(Cart.java:20)
\t... 2 more
"""
NODE = """\
/srv/shop/cart.js:12
    throw new TypeError("x");
    ^

TypeError [ERR_PRICE]: no price
in two lines
    at pay (/srv/shop/cart.js:12:11)
    at Object.<anonymous> (/srv/shop/cart.js:20:1) {
  code: 'ERR_PRICE',
  [cause]: Error: no row
      at row (/srv/shop/db.js:1:2)
}

Node.js v24.1.0
"""
GO = """\
panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.pay(...)
\t/srv/shop/cart.go:12
main.main()
\t/srv/shop/main.go:20 +0x1d

goroutine 7 [select]:
main.other()
\t/srv/shop/other.go:1 +0x1d
exit status 2
"""
RUBY = """\
cart.rb:3:in `pay': divided by 0 (ZeroDivisionError)
\tfrom cart.rb:7:in `<main>'
"""
CHAINS = {
    "python": (
        Raised(type="KeyError", value="'n'", frames=(
            frame("/srv/shop/app.py", "pay", 12, context_line="return total / n"),)),
        Raised(type="ValueError", value="no price", frames=(
            frame("/srv/shop/app.py", "<module>", 20, context_line="pay()"),)),
    ),
    "java": (
        Raised(type="NullPointerException", value="price", frames=(
            frame("Cart.java", "sum", 20, module="com.shop.Cart"),)),
        Raised(type="IllegalStateException", value="empty cart", frames=(
            frame("Thread.java", "run", 840, module="java.lang.Thread", in_app=False),
            frame("Cart.java", "pay", 9, module="com.shop.Cart"))),
    ),
    "node": (
        Raised(type="Error", value="no row", frames=(frame("/srv/shop/db.js", "row", 1, colno=2),)),
        Raised(type="TypeError", value="no price\nin two lines", frames=(
            frame("/srv/shop/cart.js", "Object.<anonymous>", 20, colno=1),
            frame("/srv/shop/cart.js", "pay", 12, colno=11))),
    ),
    "go": (
        Raised(type="runtime error", value="index out of range [5] with length 3", frames=(
            frame("/srv/shop/main.go", "main", 20, module="main"),
            frame("/srv/shop/cart.go", "pay", 12, module="main")), synthetic=True),
    ),
    "ruby": (
        Raised(type="ZeroDivisionError", value="divided by 0", frames=(
            frame("cart.rb", "<main>", 7), frame("cart.rb", "pay", 3))),
    ),
}  # fmt: skip
PRINTED = {"python": PYTHON, "java": JAVA, "node": NODE, "go": GO, "ruby": RUBY}

ACTIONS = "2026-11-21T10:30:15.2500000Z "
JUNIT = """<?xml version="1.0" encoding="utf-8"?><testsuites>
<testsuite name="pytest" timestamp="2026-11-21T10:30:15.250000">
<testcase classname="tests.test_cart" name="test_sum" time="0.001"/>
<testcase classname="tests.test_cart" name="test_none" time="0.001">
<failure message="ZeroDivisionError: division by zero">
    def test_none():
&gt;       assert average([]) == 0

tests/test_cart.py:5:
_ _ _ _

    def average(prices):
&gt;       return sum(prices) / len(prices)
E       ZeroDivisionError: division by zero

shop.py:6: ZeroDivisionError</failure></testcase>
<testcase classname="com.shop.CartTest" name="pays" file="CartTest.java" line="3"><error
 type="java.lang.IllegalStateException" message="empty cart">java.lang.IllegalStateException: empty cart
	at com.shop.Cart.pay(Cart.java:9)</error></testcase>
</testsuite></testsuites>"""
