"""What a real Chromium and a real Node say of themselves, and what their evidence is worth."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote, unquote

import pytest

from improver.model import TrustLabel
from improver.receiving.browsers import from_a_strangers_page, sent_by_a_browser
from tests.browser import Quiet, browser, site, until
from tests.clients import served
from tests.ingest import Ingest

# Names that are no loopback's: to such an address a browser adds no Sec-Fetch-….
FOREIGN = "--host-resolver-rules=MAP *.example 127.0.0.1"
WAYS = """
const SECRET = new URLSearchParams(location.search).get("to");
const to = (way) => `${SECRET}&way=${way}`;
const said = "{}\\n";
const quiet = { method: "POST", body: said, mode: "no-cors", credentials: "omit", referrerPolicy: "no-referrer" };
const lying = { "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "none", "User-Agent": "node", "Origin": "" };
const worker = (code) => new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
fetch(to("cors"), { method: "POST", body: said });
fetch(to("no-cors"), quiet);
fetch(to("keepalive"), { ...quiet, keepalive: true, cache: "no-store", priority: "low" });
fetch(to("lying"), { ...quiet, headers: lying });
fetch(`/again?to=${encodeURIComponent(to("redirected"))}`, quiet);
navigator.sendBeacon(to("beacon"), said);
const asked = new XMLHttpRequest();
asked.open("POST", to("xhr"));
asked.send(said);
worker(`fetch(${JSON.stringify(to("worker"))}, ${JSON.stringify(quiet)})`);
const frame = document.createElement("iframe");
frame.sandbox = "allow-scripts";
frame.srcdoc = `<script>fetch(${JSON.stringify(to("sandbox"))}, ${JSON.stringify(quiet)})<` + "/script>";
document.body.append(frame);
const form = document.createElement("form");
Object.assign(form, { method: "POST", action: to("form"), target: "form", enctype: "text/plain" });
const field = document.createElement("input");
Object.assign(field, { name: '{"a":"', value: '"}' });
form.append(field);
const answer = document.createElement("iframe");
answer.name = "form";
document.body.append(answer, form);
form.submit();
"""
NAMES = {
    "cors", "no-cors", "keepalive", "lying", "redirected", "beacon", "xhr", "worker", "sandbox", "form",
}  # fmt: skip


class Redirecting(Quiet):
    """Sends a POST on to where it says."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(307)
        self.send_header("location", unquote(self.path.partition("?to=")[2]))
        self.end_headers()


@pytest.fixture
def ingest(tmp_path):
    ingest = Ingest(tmp_path)
    yield ingest
    ingest.spool.close()


@contextmanager
def overheard(ingest) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """The receiver, and the headers of each request by the way that it names."""
    heard: dict[str, dict[str, str]] = {}

    async def listen(scope, receive, send):
        way = scope.get("query_string", b"").decode().partition("way=")[2]
        if way:
            heard[way] = {name.decode(): value.decode() for name, value in scope["headers"]}
        await ingest.receiver(scope, receive, send)

    with served(listen) as url:
        yield f"{url}/api/1/envelope/?sentry_key={ingest.key.value}", heard


@pytest.mark.parametrize(
    ("page", "address"),
    [("127.0.0.1", "127.0.0.1"), ("shop.example", "127.0.0.1"), ("shop.example", "improver.example")],
    ids=["of this machine", "of another site", "where no connection is trusted"],
)
def test_nothing_that_a_page_can_do_in_chromium_earns_a_servers_trust(ingest, tmp_path, page, address):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.html").write_text(f"<!doctype html><body><script>{WAYS}</script>")
    with overheard(ingest) as (url, heard), site(tmp_path / "pages", Redirecting) as shop, browser(FOREIGN) as tab:
        to = quote(url.replace("127.0.0.1", address), safe="")
        tab.open(f"{shop.replace('127.0.0.1', page)}/index.html?to={to}")
        until(lambda: set(heard) >= NAMES, seconds=30, what="one of each way")
        until(lambda: len(ingest.spooled()) == len(NAMES), what="all of them in the Spool")
    assert {(payload.key_id, payload.trust) for payload in ingest.spooled()} == {(ingest.key.id, TrustLabel.PUBLIC)}
    assert [way for way, headers in heard.items() if "origin" not in headers] == []
    told_its_site = {way for way, headers in heard.items() if "sec-fetch-site" in headers}
    assert told_its_site == (NAMES if address == "127.0.0.1" else set())


NODE = """
const [, url] = process.argv;
const post = require("http").request(url + "&way=http", { method: "POST" });
post.on("response", (answer) => answer.resume()).end("{}\\n");
fetch(url + "&way=fetch", { method: "POST", body: "{}\\n" });
"""


def test_a_secret_key_in_nodes_own_fetch_earns_a_servers_trust(ingest):
    if shutil.which("node") is None:
        pytest.skip("needs node: apt-get install nodejs")
    with overheard(ingest) as (url, heard):
        subprocess.run(["node", "-e", NODE, url], check=True, timeout=60)
    assert heard["fetch"]["sec-fetch-mode"] == "cors"
    assert [payload.trust for payload in ingest.spooled()] == [TrustLabel.SERVER] * 2


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "null"},
        {"referer": "http://shop.test/"},
        {"sec-fetch-mode": "cors", "sec-fetch-site": "same-origin"},
        {"sec-fetch-mode": "no-cors"},
        {"sec-fetch-mode": "cors, cors"},
        {"sec-fetch-dest": "empty"},
        {"sec-ch-ua": '"Chromium";v="156"'},
        {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:60.0) Gecko/20100101 Firefox/60.0"},
    ],
)
def test_any_one_of_a_browsers_headers_is_enough(headers):
    assert sent_by_a_browser({"user-agent": "node", **headers})


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-mode": "cors", "user-agent": "node"}, {"user-agent": "curl/8.5"}])
def test_a_server_has_none_of_them(headers):
    assert not sent_by_a_browser(headers)


@pytest.mark.parametrize("origin", ["http://[", "http://a]b", "null", "", "https://evil.example"])
def test_an_origin_that_cannot_be_read_is_a_strangers(origin):
    assert from_a_strangers_page({"origin": origin})
