"""One failure has one key, whichever client told of it."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from improver.collectors import _sentry_events, crash
from improver.collectors._log_stacks import failure_in
from improver.collectors._stacks import chain_of
from improver.grouping import group
from improver.model import ErrorEvent, Frame, Payload, Raised

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAPTURES = Path(__file__).parent.parent / "fixtures" / "captures" / "sentry-node"
PAYLOAD = Payload(id="p", collector="sentry", path="/", received_at=NOW, body=b"")
SAID = "Cannot read properties of undefined (reading 'total')"
# What Node prints, what OpenTelemetry's recordException sends (no more than ten frames), and what a log has.
NODE = f"""TypeError: {SAID}
    at /srv/shop/app.js:4:32
    at Layer.handle [as handle_request] (/srv/shop/node_modules/express/lib/router/layer.js:95:5)
    at next (/srv/shop/node_modules/express/lib/router/route.js:149:13)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"""
PYTHON = """Traceback (most recent call last):
  File "/usr/lib/python3.13/site-packages/flask/app.py", line 100, in full_dispatch_request
    rv = self.dispatch_request()
  File "/srv/shop/shop/cart.py", line 3, in pay
    total / people
ZeroDivisionError: division by zero
"""


def sentry(platform, kind, said, *frames):
    values = [{"type": kind, "value": said, "stacktrace": {"frames": list(frames)}}]
    record = {"platform": platform, "level": "error", "exception": {"values": values}}
    return _sentry_events.error_or_log(record, PAYLOAD)


def told(chain, platform=""):
    return ErrorEvent(payload_id="p", occurred_at=NOW, platform=platform, raised=chain)


def keys(*events):
    return {group(event).key for event in events}


def test_an_express_error_is_one_through_sentry_opentelemetry_and_a_log():
    by_sentry = sentry(
        "node", "TypeError", SAID,
        {"filename": "node:internal/process/task_queues", "module": "task_queues", "lineno": 95,
         "function": "process.processTicksAndRejections", "in_app": False},
        {"filename": "/srv/shop/node_modules/express/lib/router/layer.js", "module": "express.lib.router:layer",
         "function": "Layer.handle [as handle_request]", "lineno": 95, "in_app": False},
        {"filename": "/srv/shop/app.js", "module": "app", "function": "?", "lineno": 4, "in_app": True},
    )  # fmt: skip
    by_otel = told(chain_of(NODE, kind="TypeError", said=SAID))
    by_log = told(failure_in(f"{NODE}\n\nNode.js v20.20.2").chain, "node")
    assert len(keys(by_sentry, by_otel, by_log)) == 1
    moved = told(chain_of(NODE.replace("app.js", "pay.js"), kind="TypeError", said=SAID))
    assert len(keys(by_otel, moved)) == 2


def test_what_node_really_sends_is_one_with_what_node_prints():
    body = base64.b64decode(json.loads((CAPTURES / "sentry-node-005.json").read_text())["body_b64"])
    by_sentry = _sentry_events.error_or_log(json.loads(body.split(b"\n")[2]), PAYLOAD)
    raised = by_sentry.raised[-1]
    printed = [f"{raised.type}: {raised.value}"]
    printed += [f"    at {frame.filename}:{frame.lineno}:{frame.colno}" for frame in reversed(raised.frames)][:10]
    assert keys(by_sentry) == keys(told(chain_of("\n".join(printed), kind=raised.type, said=raised.value)))


def test_a_python_error_is_one_through_sentry_opentelemetry_a_log_and_the_crash_hook():
    by_sentry = sentry(
        "python", "ZeroDivisionError", "division by zero",
        {"filename": "flask/app.py", "module": "flask.app", "function": "full_dispatch_request", "in_app": False},
        {"filename": "shop/cart.py", "abs_path": "/srv/shop/shop/cart.py", "module": "shop.cart", "function": "pay",
         "lineno": 3, "in_app": True},
    )  # fmt: skip
    by_otel = told(chain_of(PYTHON, kind="builtins.ZeroDivisionError", said="division by zero"))
    by_log = told(failure_in(f"ERROR shop: it broke\n{PYTHON}").chain, "python")
    record = {
        "version": 1, "kind": "python", "type": "ZeroDivisionError", "value": "division by zero",
        "frames": [{"file": "/srv/shop/shop/cart.py", "module": "shop.cart", "function": "pay", "line": 3}],
    }  # fmt: skip
    by_hook = crash.decode([replace(PAYLOAD, body=json.dumps(record).encode())], crash.Config()).events
    assert len(keys(by_sentry, by_otel, by_log, *by_hook)) == 1


def test_browsers_that_name_callbacks_differently_tell_of_one_error():
    url = "https://shop.example/assets/app.4f2a9c1b.js"

    def browser(*frames):
        stack = tuple(Frame(filename=place, abs_path=place, function=f, in_app=True) for f, place in frames)
        return told((Raised(type="Error", value="x", frames=stack),), "javascript")

    chrome = browser(("HTMLButtonElement.<anonymous>", url), ("Array.map", "<anonymous>"), ("Cart.pay", url))
    firefox = browser(("", url.replace("4f2a9c1b", "00aa11bb")), ("pay", url))
    safari = browser(("?", url), ("map", "[native code]"), ("pay", url))
    assert len(keys(chrome, firefox, safari)) == 1


def test_java_is_one_with_proxies_and_lambdas_of_another_build():
    stack = """java.lang.IllegalStateException: bad
\tat com.shop.Cart.lambda$pay$%d(Cart.java:10)
\tat com.shop.Cart$$EnhancerBySpringCGLIB$$%x.pay(<generated>)
\tat jdk.internal.reflect.GeneratedMethodAccessor%d.invoke(Unknown Source)
\tat com.shop.Main.main(Main.java:4)"""
    assert len(keys(*(told(chain_of(stack % (n, 0xABC0 + n, n)), "java") for n in range(3)))) == 1


def test_compiled_code_is_one_from_build_to_build():
    text = """==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x%x at pc 0x%x
    #0 0x%x in __interceptor_free /src/llvm/asan_malloc_linux.cpp:52:3
    #1 0x%x in shop::(anonymous namespace)::Pay<int>(int) src/pay.cc:%d:3
    #2 0x%x in main src/main.cc:%d:1
    #3 0x%x in __libc_start_main (/lib/x86_64-linux-gnu/libc.so.6+0x%x)"""
    chains = [failure_in(text % tuple(range(n, n + 9))).chain for n in (4096, 8192)]
    assert chains[0][0].type == "heap-use-after-free"
    assert len(keys(*map(told, chains))) == 1
    assert keys(told(chains[0])) != keys(told(failure_in(text.replace("Pay", "Add") % tuple(range(9))).chain))
