"""Sentry's real JavaScript SDKs, against a real server, into a Warehouse: Node's, and the browser's in Chromium."""

import hashlib
import json
import subprocess

import pytest

from tests.browser import browser, site, until
from tests.clients import reporting
from tests.js_clients import node_modules

NODE = """
const Sentry = require("@sentry/node");
const service = "shop-web";
Sentry.init({
  dsn: process.argv[2], release: "shop@1.2.0", environment: "test", tracesSampleRate: 1, enableLogs: true,
  initialScope: { tags: { service }, attributes: { service } },
});
const http = require("http");
function average(prices) { return prices.total.sum; }
function checkout(prices) {
  try { return average(prices); } catch (error) { throw new Error("no checkout", { cause: error }); }
}
let failed;
const server = http.createServer((request, response) => {
  Sentry.setUser({ id: "u1" });
  Sentry.startSpan({ name: "price of cart", op: "function" }, () => {
    try { checkout([]); } catch (error) {
      Sentry.addBreadcrumb({ category: "cart", message: "emptied" });
      Sentry.getCurrentScope().addAttachment({ filename: "cart.json", data: '{"items": 2}' });
      failed = Sentry.captureException(error);
    }
    Sentry.logger.warn(Sentry.logger.fmt`cart of ${17} items`, { plan: "free" });
    Sentry.metrics.count("orders", 2, { unit: "order" });
  });
  response.statusCode = 500;
  response.end("broken");
});
server.listen(0, "127.0.0.1", () => {
  http.get(`http://127.0.0.1:${server.address().port}/cart/17?coupon=x`, (answer) => answer.resume().on("end", ended));
});
async function ended() {
  const said = { message: "the cart is broken", name: "Ann", email: "ann@example.org", associatedEventId: failed };
  Sentry.captureFeedback(said);
  const monitor = { schedule: { type: "crontab", value: "0 3 * * *" } };
  const checkInId = Sentry.captureCheckIn({ monitorSlug: "nightly", status: "in_progress" }, monitor);
  Sentry.captureCheckIn({ monitorSlug: "nightly", checkInId, status: "ok", duration: 2 });
  Sentry.captureMessage("just so you know", "info");
  server.close();
  await Sentry.flush(10000);
  setTimeout(() => { throw new RangeError("nobody caught this"); }, 1);
}
"""
COMMON = ("target", "trust", "service", "environment", "release")
OURS = ("shop", "server", "shop-web", "test", "shop@1.2.0")


def told(row, *names):
    return tuple(row[name] for name in names)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """What one run of the app left in the Warehouse."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "node_modules").symlink_to(node_modules())
    (folder / "app.js").write_text(NODE)
    with reporting(folder) as warehouse:
        command = ["node", "app.js", warehouse.key.dsn(warehouse.url)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        assert "nobody caught this" in done.stderr, done.stderr
        yield warehouse


def test_node_tells_a_chain_of_exceptions_with_its_frames(node):
    (error,) = node.rows("select * from errors where exception_type = 'Error'")
    assert told(error, *COMMON) == OURS
    assert told(error, "exception_value", "user", "route", "platform", "level") == (
        "no checkout", "u1", "GET /cart/17", "node", "error",
    )  # fmt: skip
    assert told(error, "handled", "crashed") == (True, False)
    cause, surfaced = json.loads(error["raised"])
    assert (cause["type"], surfaced["type"]) == ("TypeError", "Error")
    ours = [frame for frame in cause["frames"] if frame["in_app"]]
    assert [frame["function"] for frame in ours[-2:]] == ["checkout", "average"]
    assert ours[-1]["context_line"] == "function average(prices) { return prices.total.sum; }"
    assert told(ours[-1], "lineno", "colno") == (9, 48)
    assert ours[-1]["filename"].endswith("/app.js")
    libraries = [frame for frame in surfaced["frames"] if "node_modules" in frame["filename"]]
    assert libraries and not any(frame["in_app"] for frame in libraries)


def test_node_tells_what_led_to_an_error_and_what_is_attached_to_it(node):
    (error,) = node.rows("select * from errors where exception_type = 'Error'")
    data = json.loads(error["data"])
    assert [crumb["message"] for crumb in data["breadcrumbs"] if crumb.get("category") == "cart"] == ["emptied"]
    assert [told(one, "name", "size", "sha256") for one in data["attachments"]] == [
        ("cart.json", 12, hashlib.sha256(b'{"items": 2}').hexdigest())
    ]


def test_node_tells_its_own_death(node):
    (error,) = node.rows("select * from errors where exception_type = 'RangeError'")
    assert told(error, *COMMON) == OURS
    assert told(error, "exception_value", "level", "handled", "crashed") == ("nobody caught this", "fatal", False, True)
    assert json.loads(error["raised"])[0]["frames"][-1]["function"] == "Timeout._onTimeout"


def test_node_tells_a_request_as_spans_of_the_route_that_its_errors_name(node):
    (error,) = node.rows("select * from errors where exception_type = 'Error'")
    (served,) = node.rows("select * from spans where op = 'http.server'")
    (inner,) = node.rows("select * from spans where op = 'function'")
    for span in (served, inner):
        assert told(span, *COMMON, "trace_id") == (*OURS, error["trace_id"])
    assert told(served, "root", "status", "route") == (True, "error", error["route"])
    assert told(inner, "root", "name", "route", "user") == (False, "price of cart", error["route"], "u1")
    assert (inner["parent_id"], error["span_id"]) == (served["span_id"], inner["span_id"])
    assert served["duration_ms"] >= inner["duration_ms"] > 0


def test_node_tells_logs_and_metrics(node):
    lines = node.rows("select * from logs order by occurred_at")
    assert [told(line, *COMMON, "body", "severity") for line in lines] == [
        (*OURS, "cart of 17 items", 13),
        (*OURS, "just so you know", 9),
    ]
    (inner,) = node.rows("select * from spans where op = 'function'")
    assert told(lines[0], "user", "span_id") == ("u1", inner["span_id"])
    (metric,) = node.rows("select * from metrics")
    assert told(metric, *COMMON, "name", "value", "unit") == (*OURS, "orders", 2.0, "order")


def test_node_tells_sessions_check_ins_and_feedback(node):
    (session,) = node.rows("select * from sessions")
    assert told(session, "target", "trust", "environment", "release") == ("shop", "server", "test", "shop@1.2.0")
    assert told(session, "started", "ended_well", "errored", "crashed") == (1, 0, 1, 0)
    begun, ended = node.rows("select * from check_ins order by status")
    assert told(begun, "monitor", "status", "schedule") == ("nightly", "in_progress", "0 3 * * *")
    assert told(ended, "monitor", "status", "duration_ms") == ("nightly", "ok", 2000.0)
    assert begun["check_in_id"] == ended["check_in_id"] != ""
    (remark,) = node.rows("select * from remarks")
    assert told(remark, *COMMON, "said") == (*OURS, "the cart is broken")
    assert remark["user"].startswith("user:")
    assert "ann@example.org" not in remark["data"]
    (error,) = node.rows("select * from errors where exception_type = 'Error'")
    assert json.loads(remark["data"])["associated_event_id"] == error["client_id"]


def test_nothing_of_what_node_sends_is_refused_and_what_it_left_out_is_counted(node):
    # The app's own question, asked outside of any span.
    assert [told(row, "collector", "reason", "items") for row in node.rows("select * from rejections")] == [
        ("sentry", "client_dropped_no_parent_span", 1)
    ]
    assert node.rows("select * from quarantine") == []


PAGE = """<!doctype html><meta charset="utf-8"><title>Shop</title>
<button id="pay">Pay</button><button id="ship">Ship</button><script src="bundle.js"></script>
"""
BROWSER = """
import * as Sentry from "@sentry/browser";
const service = "shop-page";
Sentry.init({
  dsn: "DSN", release: "web@2", environment: "test", tracesSampleRate: 1, enableLogs: true,
  initialScope: { tags: { service }, attributes: { service } },
  integrations: [Sentry.browserTracingIntegration({ idleTimeout: 200 })],
});
Sentry.setUser({ id: "u1" });
window.Sentry = Sentry;
function charge(card) { return card.number; }
const on = (id, clicked) => document.getElementById(id).addEventListener("click", clicked);
on("pay", () => setTimeout(function later() { charge(null); }, 1));
on("ship", () => Promise.reject(new RangeError("no ship", { cause: new TypeError("no address") })));
"""
SAY = """
Sentry.logger.warn("cart is empty");
Sentry.captureFeedback({ message: "pay is dead", email: "ann@example.org", associatedEventId: Sentry.lastEventId() });
history.pushState({}, "", "/cart/17");
"""
COUNTS = """
select (select count(*) from errors) as errors, (select count(*) from remarks) as remarks,
    (select count(*) from logs) as logs, (select count(*) from spans where root) as roots
"""
PAGES = ("shop", "public", "shop-page", "test", "web@2")


def bundled(pages, folder, dsn):
    """The page, with the SDK in its bundle as its users have it there."""
    (pages / "index.html").write_text(PAGE)
    (folder / "app.js").write_text(BROWSER.replace("DSN", dsn))
    esbuild = folder / "node_modules" / ".bin" / "esbuild"
    command = [esbuild, "app.js", "--bundle", f"--outfile={pages}/bundle.js", "--log-level=error"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    """What one visit of a page left in the Warehouse, and the page's origin."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "node_modules").symlink_to(node_modules())
    (folder / "pages").mkdir()
    with reporting(folder) as warehouse:
        bundled(folder / "pages", folder, warehouse.public.dsn(warehouse.url))
        with site(folder / "pages") as shop, browser() as tab:
            tab.open(f"{shop}/index.html?coupon=x")
            until(lambda: tab.run("!!window.Sentry && document.readyState === 'complete'"), what="the page")
            # The pageload ends by itself, when nothing has happened for a while.
            until(lambda: warehouse.rows(COUNTS)[0]["roots"] == 1, seconds=30, what="the pageload")
            tab.click("#pay")
            # For a moment after an error, the SDK leaves out any other.
            until(lambda: warehouse.rows(COUNTS)[0]["errors"] == 1, seconds=30, what="the error")
            tab.click("#ship")
            until(lambda: warehouse.rows(COUNTS)[0]["errors"] == 2, seconds=30, what="the rejection")
            tab.run(SAY)
            until(lambda: warehouse.rows(COUNTS)[0]["roots"] == 2, seconds=30, what="the navigation")
            tab.open("about:blank")
            whole = {"errors": 2, "remarks": 1, "logs": 1, "roots": 2}
            until(lambda: warehouse.rows(COUNTS) == [whole], seconds=30, what="the rest")
        yield warehouse, shop


def test_a_page_tells_an_error_that_nobody_caught(visit):
    warehouse, shop = visit
    (error,) = warehouse.rows("select * from errors where exception_type = 'TypeError'")
    assert told(error, *COMMON, "user", "route", "platform") == (*PAGES, "u1", "/index.html", "javascript")
    assert told(error, "handled", "crashed") == (False, False)
    (raised,) = json.loads(error["raised"])
    assert [told(frame, "function", "filename", "in_app") for frame in raised["frames"]] == [
        ("later", f"{shop}/bundle.js", True), ("charge", f"{shop}/bundle.js", True),
    ]  # fmt: skip
    assert all(frame["lineno"] and frame["colno"] for frame in raised["frames"])


def test_a_page_tells_a_rejection_that_nobody_handled_with_its_cause(visit):
    (error,) = visit[0].rows("select * from errors where exception_type = 'RangeError'")
    assert told(error, *COMMON, "handled") == (*PAGES, False)
    assert [told(one, "type", "value") for one in json.loads(error["raised"])] == [
        ("TypeError", "no address"), ("RangeError", "no ship"),
    ]  # fmt: skip


def test_a_page_tells_its_loading_and_where_it_went_as_routes_that_its_errors_name(visit):
    warehouse, _ = visit
    load, went = warehouse.rows("select * from spans where root order by occurred_at")
    assert told(load, *COMMON, "op", "route", "user") == (*PAGES, "pageload", "/index.html", "u1")
    assert told(went, *COMMON, "op", "route") == (*PAGES, "navigation", "/cart/17")
    (error,) = warehouse.rows("select * from errors where exception_type = 'TypeError'")
    assert (load["trace_id"], load["route"]) == (error["trace_id"], error["route"])
    below = warehouse.rows(f"select op from spans where parent_id = '{load['span_id']}'")
    assert {"browser.request", "browser.response", "resource.script"} <= {span["op"] for span in below}


def test_a_page_tells_its_session_once(visit):
    rows = visit[0].rows("select * from sessions order by started desc")
    assert len({session["session"] for session in rows}) == 1
    assert [sum(row[name] for row in rows) for name in ("started", "ended_well", "errored", "crashed")] == [1, 0, 1, 0]


def test_a_page_tells_logs_and_what_its_users_say(visit):
    warehouse, _ = visit
    (line,) = warehouse.rows("select * from logs")
    assert told(line, *COMMON, "body", "severity") == (*PAGES, "cart is empty", 13)
    (remark,) = warehouse.rows("select * from remarks")
    assert told(remark, *COMMON, "said", "user", "about") == (*PAGES, "pay is dead", "u1", "/index.html")
    ids = {error["client_id"] for error in warehouse.rows("select client_id from errors")}
    assert json.loads(remark["data"])["associated_event_id"] in ids


def test_nothing_of_what_a_page_sends_is_refused_or_trusted(visit):
    warehouse, _ = visit
    assert warehouse.rows("select * from rejections") == warehouse.rows("select * from quarantine") == []
    assert [row["trust"] for row in warehouse.rows("select distinct trust from payloads")] == ["public"]
