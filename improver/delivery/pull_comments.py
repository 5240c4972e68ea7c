"""What people ask for below a pull request: `/improver retry …`, `/improver approve`, `/improver stop`."""

import json
import re
from pathlib import Path

from improver.delivery.forge import Forge
from improver.dispatching import approvals, ledger
from improver.errors import ImproverError
from improver.model import Act, Attempt, AttemptReason, Finding, FindingStatus, Pull, PullState, Wish
from improver.runtime import Runtime
from improver.stages import dispatch, specify
from improver.warehouse import records

COMMAND = re.compile(r"\s*/improver[ \t]+(retry|approve|stop)\b[ \t]*(.*)", re.DOTALL)
# What ends the pull request, and how that is called.
CLOSES = {Wish.RETRY: AttemptReason.SUPERSEDED, Wish.STOP: AttemptReason.REJECTED}
DISMISSED_AS = "wont_fix"
LONGEST_WORDS = 4_000
FILE = "asked.json"


def read(runtime: Runtime, there: Forge, pull: Pull) -> Pull:
    """The next wish of somebody who may have one, written down before it is granted; all else is passed over."""
    seen = pull
    for comment in there.comments(pull.url, pull.comment):
        seen = records.changed(seen, comment=max(seen.comment, comment.id))
        asked = COMMAND.match(comment.text)
        if asked and comment.may_write:
            runtime.audit.note(Act.SAID, pull.id, what=f"/improver {asked[1]}", comment=comment.id, url=pull.url)
            words = asked[2].strip()[:LONGEST_WORDS]
            seen = records.changed(seen, wish=Wish(asked[1]), words=words or seen.words)
            break
    return ledger.note_pull(runtime, seen) if seen != pull else pull


def grant(runtime: Runtime, there: Forge, attempt: Attempt, pull: Pull) -> Pull:
    """Do what was asked for: each can be done twice, and what could not be done now is asked for still."""
    with runtime.warehouse.state.reading() as reader:
        finding = records.get(reader, Finding, pull.finding_id)
    note = pull.note
    try:
        if finding is None:
            return _granted(runtime, pull, "its Finding is gone")
        if pull.wish == Wish.APPROVE:
            _approve(runtime, there, attempt, pull)
        elif pull.wish == Wish.RETRY and (note := _retry(runtime, finding)):
            return ledger.note_pull(runtime, records.changed(pull, note=note)) if note != pull.note else pull
        elif pull.wish == Wish.STOP:
            _stop(runtime, finding)
    except ImproverError as error:
        if error.retryable:
            raise
        note = f"/improver {pull.wish}: {error.message}"
    return _granted(runtime, pull, note)


def _granted(runtime: Runtime, pull: Pull, note: str) -> Pull:
    return ledger.note_pull(runtime, records.changed(pull, wish=Wish.NONE, note=note))


def _approve(runtime: Runtime, there: Forge, attempt: Attempt, pull: Pull) -> None:
    with runtime.warehouse.state.transaction() as writer:
        approvals.approve_change(runtime, writer, attempt)
    if pull.draft and pull.state == PullState.OPEN:
        with runtime.audit.effect("ready_pull_request", attempt.id, url=pull.url):
            there.ready(pull.url)


def _retry(runtime: Runtime, finding: Finding) -> str:
    """Why there is no other Attempt yet; nothing once there is one, whoever claimed it."""
    if finding.status != FindingStatus.OPEN:
        return ""
    if finding.location:
        specify.ensure(runtime, finding)
    reckoning = dispatch.reckon(runtime, finding)
    if reckoning.skip:
        return f"/improver retry waits: {reckoning.skip.gloss}"
    dispatch.claim_for_person(runtime, reckoning)
    runtime.wake.set()
    return ""


def _stop(runtime: Runtime, finding: Finding) -> None:
    if finding.status == FindingStatus.OPEN:
        ledger.set_finding(runtime, finding, FindingStatus.DISMISSED, dismissed_reason=DISMISSED_AS, skipped=None)


def hand_over(runtime: Runtime, attempt: Attempt, side: Path) -> None:
    """What was said when this try was asked for: data beside the evidence, never part of a prompt."""
    with runtime.warehouse.state.reading() as reader:
        asked = records.select(
            reader,
            Pull,
            "finding_id = $id and words <> '' and id <> $own order by opened_at desc limit 1",
            {"id": attempt.finding_id, "own": attempt.id},
        )
    if asked:
        said = {"a person with write access asked for another try, and said": asked[0].words}
        (side / FILE).write_text(json.dumps(said, indent=1))
