"""One failure, told by Sentry's SDK, by OpenTelemetry's and by a printed traceback, is one group: real SDKs."""

import json
import subprocess
import sys

import pytest

from improver import plugins
from improver.grouping import explain
from improver.model import ErrorEvent, Payload
from tests.ingest import NOW


def _because(error: ErrorEvent) -> list[str]:
    return [f"{part.what}: {part.text}" for part in explain(error) if not part.ignored]


ENTRY = """
import json, sys, traceback
import sentry_sdk
from opentelemetry.sdk.trace import TracerProvider

sent = []
dsn = "http://k@127.0.0.1:9/1"
sentry_sdk.init(dsn=dsn, default_integrations=False, before_send=lambda event, hint: sent.append(event))
span = TracerProvider().get_tracer("shop").start_span("checkout")
{serve}
try:
    serve()
except Exception as error:
    sentry_sdk.capture_exception(error)
    span.record_exception(error)
    told = dict(span.events[0].attributes)
    json.dump({{"sentry": sent[0], "otlp": told, "printed": traceback.format_exc()}}, sys.stdout, default=str)
"""
CART = """
def total(prices):
    return sum(prices) / len(prices)


def checkout(cart):
    try:
        return total(cart)
    except ZeroDivisionError as error:
        raise RuntimeError("no cart") from error
"""
LAYOUTS = {
    "a script alone": {"main.py": ENTRY.format(serve=f"{CART}\ndef serve():\n    checkout([])\n")},
    "a module beside the script": {
        "main.py": ENTRY.format(serve="import Cart\n\ndef serve():\n    Cart.checkout([])\n"), "Cart.py": CART,
    },
    "modules in packages": {
        "main.py": ENTRY.format(serve="from shop.cart import checkout\n\ndef serve():\n    checkout([])\n"),
        "shop/__init__.py": "",
        "shop/cart/__init__.py": "from shop.cart.sums import checkout\n",
        "shop/cart/sums.py": CART,
    },
}  # fmt: skip


def payload(collector, path, body):
    return Payload(
        id="p", collector=collector, path=path, received_at=NOW, body=body, content_type="application/json"
    )  # fmt: skip


def error_of(collector, path, body):
    plugin = plugins.load("collectors", collector)
    events = plugin.decode([payload(collector, path, body)], plugin.Config()).events
    return next(event for event in events if isinstance(event, ErrorEvent))


def over_otlp(attributes):
    pairs = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
    happened = {"name": "exception", "attributes": pairs}
    span = {"traceId": "1" * 32, "spanId": "1" * 16, "name": "a", "events": [happened]}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_sentry_opentelemetry_and_a_log_agree_on_a_python_failure(tmp_path, layout):
    for name, content in LAYOUTS[layout].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    ran = subprocess.run([sys.executable, tmp_path / "main.py"], capture_output=True, text=True, timeout=60, check=True)
    told = json.loads(ran.stdout)
    found = {
        "sentry": error_of("sentry", "/api/1/store/", json.dumps(told["sentry"]).encode()),
        "otlp": error_of("otlp", "/v1/traces", over_otlp(told["otlp"])),
        "logs": error_of("logs", "/logs", f"ERROR failed\n{told['printed']}".encode()),
    }
    groups = {name: _because(error) for name, error in found.items()}
    assert groups["otlp"] == groups["sentry"] == groups["logs"]
    assert len(groups["sentry"]) > 3


def test_what_only_a_package_tells_apart_stays_apart():
    """Without a file of the app above them, nothing says where the app's folder begins."""
    printed = 'Traceback (most recent call last):\n  File "/srv/shop/{}/sums.py", line 3, in total\nValueError: x\n'
    one, other = (error_of("logs", "/logs", printed.format(name).encode()) for name in ("cart", "bill"))
    assert _because(one) == ["type: ValueError", "frame: sums|total"] == _because(other)
