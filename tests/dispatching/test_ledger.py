"""An Attempt moves from the state that it was seen in, or not at all."""

import pytest

from improver import pipeline
from improver.delivery import messages
from improver.dispatching import approvals, attempts, ledger
from improver.errors import ImproverError
from improver.model import AttemptReason, AttemptStatus, Finding, FindingStatus, Pull, PullState
from improver.warehouse import records
from tests import world


@pytest.fixture
def runtime(tmp_path):
    shop = world.make_shop(tmp_path / "shop")
    chosen = world.settings(tmp_path, shop, world.plan(tmp_path), test=[])
    with world.opened(chosen.model_copy(update={"channels": {"file": {"path": str(tmp_path / "told.md")}}})) as opened:
        world.send(opened, world.server_key(opened), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(opened)
        yield opened


@pytest.fixture
def waiting(runtime):
    [attempt] = attempts.live(runtime)
    return ledger.advance(runtime, attempt, AttemptStatus.AWAITING)


def closed(runtime, attempt):
    now = runtime.clock()
    return Pull(
        id=attempt.id, finding_id=attempt.finding_id, target=attempt.target, url="https://forge.example/1",
        opened_at=now, updated_at=now, commit="c", state=PullState.CLOSED, closed_as="wont_fix",
    )  # fmt: skip


def states(runtime, attempt):
    with runtime.warehouse.state.reading() as reader:
        finding = records.get(reader, Finding, attempt.finding_id)
    return attempts.current(runtime, attempt.id).status, finding.status


def test_a_change_that_was_turned_down_meanwhile_is_not_brought_back_by_an_approval(runtime, waiting):
    ledger.take_back(runtime, waiting, closed(runtime, waiting), AttemptReason.REJECTED, "wont_fix")
    with pytest.raises(ImproverError, match="has just changed: it is failed, no longer awaiting"):
        approvals.approve_change(runtime, waiting)
    assert states(runtime, waiting) == (AttemptStatus.FAILED, FindingStatus.OPEN)


def test_a_change_that_was_approved_meanwhile_is_not_ended_under_its_driver(runtime, waiting, tmp_path):
    messages.settle(runtime)
    approvals.approve_change(runtime, waiting)
    for end in (
        lambda: ledger.take_back(runtime, waiting, closed(runtime, waiting), AttemptReason.REJECTED, "wont_fix"),
        lambda: ledger.reject(runtime, waiting, "not_a_bug"),
    ):
        with pytest.raises(ImproverError, match="it is judged, no longer awaiting"):
            end()
    assert states(runtime, waiting) == (AttemptStatus.JUDGED, FindingStatus.ATTEMPTING)
    with runtime.warehouse.state.reading() as reader:
        assert records.get(reader, Pull, waiting.id) is None
    messages.settle(runtime)
    assert "failed" not in (tmp_path / "told.md").read_text() and "closed" not in (tmp_path / "told.md").read_text()


def test_an_approved_change_goes_on_and_an_ended_one_stays_ended(runtime, waiting):
    approvals.approve_change(runtime, waiting)
    judged = attempts.current(runtime, waiting.id)
    assert approvals.of_change(runtime, judged)
    ended = ledger.fail(runtime, judged, AttemptReason.CONFLICT)
    approvals.approve_change(runtime, ended)
    assert attempts.current(runtime, waiting.id).status == AttemptStatus.FAILED
