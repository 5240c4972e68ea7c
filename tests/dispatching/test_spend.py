"""Money and tokens of an Attempt and of a day: counted over restarts, and the end of any Agent that goes on."""

import json
import shutil
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from improver import pipeline, read
from improver.dispatching import agent_run, attempts, spend
from improver.model import SkipReason
from improver.sandbox import Spent
from improver.sandbox.usage import Usage
from tests import world

# Asks for ever, and takes no for an answer only when it is told to.
GREEDY = """
import os, sys, time, urllib.error, urllib.request
while True:
    headers = {"authorization": "Bearer " + os.environ["KEY"]}
    request = urllib.request.Request(os.environ["BASE"] + "/v1/chat/completions", b'{"model": "mine-1"}', headers)
    try:
        urllib.request.urlopen(request).read()
    except urllib.error.HTTPError as error:
        print(error.code, flush=True)
        sys.exit(0) if "polite" in sys.argv else time.sleep(0.05)
"""
ANSWER = {"model": "mine-1", "usage": {"prompt_tokens": 100_000, "completion_tokens": 0}}
PRICED = {"mine-*": {"input": 10, "output": 10}}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(ANSWER).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def settings(tmp_path, url):
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt-get install bubblewrap")
    shop = world.make_shop(tmp_path / "shop")

    def made(*words: str, models: dict | None = None, **dispatch: object):
        base = world.settings(tmp_path, shop, world.plan(tmp_path), agent="command", test=[], dispatch=dispatch)
        command = {
            "argv": (sys.executable, "-c", GREEDY, *words), "upstream": url,
            "key_env": "KEY", "base_url_env": "BASE",
        }  # fmt: skip
        return base.__class__.model_validate(
            {**base.model_dump(), "agents": {"command": command}, "models": PRICED if models is None else models}
        )

    return made


def claimed(runtime, shop):
    world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
    pipeline.analyse(runtime)
    [attempt] = attempts.live(runtime)
    return attempt


def spent(usd: float, unpriced: int = 0) -> Spent:
    return Spent(usage=Usage(model="m", input=unpriced), usd=usd, unpriced=unpriced)


def test_an_agent_that_asks_for_ever_ends_at_its_budget_and_is_killed(tmp_path, settings, monkeypatch):
    monkeypatch.setattr(agent_run, "LAST_WORDS_S", 0.3)
    with world.opened(settings(usd=2.5)) as runtime:
        attempt = claimed(runtime, tmp_path / "shop")
        attempts.drive_all(runtime)
        ended = read.attempt(runtime, id=attempt.id)
        assert (ended.row.status, ended.row.reason) == ("failed", "budget")
        assert ended.row.detail == "the money of this Attempt is spent"
        assert (ended.row.usd, ended.row.tokens) == (3.0, 300_000)
        assert [(one.path, one.bytes) for one in ended.sent] == [("/v1/chat/completions", 19)] * 3
        folder = tmp_path / "data" / "attempts" / attempt.id
        assert ended.spent.requests == 3 and len(list((folder / "sent").iterdir())) == 1
        assert "402\n402\n" in (folder / "output.txt").read_text()


def test_one_that_takes_no_for_an_answer_ends_the_same_way(tmp_path, settings):
    with world.opened(settings("polite", models={}, tokens=150_000)) as runtime:
        attempt = claimed(runtime, tmp_path / "shop")
        attempts.drive_all(runtime)
        row = read.attempt(runtime, id=attempt.id).row
        assert (row.reason, row.tokens) == ("budget", 200_000)
        assert row.detail == "the tokens for models without a known price of this Attempt are spent"


def test_what_was_spent_before_a_restart_counts(tmp_path, settings):
    with world.opened(settings("polite", usd=2.5)) as runtime:
        attempt = claimed(runtime, tmp_path / "shop")
        spend.note(runtime, attempt, spent(2.0))
    with world.opened(settings("polite", usd=2.5)) as runtime:
        attempts.drive_all(runtime)
        assert read.attempt(runtime, id=attempt.id).spent.usd == 3.0


def test_a_days_money_is_for_all_attempts_of_the_day_and_holds_back_the_next(tmp_path, settings):
    clock = world.Clock()
    with world.opened(settings("polite", usd_per_day=1.5), clock) as runtime:
        attempt = claimed(runtime, tmp_path / "shop")
        spend.note(runtime, attempt, spent(0.6))
        attempts.drive_all(runtime)
        assert read.attempt(runtime, id=attempt.id).row.detail == "the money of today is spent"
        finding = read.findings(runtime)[0]
        pipeline.analyse(runtime)
        assert read.findings(runtime)[0].skipped == SkipReason.SPENT_TODAY, finding
        clock.advance(days=1)
        assert spend.today(runtime).usd == 0
        assert all(left.usd > 0 for left in spend.left_today(runtime, "shop"))


def test_a_target_may_have_a_budget_of_its_own(tmp_path, settings):
    chosen = settings()
    own = chosen.targets["shop"].model_copy(update={"usd_per_day": 1.0, "tokens_per_day": 10})
    with world.opened(chosen.model_copy(update={"targets": {"shop": own}})) as runtime:
        attempt = claimed(runtime, tmp_path / "shop")
        spend.note(runtime, attempt, spent(0.25, unpriced=4))
        everybody, mine = spend.left_today(runtime, "shop")
        assert (everybody.budget, everybody.usd) == ("today", 49.75)
        assert (mine.budget, mine.usd, mine.unpriced) == ("shop today", 0.75, 6)
        assert len(spend.left_today(runtime, "another")) == 1


def test_a_line_that_a_crash_cut_harms_no_other(tmp_path, settings):
    with world.opened(settings()) as runtime:
        attempt = claimed(runtime, tmp_path / "shop")
        spend.note(runtime, attempt, spent(1.0))
        [file] = runtime.data.spend.iterdir()
        with file.open("a") as cut:
            cut.write('{"at": "2026')
        spend.note(runtime, attempt, spent(1.0))  # lost: it stands on the cut line
        spend.note(runtime, attempt, spent(1.0))
        assert spend.of(runtime, attempt).usd == 2.0


def test_days_that_no_budget_looks_at_are_dropped(tmp_path):
    for day in ("2026-01-01", "2026-11-20"):
        (tmp_path / f"{day}.jsonl").touch()
    spend.drop(tmp_path, world.NOW)
    assert [file.stem for file in tmp_path.iterdir()] == ["2026-11-20"]
