"""Whatever moment a daemon dies at: a message reaches every Channel, and none that is not true does."""

import shutil
import sys
from dataclasses import replace

import pytest

from improver import act, pipeline, tell
from improver.delivery import messages
from improver.dispatching import attempts, ledger
from improver.errors import ImproverError
from improver.model import AttemptReason, AttemptStatus
from improver.warehouse import records
from tests import world

DYING = '''
"""Takes a message, and dies before it could say so."""
from improver.channels import file
from improver.channels.file import Config

def deliver(message, config):
    file.deliver(message, config)
    if (config.path.parent / "die").exists():
        raise KeyboardInterrupt
'''


@pytest.fixture
def chosen(tmp_path):
    shop = world.make_shop(tmp_path / "shop")
    base = world.settings(tmp_path, shop, world.plan(tmp_path), test=[])
    return base.model_copy(update={"channels": {"file": {"path": str(tmp_path / "told.md")}}})


@pytest.fixture
def claimed(chosen):
    """Settings under which there is an Attempt; whoever opens them is the next daemon."""
    with world.opened(chosen) as runtime:
        head = world.git(runtime.target("shop").repo, "rev-parse", "HEAD")
        world.send(runtime, world.server_key(runtime), world.error(head))
        pipeline.analyse(runtime)
    return chosen


def told(tmp_path, name="told.md"):
    file = tmp_path / name
    lines = file.read_text().splitlines() if file.exists() else []
    return [line.partition(" (2026")[0].removeprefix("# improver: ") for line in lines if line.startswith("#")]


def started(runtime):
    """What a daemon does about messages when it starts."""
    messages.adopt(runtime)
    return messages.settle(runtime)


def their_channel(tmp_path, monkeypatch):
    (tmp_path / "their_channels").mkdir()
    (tmp_path / "their_channels" / "dying.py").write_text(DYING)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "their_channels.dying", raising=False)


FAILED = "an Attempt failed (timeout)"


def test_a_daemon_that_dies_before_it_tells_what_it_recorded_tells_it_when_it_starts_again(tmp_path, claimed):
    with world.opened(claimed) as runtime:
        [attempt] = attempts.live(runtime)
        ledger.fail(runtime, attempt, AttemptReason.TIMEOUT)
    assert told(tmp_path) == []
    with world.opened(claimed) as runtime:
        assert [started(runtime), started(runtime)] == [1, 0]
    assert told(tmp_path) == [FAILED]


def test_a_daemon_that_dies_before_it_records_tells_nothing_of_it(tmp_path, claimed):
    with world.opened(claimed) as runtime:
        [attempt] = attempts.live(runtime)
        with messages.telling(runtime, replace(attempt, status=AttemptStatus.FAILED, updated_at=runtime.clock())):
            assert messages.settle(runtime) == 0
            shutil.copytree(runtime.data.messages, tmp_path / "as it was")
        shutil.copytree(tmp_path / "as it was", runtime.data.messages, dirs_exist_ok=True)
    with world.opened(claimed) as runtime:
        assert started(runtime) == 0
        assert list(runtime.data.messages.iterdir()) == []
    assert told(tmp_path) == []


def test_what_could_not_be_recorded_is_not_told(tmp_path, claimed):
    with world.opened(claimed) as runtime:
        [attempt] = attempts.live(runtime)
        ledger.fail(runtime, attempt, AttemptReason.TIMEOUT)
        with pytest.raises(ImproverError, match="has just changed"):
            ledger.fail(runtime, attempt, AttemptReason.CANCELLED)
        assert messages.settle(runtime) == 1
    assert told(tmp_path) == [FAILED]


def test_what_went_on_before_anybody_was_told_is_told_all_the_same(tmp_path, claimed):
    clock = world.Clock()
    with world.opened(claimed, clock) as runtime:
        [attempt] = attempts.live(runtime)
        waits = ledger.advance(runtime, attempt, AttemptStatus.AWAITING)
        clock.advance(seconds=1)
        ledger.fail(runtime, waits, AttemptReason.TIMEOUT)
        assert messages.settle(runtime) == 2
    assert told(tmp_path) == ["a change waits for approval", FAILED]


def test_a_message_that_was_taken_as_the_daemon_died_comes_again_as_the_same(tmp_path, claimed, monkeypatch):
    their_channel(tmp_path, monkeypatch)
    mortal = claimed.model_copy(update={"channels": {"their_channels.dying": {"path": str(tmp_path / "told.md")}}})
    with world.opened(mortal) as runtime:
        [attempt] = attempts.live(runtime)
        ledger.fail(runtime, attempt, AttemptReason.TIMEOUT)
        (tmp_path / "die").touch()
        with pytest.raises(KeyboardInterrupt):
            messages.settle(runtime)
    (tmp_path / "die").unlink()
    with world.opened(mortal) as runtime:
        assert started(runtime) == 1
    assert told(tmp_path) == [FAILED]


def test_a_channel_that_fails_is_asked_again_and_the_others_are_not(tmp_path, claimed, monkeypatch):
    their_channel(tmp_path, monkeypatch)
    late = {"their_channels.dying": {"path": str(tmp_path / "late" / "told.md")}}
    with world.opened(claimed.model_copy(update={"channels": {**claimed.channels, **late}})) as runtime:
        [attempt] = attempts.live(runtime)
        ledger.fail(runtime, attempt, AttemptReason.TIMEOUT)
        assert messages.settle(runtime) == 0
        with runtime.warehouse.state.transaction() as writer:
            records.put(writer, attempt)  # what it was about goes on meanwhile
        (tmp_path / "late").mkdir()
        assert messages.settle(runtime) == 1
    assert (told(tmp_path), told(tmp_path, "late/told.md")) == ([FAILED], [FAILED])


def test_what_no_channel_takes_within_a_day_is_given_up(tmp_path, claimed):
    clock = world.Clock()
    nowhere = {"file": {"path": str(tmp_path / "nowhere" / "told.md")}}
    with world.opened(claimed.model_copy(update={"channels": nowhere}), clock) as runtime:
        tell.report(runtime)
        assert len(list(runtime.data.messages.iterdir())) == 1
        clock.advance(hours=25)
        assert messages.settle(runtime) == 1
        assert list(runtime.data.messages.iterdir()) == []


def test_an_end_that_nobody_drove_is_told_too(tmp_path, claimed):
    with world.opened(claimed) as runtime:
        [attempt] = attempts.live(runtime)
        act.cancel(runtime, attempt=attempt.id)
        messages.settle(runtime)
    assert told(tmp_path) == ["an Attempt failed (cancelled)"]


def test_without_channels_nothing_is_kept(claimed):
    with world.opened(claimed.model_copy(update={"channels": {}})) as runtime:
        [attempt] = attempts.live(runtime)
        ledger.fail(runtime, attempt, AttemptReason.TIMEOUT)
        assert not runtime.data.messages.exists()
