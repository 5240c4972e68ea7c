"""A person ends an Attempt: before it began, while its Agent works, while it waits for approval."""

import json
import os
import sys
import threading
import time
from dataclasses import replace

import pytest

from improver import act, pipeline, read
from improver.dispatching import attempts, cancelling, ledger
from improver.errors import ImproverError
from improver.model import AttemptStatus
from improver.runtime import Presence
from tests import world

SLEEPS = "import os, sys, time; print(os.getpid(), flush=True); os.spawnlp(os.P_WAIT, 'sleep', 'sleep', '600')"


def until(holds) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def claimed(tmp_path):
    shop = world.make_shop(tmp_path / "shop")
    base = world.settings(tmp_path, shop, world.plan(tmp_path), agent="command", isolation="host", test=[])
    agents = {"command": {"argv": [sys.executable, "-c", SLEEPS]}}
    with world.opened(base.model_copy(update={"agents": agents})) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        [attempt] = attempts.live(runtime)
        yield replace(runtime, presence=Presence(running=True)), attempt


def test_an_agent_at_work_is_killed_with_all_that_it_started(claimed):
    runtime, attempt = claimed
    driver = threading.Thread(target=attempts.drive_all, args=(runtime,))
    driver.start()
    file = runtime.data.attempts / attempt.id / "transcript.jsonl"
    until(lambda: file.exists() and file.read_text().splitlines()[1:])
    act.cancel(runtime, attempt=attempt.id[:6])
    driver.join(60)
    ended = attempts.current(runtime, attempt.id)
    assert (ended.status, ended.reason, ended.detail) == ("failed", "cancelled", "a person cancelled it")
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text().splitlines()[1]), 0)
    shop = runtime.target("shop").repo
    assert world.git(shop, "worktree", "list").count("\n") == 0
    assert world.git(shop, "for-each-ref", "refs/improver") == ""
    assert read.findings(runtime)[0].status == "open"


def test_one_that_has_not_begun_never_begins(claimed):
    runtime, attempt = claimed
    act.cancel(runtime, attempt=attempt.id)
    attempts.drive_all(runtime)
    assert attempts.current(runtime, attempt.id).reason == "cancelled"
    assert not (runtime.data.attempts / attempt.id / "transcript.jsonl").exists()


@pytest.mark.parametrize("status", [AttemptStatus.RUNNING, AttemptStatus.AWAITING])
def test_one_that_nobody_drives_ends_at_once(claimed, status):
    runtime, attempt = claimed
    ledger.advance(runtime, attempt, status)
    daemon = status is AttemptStatus.AWAITING
    act.cancel(replace(runtime, presence=Presence(running=daemon)), attempt=attempt.id)
    assert attempts.current(runtime, attempt.id).reason == "cancelled"


def test_a_shutdown_and_a_word_for_another_attempt_are_told_apart(claimed):
    runtime, attempt = claimed
    halt = cancelling.Halt(runtime, attempt)
    cancelling.cancel(runtime, replace(attempt, id="another"))
    assert not halt.is_set()
    runtime.stop.set()
    assert halt.is_set()
    assert not cancelling.cancelled(runtime, attempt)


def test_what_has_ended_cannot_be_cancelled(claimed):
    runtime, attempt = claimed
    act.cancel(runtime, attempt=attempt.id)
    attempts.drive_all(runtime)
    with pytest.raises(ImproverError, match="has ended: failed"):
        act.cancel(runtime, attempt=attempt.id)
    with pytest.raises(ImproverError, match="no attempt 'zz'"):
        act.cancel(runtime, attempt="zz")


def test_a_transcript_is_shown_from_its_newest_lines(claimed):
    runtime, attempt = claimed
    assert read.transcript(runtime, id=attempt.id).file == ""
    file = runtime.data.attempts / attempt.id / "transcript.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps({"n": n, "pad": "x" * 1000}) + "\n" for n in range(2000)))
    said = read.transcript(runtime, id=attempt.id)
    assert json.loads(said.lines[-1])["n"] == 1999
    assert said.left_out + sum(len(line) + 1 for line in said.lines) == file.stat().st_size
