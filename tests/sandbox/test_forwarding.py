"""What passes the proxy is counted while it passes, kept, and cut off where a budget ends."""

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from improver.model import Isolation
from improver.sandbox import ModelProxy, Spent
from improver.sandbox.manifest import sent
from tests.metering import Purse
from tests.sandbox.conftest import eventually

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PIECE = {"model": "priced-1", "choices": [{"delta": {"content": "x" * 4000}}]}  # 1,000 tokens: a cent
COST = {"model": "priced-1", "choices": [], "usage": {"prompt_tokens": 10_000, "completion_tokens": 1_000}}


class Api(ThreadingHTTPServer):
    """Answers with `records` as events, as long as its client wants them; knows only `key`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.records: list[object] = [COST]
        self.key = "first"
        self.encoding = ""
        self.asked: list[dict[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """Quiet: clients hang up here on purpose."""


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.asked.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
        allowed = self.headers.get("authorization") == f"Bearer {self.server.key}"
        self.send_response(200 if allowed else 401)
        self.send_header("content-type", "text/event-stream")
        if self.server.encoding:
            self.send_header("content-encoding", self.server.encoding)
        self.end_headers()
        for record in self.server.records if allowed else ():
            self.wfile.write(b"data: " + json.dumps(record).encode() + b"\n\n")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: `asked` is the record."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as made:
        threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def ask(tmp_path: Path, api: Api, purse: Purse) -> Iterator[httpx2.Client]:
    with ModelProxy(tmp_path, Isolation.HOST, meter=purse.meter, clock=lambda: NOW) as proxy:
        current = lambda: {"authorization": f"Bearer {(tmp_path / 'token').read_text()}"}  # noqa: E731
        (tmp_path / "token").write_text("first")
        proxy.lead_to(api.url, current(), ("/",), 100, current)
        with httpx2.Client(base_url=proxy.base_url, headers={"x-api-key": proxy.key}, timeout=10) as client:
            yield client


@pytest.fixture
def purse(request: pytest.FixtureRequest) -> Purse:
    return Purse(**getattr(request, "param", {}))


def chat(client: httpx2.Client, model: str = "priced-1") -> httpx2.Response:
    return client.post("/v1/chat/completions", json={"model": model, "messages": []})


def test_an_answer_is_priced_and_passed_on_as_it_is(ask: httpx2.Client, purse: Purse, api: Api) -> None:
    api.records = [PIECE, COST]
    whole = b"".join(b"data: " + json.dumps(r).encode() + b"\n\n" for r in api.records)
    assert chat(ask).content == whole
    spent = settled(purse)[0]
    assert (spent.usd, spent.unpriced, spent.usage.estimated) == (pytest.approx(0.02), 0, False)
    assert api.asked[0]["accept-encoding"] == "identity"


def test_an_answer_that_is_encoded_all_the_same_does_not_pass(ask: httpx2.Client, purse: Purse, api: Api) -> None:
    api.encoding = "gzip"
    assert chat(ask).status_code == 502
    assert settled(purse)[0].usage.estimated


@pytest.mark.parametrize("purse", [{"usd": 0.05}], indirect=True)
def test_an_answer_is_cut_where_the_money_ends(ask: httpx2.Client, purse: Purse, api: Api) -> None:
    api.records = [PIECE] * 100
    with pytest.raises(httpx2.RemoteProtocolError):
        chat(ask)
    # At most what one read brings is counted beyond it; a read here is 64 KiB, of which nothing is passed on.
    assert 0.05 <= sum(spent.usd for spent in settled(purse)) < 0.3
    assert purse.meter.over == "the money of this Attempt is spent"
    assert len(purse.spent) == 1 and purse.spent[0].usage.estimated


def settled(purse: Purse, requests: int = 1) -> list[Spent]:
    """A client has its answer a moment before the proxy is done with it."""
    assert eventually(lambda: len(purse.spent) == requests)
    return purse.spent


REFUSALS = {
    "/v1/messages": ("type", "error"),
    "/v1/responses": ("error", "code"),
    "/v1/chat/completions": ("error", "code"),
    "/v1beta/models/priced-1:streamGenerateContent": ("error", "status"),
}


@pytest.mark.parametrize("purse", [{"usd": 0.0}], indirect=True)
@pytest.mark.parametrize("path", REFUSALS)
def test_when_it_is_spent_each_api_says_so_in_its_own_shape_and_for_good(
    ask: httpx2.Client, purse: Purse, api: Api, path: str
) -> None:
    answer = ask.post(path, json={"model": "priced-1"})
    assert (answer.status_code, answer.headers["x-should-retry"], api.asked) == (402, "false", [])
    first, second = REFUSALS[path]
    assert first in answer.json() and second in str(answer.json())
    assert "the money of this Attempt is spent" in answer.json()["error"]["message"]
    assert purse.meter.over and purse.spent == []


@pytest.mark.parametrize("purse", [{"unpriced": 15_000}], indirect=True)
def test_a_model_without_a_price_is_held_to_tokens(ask: httpx2.Client, purse: Purse, api: Api) -> None:
    api.records = [{**COST, "model": "nobody-knows"}]
    assert chat(ask, "nobody-knows").status_code == 200
    assert settled(purse)[0].unpriced == 11_000
    with pytest.raises(httpx2.RemoteProtocolError):
        chat(ask, "nobody-knows")
    assert chat(ask, "nobody-knows").status_code == 402
    assert purse.meter.over == "the tokens for models without a known price of this Attempt are spent"


@pytest.mark.parametrize("purse", [{"unpriced": 0}], indirect=True)
def test_a_model_with_a_price_needs_no_tokens_left(ask: httpx2.Client, purse: Purse) -> None:
    assert chat(ask).status_code == 200
    assert chat(ask, "nobody-knows").status_code == 402


@pytest.mark.parametrize("purse", [{"usd": 0.0}], indirect=True)
def test_counting_tokens_costs_nothing(ask: httpx2.Client, purse: Purse) -> None:
    assert ask.post("/v1/messages/count_tokens", json={"model": "priced-1"}).status_code == 200
    assert purse.spent == [] and not purse.meter.over


def test_a_token_that_was_renewed_is_read_again_once(
    ask: httpx2.Client, purse: Purse, api: Api, tmp_path: Path
) -> None:
    api.key = "second"
    assert chat(ask).status_code == 401
    assert len(api.asked) == 1  # the file says what it said before: asking again would be for nothing
    (tmp_path / "token").write_text("second")
    assert chat(ask).status_code == 200
    assert chat(ask).status_code == 200
    assert [asked["authorization"] for asked in api.asked[1:]] == ["Bearer first", "Bearer second", "Bearer second"]
    assert [spent.usd > 0 for spent in settled(purse, 3)] == [False, True, True]


def test_what_was_sent_is_kept_with_its_hash(ask: httpx2.Client, tmp_path: Path, api: Api) -> None:
    ask.post("/v1/chat/completions?key=stolen&alt=sse", json={"model": "priced-1", "messages": ["hello"]})
    chat(ask)
    chat(ask)
    first, second, third = sent(tmp_path)
    assert (first.at, first.method, first.path) == (NOW, "POST", "/v1/chat/completions?alt=sse")
    assert json.loads(gzip.decompress((tmp_path / first.body).read_bytes()))["messages"] == ["hello"]
    assert second.body == third.body != first.body
    assert api.asked[0]["path"] == first.path


def test_what_there_is_no_room_for_is_named_all_the_same(
    ask: httpx2.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("improver.sandbox.manifest.KEPT_AT_MOST", 10)
    assert chat(ask).status_code == 200
    assert [(one.body, one.bytes > 0, len(one.sha256)) for one in sent(tmp_path)] == [("", True, 64)]


def test_an_attempt_that_sent_nothing_has_nothing_to_show(tmp_path: Path) -> None:
    assert sent(tmp_path) == []
