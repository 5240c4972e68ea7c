"""What people ask for below a pull request: `/improver retry …`, `/improver approve`, `/improver stop`."""

import json
import re
from pathlib import Path

from improver.delivery.forge import Forge, make_ready
from improver.dispatching import approvals, ledger
from improver.errors import ImproverError
from improver.model import Act, Attempt, AttemptReason, AttemptStatus, Finding, FindingStatus, Pull, PullState, Wish
from improver.runtime import Runtime
from improver.stages import dispatch, specify
from improver.warehouse import records

# What is quoted, or indented so far that it is code, asks for nothing; and who approves says nothing else beside it.
COMMAND = re.compile(
    r"(?:[ \t]*\r?\n)* {0,3}/improver[ \t]+(?:(retry|stop)\b|(approve)[ \t]*(?=\r?\n|\Z))[ \t]*(.*)", re.DOTALL
)
# What ends the pull request, and how that is called.
CLOSES = {Wish.RETRY: AttemptReason.SUPERSEDED, Wish.STOP: AttemptReason.REJECTED}
DISMISSED_AS = "wont_fix"
LONGEST_WORDS = 4_000
FILE = "asked.json"
NO_APPROVAL = (
    "an `/improver approve` is passed over: it is of who opened this, of a bot, or was edited; "
    "a review approves too, or `improver approve`"
)


def read(runtime: Runtime, there: Forge, pull: Pull) -> Pull:
    """The next wish of somebody who may have one, written down before it is granted; all else is passed over."""
    seen = pull
    for comment in there.comments(pull.url, pull.comment):
        seen = records.changed(seen, comment=max(seen.comment, comment.id))
        asked = COMMAND.match(comment.text)
        if not asked or not comment.may_write:
            continue
        wish = Wish(asked[1] or asked[2])
        if wish == Wish.APPROVE and not comment.may_approve:
            seen = records.changed(seen, note=NO_APPROVAL)
            continue
        about = {"comment": comment.id, "by": comment.by, "url": pull.url}
        runtime.audit.note(Act.SAID, pull.id, what=f"/improver {wish}", **about)
        words = asked[3].strip()[:LONGEST_WORDS] if wish == Wish.RETRY else ""
        seen = records.changed(seen, wish=wish, words=words or seen.words)
        break
    return ledger.note_pull(runtime, seen) if seen != pull else pull


def reviewed(runtime: Runtime, there: Forge, attempt: Attempt, pull: Pull) -> Pull:
    """An approving review of this very change is a wish as well, unless somebody else there asks for changes."""
    known = [one for one in there.reviews(pull.url) if one.may_approve]
    approving = [one for one in known if one.approves and one.commit == attempt.commit]
    if not approving or pull.commit != attempt.commit or not all(one.approves for one in known):
        return pull
    by = ", ".join(one.by for one in approving)
    runtime.audit.note(Act.SAID, pull.id, what="an approving review", by=by, url=pull.url)
    return ledger.note_pull(runtime, records.changed(pull, wish=Wish.APPROVE))


def grant(runtime: Runtime, there: Forge, pull: Pull) -> Pull:
    """Do what was asked for: each can be done twice, and what could not be done now is asked for still."""
    with runtime.warehouse.state.reading() as reader:
        finding = records.get(reader, Finding, pull.finding_id)
        attempt = records.get(reader, Attempt, pull.id)
    note = "" if pull.note == NO_APPROVAL else pull.note
    try:
        if finding is None or attempt is None:
            return _granted(runtime, pull, "its Finding is gone")
        if pull.wish == Wish.APPROVE and pull.state == PullState.OPEN:
            _approve(runtime, there, attempt, pull)
        elif pull.wish == Wish.APPROVE:
            _approve_spec(runtime, finding)
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
    if attempt.status == AttemptStatus.AWAITING and pull.commit != attempt.commit:
        raise ImproverError(f"{attempt.branch} holds somebody else's commits: improver leaves it alone")
    approvals.approve_change(runtime, attempt)
    if attempt.status != AttemptStatus.AWAITING and pull.draft:
        make_ready(runtime, there, pull)


def _approve_spec(runtime: Runtime, finding: Finding) -> None:
    """Below a pull request that has ended: that of the Finding, which has come back or waits, is attempted anew."""
    if finding.status == FindingStatus.OPEN and finding.location:
        approvals.approve_spec(runtime, finding)
        runtime.wake.set()


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
