"""The pages, as HTML and in a real browser."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from improver.dashboards.app import create_app
from improver.dashboards.guard import Guard
from improver.model import FindingStatus
from tests.dashboards.gallery import PAYLOAD, Gallery, hung

HELD, REFUSED, HOSTILE, CRASH = "9f8e7d6c5b4a", "8a7b6c5d4e3f", "0bad0bad0bad", "c1d2e3f4a5b6"
PAGES = ["/", "/report", "/?words=%3Cscript%3E",
         "/?environment=staging", "/?status=dismissed", f"/findings/{HELD}", f"/findings/{REFUSED}",
         f"/findings/{HOSTILE}", f"/findings/{CRASH}", "/findings/%3Cscript%3E", "/nowhere"]  # fmt: skip
OURS = {
    "html", "head", "meta", "title", "link", "body", "header", "main", "nav", "article", "section", "aside", "h1", "h2",
    "h3", "p", "a", "b", "br", "ul", "ol", "li", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "div",
    "span", "code", "pre", "time", "img", "svg", "path", "circle", "line", "text", "details", "summary", "blockquote",
    "bdi", "form", "input", "button",
}  # fmt: skip


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.elements if tag == "a"]

    def count(self, tag: str) -> int:
        return sum(1 for name, _ in self.elements if name == tag)


def page(client: TestClient, path: str) -> Page:
    return Page(client.get(path).text)


def test_the_first_page_says_of_each_finding_what_it_costs_and_where_it_is(client: TestClient) -> None:
    shown = page(client, "/")
    for said in (
        "OperationalError: no such column: todos.finished_at", "todo/app.py:23 compute", "10.7 h/week", "214", "38",
        "↺ regressed", "waiting: every try was used: this one needs a person", "4 min ago", "first 5 days ago", "held",
        "no place in the target's code", "todo · staging",
    ):  # fmt: skip
        assert said in shown.text
    assert f"/findings/{HELD}" in shown.links()


def test_a_sparkline_is_one_element(client: TestClient) -> None:
    html = client.get("/?status=attempting").text
    assert html.count("<path d=") == 2
    assert len(html) < 8_000


def test_the_first_page_renews_itself(client: TestClient) -> None:
    refreshing = [a for tag, a in page(client, "/").elements if tag == "meta" and a.get("http-equiv") == "refresh"]
    assert [attributes["content"] for attributes in refreshing] == ["15"]


def test_a_findings_page_renews_itself_only_while_an_attempt_is_live(client: TestClient) -> None:
    assert 'http-equiv="refresh"' not in client.get(f"/findings/{HELD}").text
    assert 'http-equiv="refresh"' in client.get("/findings/b1c2d3e4f5a7").text


def test_the_first_page_holds_still_when_asked_to(client: TestClient) -> None:
    assert "/?status=open&page=1" in page(client, "/?status=open").links()
    held = client.get("/?status=open&page=1").text
    assert 'http-equiv="refresh"' not in held
    assert "/?status=open" in Page(held).links()


@pytest.mark.parametrize("status", list(FindingStatus))
def test_a_finding_of_every_status_has_its_page_and_its_place(tmp_path: Path, status: FindingStatus) -> None:
    with hung(tmp_path) as gallery:
        gallery.put(replace(gallery.finding("5a5a5a5a5a5a", "in whatever state"), status=status))
        asking = TestClient(create_app(gallery.runtime), base_url="http://127.0.0.1:4319")
        assert asking.get("/findings/5a5a5a5a5a5a").status_code == 200
        assert "in whatever state" in asking.get(f"/?status={status}").text


def test_a_finding_says_what_would_help_and_shortens_the_hash_of_a_release(tmp_path: Path) -> None:
    with hung(tmp_path) as gallery:
        made = gallery.finding("5a5a5a5a5a5a", "Batch candidate: publish")
        gallery.put(replace(made, advice="Offer `publish_multiple`.", release="1234567890ab" + "c" * 28))
        html = TestClient(create_app(gallery.runtime), base_url="http://127.0.0.1:4319").get(f"/findings/{made.id}").text
    assert "Offer <code>publish_multiple</code>." in html
    assert ">1234567890ab</code>" in html


def test_the_report_is_a_page_too(client: TestClient) -> None:
    shown = page(client, "/report?days=30")
    for said in ("What changed", "Fixed and held", "On its way", "Worst now", "claude is at work on it, try 1"):
        assert said in shown.text
    assert f"/findings/{HELD}" in shown.links()


@pytest.mark.parametrize("days", ["0", "x", "9999", "²"])
def test_a_report_of_no_days_is_refused(client: TestClient, days: str) -> None:
    assert client.get(f"/report?days={days}").status_code == 400


def test_before_the_first_event_the_report_says_how_to_connect_an_app(empty: TestClient) -> None:
    assert "improver connect TARGET" in page(empty, "/report").text


def test_before_the_first_event_the_page_says_how_to_connect_an_app(empty: TestClient) -> None:
    shown = page(empty, "/")
    for said in ("Waiting for the first event", "improver init", "improver connect TARGET", "http://127.0.0.1:4318"):
        assert said in shown.text


def test_a_filter_that_fits_nothing_offers_the_way_back(client: TestClient) -> None:
    shown = page(client, "/?environment=nowhere")
    assert "Nothing fits these filters" in shown.text
    assert "/" in shown.links()


def test_one_finding_is_told_whole(client: TestClient) -> None:
    shown = page(client, f"/findings/{HELD}")
    for said in (
        "ZeroDivisionError: division by zero", "642 min a week: 214 × 3 min",  # score with its reasons
        "return len(done) / len(words)", "3 library frames",  # the stack, with the Target's code
        "Show the progress of a to-do",  # a suspect commit
        "v1:a4b5c6d7e8f9e0a1",  # why they are together
        "214 failures in 214 runs of the same route before", "The whole Spec",  # the Spec
        "red_green", "the new test passes on the base revision", "12 passed in 0.81s",  # Gates with their output
        "if not words:", "tests/test_progress.py",  # the change
        "Held: it ran where it used to fail, and did not fail",  # the Outcome
    ):  # fmt: skip
        assert said in shown.text


def test_an_attempt_without_a_sandbox_says_so_on_the_page(client: TestClient) -> None:
    assert (
        "Ran unsandboxed: a person allowed this Target to run unsandboxed" in page(client, f"/findings/{REFUSED}").text
    )


def test_a_finding_without_stack_place_or_spec_is_shown_as_far_as_it_goes(client: TestClient) -> None:
    shown = page(client, f"/findings/{CRASH}")
    assert "These events came without a stack." in shown.text
    assert "not been looked for in the code" in shown.text
    assert f"improver spec {CRASH}" in shown.text


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/findings/ffff", 404), ("/?status=nope", 400), ("/?x=1", 400)]
)
def test_an_error_is_a_page_that_leads_back(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert "/" in Page(answer.text).links()


def test_a_page_cannot_be_posted_to(client: TestClient) -> None:
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("path", PAGES)
def test_hostile_text_adds_no_element_no_handler_no_style_and_no_link(client: TestClient, path: str) -> None:
    shown = page(client, path)
    assert {tag for tag, _ in shown.elements} <= OURS
    assert shown.count("img") == 1
    for _, attributes in shown.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
    assert all(link.startswith("/") for link in shown.links())


def test_hostile_text_is_shown_as_it_is_with_its_invisible_parts_visible(client: TestClient) -> None:
    html = client.get(f"/findings/{HOSTILE}").text
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert PAYLOAD.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e") in "".join(Page(html).words)


@pytest.mark.parametrize("file", ["improver.css", "icon.svg"])
def test_static_files_are_served_and_nothing_beside_them(client: TestClient, file: str) -> None:
    assert client.get(f"/static/{file}").status_code == 200
    assert client.get("/static/..%2fapp.py").status_code == 404


def test_a_template_is_given_everything_it_asks_for_while_paused(gallery: Gallery, client: TestClient) -> None:
    gallery.runtime.data.pause_file.write_text("<b>because</b>")
    try:
        assert "Paused: <b>because</b>." in page(client, "/").text
    finally:
        gallery.runtime.data.pause_file.unlink()


# In a browser.


def browser() -> str:
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("needs Chromium: apt-get install chromium")
    return found


def rendered(url: str, folder: Path) -> str:
    """The document after a real browser has loaded it and had time to run whatever it was going to run."""
    command = [
        browser(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={folder}", "--virtual-time-budget=2000",
        "--dump-dom", url,
    ]  # fmt: skip
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return started.communicate(timeout=60)[0].decode()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGKILL)


def title(document: str) -> str:
    return document.partition("<title>")[2].partition("</title>")[0]


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def test_the_check_would_notice_a_script_that_runs(tmp_path: Path) -> None:
    assert (
        title(rendered("data:text/html,<title>calm</title><script>document.title='owned'</script>", tmp_path))
        == "owned"
    )


def test_no_script_of_a_hostile_finding_runs_in_a_real_browser(gallery: Gallery, tmp_path: Path) -> None:
    with served(create_app(gallery.runtime)) as address:
        shown = rendered(f"{address}/findings/{HOSTILE}", tmp_path)
    assert "Why these are one Finding" in shown
    assert title(shown).startswith("&lt;script&gt;document.title='owned'&lt;/script&gt;")


def test_even_unescaped_the_policy_lets_no_script_run(tmp_path: Path) -> None:
    async def leaky(request: object) -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><title>calm</title><p>{PAYLOAD}")

    app = Starlette(routes=[Route("/", leaky)], middleware=[Middleware(Guard, hosts=[])])
    with served(app) as address:
        assert title(rendered(address, tmp_path)) == "calm"
