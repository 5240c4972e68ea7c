"""The real PostHog SDKs, unchanged, against the real receiver: Python, Node, and posthog-js in a real browser."""

import subprocess
import sys
import time

import pytest

from improver import plugins
from improver.model import ErrorEvent, ToolCallEvent, TrustLabel, UsageEvent
from tests.browser import browser, site, until
from tests.clients import served
from tests.ingest import Ingest
from tests.js_clients import node_modules

posthog = plugins.load("collectors", "posthog")


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path, collector="posthog")
    yield ingest
    ingest.spool.close()


def names(batch):
    return [getattr(event, "name", "$exception") for event in batch.events]


def errors(batch):
    return [event for event in batch.events if isinstance(event, ErrorEvent)]


PYTHON = """
import sys
from posthog import Posthog

client = Posthog(sys.argv[1], host=sys.argv[2], enable_exception_autocapture=True, **eval(sys.argv[3]))
print("flag", client.get_feature_flag("new-checkout", "u1"))
client.capture("order placed", distinct_id="u1", properties={"$session_id": "s1", "$app_version": "1.2"})
client.alias(previous_id="anon", distinct_id="u1")
client.capture("$ai_span", distinct_id="u1", properties={"$ai_span_type": "tool", "$ai_span_name": "search"})

def average(prices):
    return sum(prices) / len(prices)

try:
    average([])
except ZeroDivisionError as error:
    client.capture_exception(error, distinct_id="u1")
raise KeyError("price")
"""


@pytest.mark.parametrize("options", ["{}", "{'gzip': True}", "{'capture_mode': 'v1', 'capture_compression': 'gzip'}"])
def test_posthog_python_reports_to_a_real_server(ingest, tmp_path, options):
    with served(ingest.receiver) as url:
        done = subprocess.run(
            [sys.executable, "-c", PYTHON, ingest.key.value, url, options],
            cwd=tmp_path, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert "KeyError" in done.stderr
    assert "flag None" in done.stdout or "flag False" in done.stdout
    batch = ingest.decoded()
    caught, uncaught = errors(batch)
    assert (caught.raised[0].type, caught.raised[0].frames[-1].function, caught.crashed) == (
        "ZeroDivisionError", "average", False,
    )  # fmt: skip
    assert (uncaught.raised[0].type, uncaught.crashed) == ("KeyError", True)
    (placed,) = [event for event in batch.events if isinstance(event, UsageEvent) and event.name == "order placed"]
    assert (placed.user, placed.session, placed.release) == ("u1", "s1", "1.2")
    assert [event.tool for event in batch.events if isinstance(event, ToolCallEvent)] == ["search"]
    assert {payload.trust for payload in ingest.spooled()} == {TrustLabel.SERVER}
    assert ingest.receiver.counters()["posthog"]["rejected"] == {}


NODE = """
const { PostHog } = require("posthog-node");
const [, , key, host] = process.argv;
const client = new PostHog(key, { host, enableExceptionAutocapture: true });
function average(prices) { return prices.total.sum; }
(async () => {
  console.log("flag", await client.getFeatureFlag("new-checkout", "u1"));
  client.capture({ distinctId: "u1", event: "order placed", properties: { $app_version: "1.2" } });
  client.identify({ distinctId: "u1", properties: { plan: "free" } });
  try { average([]); } catch (error) {
    client.captureException(new Error("no average", { cause: error }), "u1");
  }
  await client.shutdown();
})();
"""


def test_posthog_node_reports_to_a_real_server(ingest, tmp_path):
    (tmp_path / "node_modules").symlink_to(node_modules())
    (tmp_path / "app.js").write_text(NODE)
    with served(ingest.receiver) as url:
        command = ["node", "app.js", ingest.key.value, url]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert "flag undefined" in done.stdout or "flag false" in done.stdout, done.stderr
    batch = ingest.decoded()
    (error,) = errors(batch)
    # The one that surfaced is the last of the chain, its cause before it.
    assert [raised.type for raised in error.raised] == ["TypeError", "Error"]
    assert error.raised[0].frames[-1].function == "average"
    assert (error.platform, error.handled) == ("node", True)
    assert {"order placed", "$identify"} <= set(names(batch))
    assert {event.release for event in batch.events if event.data["event"] == "order placed"} == {"1.2"}
    assert {payload.trust for payload in ingest.spooled()} == {TrustLabel.SERVER}
    assert ingest.receiver.counters()["posthog"]["rejected"] == {}


PAGE = """<!doctype html><meta charset="utf-8"><title>Shop</title>
<style>button { display: block; margin: 30px; width: 200px; height: 40px }</style>
<h1>Shop</h1><button id="pay" class="btn">Pay now</button><button id="dead">Dead button</button><p id="said"></p>
<script>
function charge(card) { return card.number; }
document.getElementById("pay").addEventListener("click", () => {
  document.getElementById("said").textContent += "paying ";
  setTimeout(function later() { charge(null); }, 10);
});
</script>
"""
INIT = "posthog.init('KEY', { api_host: 'HOST', defaults: '2026-01-30', opt_out_useragent_filter: true });"
# As PostHog hands it out, less the list of methods that are not called here.
SNIPPET = (
    """<script>
!function(t,e){var o,n,p,r;e.__SV||(window.posthog=e,e._i=[],e.init=function(i,s,a){function g(t,e){var o=e.split(".");
2==o.length&&(t=t[o[0]],e=o[1]),t[e]=function(){t.push([e].concat(Array.prototype.slice.call(arguments,0)))}}
(p=t.createElement("script")).type="text/javascript",p.crossOrigin="anonymous",p.async=!0,
p.src=s.api_host.replace(".i.posthog.com","-assets.i.posthog.com")+"/static/array.js",
(r=t.getElementsByTagName("script")[0]).parentNode.insertBefore(p,r);var u=e;for(void 0!==a?u=e[a]=[]:a="posthog",
u.people=u.people||[],u.toString=function(t){return"posthog"},o="init capture identify".split(" "),n=0;n<o.length;n++)
g(u,o[n]);e._i.push([i,s,a])},e.__SV=1)}(document,window.posthog||[]);
"""
    + INIT
    + "</script>"
)
MODULE = (
    "<script type='module'>import posthog from './module.full.no-external.js'; window.posthog = posthog; "
    + INIT
    + "</script>"
)


EXPECTED = {
    "$pageview",
    "$autocapture",
    "$rageclick",
    "$dead_click",
    "$web_vitals",
    "$pageleave",
    "$identify",
    "$exception",
}


@pytest.mark.parametrize("way", [SNIPPET, MODULE], ids=["snippet", "npm"])
def test_posthog_js_reports_what_people_do_in_a_real_browser(tmp_path, way):
    dist = node_modules() / "posthog-js" / "dist"
    (tmp_path / "ingest").mkdir()
    ingest = Ingest(tmp_path / "ingest", collector="posthog", config=posthog.Config(static=dist))
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "module.full.no-external.js").symlink_to(dist / "module.full.no-external.js")
    with served(ingest.receiver) as url, site(pages) as shop, browser() as page:
        written = PAGE + way.replace("KEY", ingest.public.value).replace("HOST", url)
        (pages / "index.html").write_text(written)
        page.open(f"{shop}/index.html")
        until(lambda: "$pageview" in names(ingest.decoded()), what="a $pageview")
        page.run("posthog.identify('u1', { plan: 'free' })")

        def clicked() -> bool:
            """Again if need be: the scripts that see dead clicks and exceptions come in when the page is up already."""
            page.click("#pay")
            page.click("#dead", times=5)
            time.sleep(4)
            return EXPECTED - {"$pageleave", "$web_vitals"} <= set(names(ingest.decoded()))

        until(clicked, seconds=60, what="clicks")
        page.open("about:blank")
        until(lambda: set(names(ingest.decoded())) >= EXPECTED, what="the rest")
    check_visit(ingest, shop)
    ingest.spool.close()


def check_visit(ingest, shop):
    batch = ingest.decoded()
    assert batch.rejected == {}
    assert ingest.receiver.counters()["posthog"]["rejected"] == {}
    by_name = {event.data["event"]: event for event in batch.events}
    assert by_name["$rageclick"].element == by_name["$dead_click"].element == 'button#dead "Dead button"'
    assert {'button#pay "Pay now"', 'button#dead "Dead button"'} >= {
        event.element for event in batch.events if event.data["event"] == "$autocapture"
    }
    error = by_name["$exception"]
    assert (error.raised[-1].type, error.user, error.platform, error.crashed) == (
        "TypeError",
        "u1",
        "javascript",
        False,
    )
    assert [frame.function for frame in error.raised[-1].frames] == ["later", "charge"]
    assert by_name["$pageview"].url == f"{shop}/index.html"
    assert len({event.session for event in batch.events}) == 1
    assert {event.window for event in batch.events if isinstance(event, UsageEvent)} != {""}
    assert {payload.trust for payload in ingest.spooled()} == {TrustLabel.PUBLIC}
    measured = by_name["$web_vitals"].data["properties"]
    assert any(name.startswith("$web_vitals_") and name.endswith("_value") for name in measured)
