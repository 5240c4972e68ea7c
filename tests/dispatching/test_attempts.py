"""The pool that drives Attempts, and what it does with one that cannot be driven."""

import time

from improver import pipeline
from improver.daemon import Guard
from improver.dispatching import attempts
from improver.model import AttemptStatus
from tests import world


class Quick(attempts.Pool):
    IDLE_S, LONGEST_WAIT_S = 0.001, 0.002


def test_one_that_improver_itself_fails_at_again_and_again_ends(tmp_path, monkeypatch):
    tried = []

    def defect(runtime, attempt):
        tried.append(attempt.id)
        return attempt.no_such_field

    monkeypatch.setitem(attempts.STEPS, AttemptStatus.CLAIMED, defect)
    shop = world.make_shop(tmp_path / "shop")
    with world.opened(world.settings(tmp_path, shop, world.plan(tmp_path))) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        [attempt] = attempts.live(runtime)
        pool = Quick(runtime, Guard(runtime.trouble))
        pool.start()
        deadline = time.monotonic() + 30
        while attempts.live(runtime) and time.monotonic() < deadline:
            time.sleep(0.02)
        runtime.stop.set()
        pool.join(10)
        ended = attempts.current(runtime, attempt.id)
    assert tried == [attempt.id] * attempts.MOST_DEFECTS
    assert (ended.status, ended.reason) == ("failed", "interrupted")
    assert ended.detail == "improver failed at it 12 times: its log says why"
