"""What keeps improver from attempting a Finding that no person asked for: the policy, tries, and brakes."""

from datetime import datetime, time, timedelta

from improver import locate
from improver.analysis import causes
from improver.dispatching import approvals, ledger, spend
from improver.model import (
    ApprovalPolicy,
    Attempt,
    AttemptReason,
    AttemptStatus,
    Autonomy,
    Finding,
    SkipReason,
    TrustLabel,
)
from improver.repo import Repository
from improver.repo.releases import commit_of
from improver.runtime import Runtime
from improver.warehouse import records

# Ends that say nothing about the Agent or the Spec, and so use up no try.
NO_FAULT = (
    AttemptReason.INTERRUPTED, AttemptReason.CANCELLED, AttemptReason.DIRTY_CHECKOUT, AttemptReason.STALE,
    AttemptReason.SUPERSEDED,
)  # fmt: skip
# What became of a pull request, and so keeps its Finding from being attempted unasked.
UNWANTED = {AttemptReason.REJECTED: SkipReason.REJECTED, AttemptReason.STALE: SkipReason.STALE}


class Brakes:
    """What stops all Findings of a Target alike: one that is pulled is not asked about again in the same pass."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._pulled: dict[str, SkipReason] = {}

    def pulled(self, target: str) -> SkipReason | None:
        if target not in self._pulled and (skip := _spent(self._runtime, target) or _brakes(self._runtime)):
            self._pulled[target] = skip
        return self._pulled.get(target)


def refusal(runtime: Runtime, finding: Finding, brakes: Brakes) -> SkipReason | None:
    """What only holds without a person asking."""
    dispatch = runtime.settings.dispatch
    if not dispatch.auto:
        return SkipReason.AUTO_OFF
    if finding.kind not in dispatch.kinds:
        return SkipReason.KIND_OFF
    if finding.trust == TrustLabel.PUBLIC and not dispatch.public:
        return SkipReason.PUBLIC_EVIDENCE
    if verdict := causes.cause_of(finding):
        return SkipReason(verdict.cause)
    if finding.events < dispatch.min_events:
        return SkipReason.TOO_FEW_EVENTS
    if finding.users < dispatch.min_users:
        return SkipReason.TOO_FEW_USERS
    if runtime.target(finding.target).approval == ApprovalPolicy.SPEC and not approvals.of_spec(runtime, finding):
        return SkipReason.UNAPPROVED
    return (
        _tried(runtime, finding)
        or _under_way(runtime, finding)
        or brakes.pulled(finding.target)
        or _changed_since(runtime, finding)
    )


def _tried(runtime: Runtime, finding: Finding) -> SkipReason | None:
    dispatch = runtime.settings.dispatch
    with runtime.warehouse.state.reading() as reader:
        tried = records.select(reader, Attempt, "finding_id = $id and ended_at is not null", {"id": finding.id})
    since = [a for a in tried if not (finding.reopened_at and a.claimed_at < finding.reopened_at)]
    if any(a.delivered == Autonomy.REPORT for a in since):
        return SkipReason.REPORTED
    if since and (unwanted := UNWANTED.get(max(since, key=lambda a: a.number).reason)):
        return unwanted
    # A try is used up once an Agent has been started: it was paid, whatever ended it.
    counted = [a for a in since if a.status == AttemptStatus.FAILED and (a.starts or a.reason not in NO_FAULT)]
    if len(counted) >= dispatch.tries:
        return SkipReason.TRIES_EXHAUSTED
    ended = max((a.ended_at for a in tried if a.ended_at and a.status == AttemptStatus.FAILED), default=None)
    wait = timedelta(minutes=dispatch.backoff_minutes * 2 ** max(0, len(counted) - 1))
    return SkipReason.BACKING_OFF if ended and runtime.clock() < ended + wait else None


# Changes at the same place that are live, or delivered and neither decided nor forgotten.
SIBLINGS = f"""
select count(*) from attempts a join specs s on s.id = a.spec_id
where a.finding_id <> $finding and a.target = $target
    and (s.location->>'file') = $file and (s.location->>'function') = $function
    and (a.{ledger.LIVE} or (a.status = 'delivered' and a.delivered <> 'report'
        and a.id not in (select attempt_id from outcomes)
        and (a.ended_at > $since or a.id in (select id from pulls where state = 'open'))))
"""


def _under_way(runtime: Runtime, finding: Finding) -> SkipReason | None:
    """Another Finding at the same function may have the same cause: what is done about it is awaited."""
    place = finding.location
    if place is None or not place.function:
        return None
    since = runtime.clock().replace(tzinfo=None) - timedelta(days=runtime.target(finding.target).watch_days)
    known = {"finding": finding.id, "target": finding.target, "file": place.file, "function": place.function}
    siblings = runtime.warehouse.state.value(SIBLINGS, {**known, "since": since})
    return SkipReason.SIBLING if siblings else None


def _changed_since(runtime: Runtime, finding: Finding) -> SkipReason | None:
    """Whether the line that failed was taken out since the release that failed: somebody may have mended it."""
    target, place = runtime.target(finding.target), finding.location
    failing = commit_of(target.repo, finding.release, "telemetry") if finding.release and place else ""
    if not failing or not place or failing == place.revision:
        return None
    repository = Repository(target.repo)
    if not repository.is_ancestor(failing, place.revision):
        return None  # the checkout is older than what runs
    line = locate.failing_line(finding.frames, place.file)
    before, now = (_lines(repository.read(revision, place.file)) for revision in (failing, place.revision))
    text = before[line - 1] if 0 < line <= len(before) else ""
    return SkipReason.CHANGED_SINCE if text and text not in now else None


def _lines(content: bytes | None) -> list[str]:
    return [line.strip() for line in (content or b"").decode(errors="replace").splitlines()]


def _spent(runtime: Runtime, target: str) -> SkipReason | None:
    """An Agent that is started for nothing would use up a try."""
    budgets = spend.left_today(runtime, target)
    return SkipReason.SPENT_TODAY if any(left.usd <= 0 or left.unpriced <= 0 for left in budgets) else None


# Delivered changes whose Outcome is still to come; one that nobody deploys within the watch window stops counting.
AWAITED = f"""
select count(*) from attempts where {ledger.LIVE} or (status = 'delivered'
    and delivered <> 'report' and ended_at > $since and id not in (select attempt_id from outcomes))
"""


def _brakes(runtime: Runtime) -> SkipReason | None:
    dispatch, state, now = runtime.settings.dispatch, runtime.warehouse.state, runtime.clock().replace(tzinfo=None)
    longest = max((target.watch_days for target in runtime.settings.targets.values()), default=7)
    if state.value(AWAITED, {"since": now - timedelta(days=longest)}) >= dispatch.max_live:
        return SkipReason.TOO_MANY_LIVE
    if state.value("select count(*) from pulls where state = 'open'") >= dispatch.open_prs:
        return SkipReason.TOO_MANY_PRS
    opened = "select count(*) from pulls where opened_at > $since"
    for hours, most in ((1, dispatch.prs_per_hour), (24, dispatch.prs_per_day)):
        if state.value(opened, {"since": now - timedelta(hours=hours)}) >= most:
            return SkipReason.TOO_MANY_PRS
    if quiet(dispatch.quiet_hours, runtime.clock()):
        return SkipReason.QUIET_HOURS
    last = state.rows(
        "select status, reason from attempts where ended_at > $since order by ended_at desc limit $n",
        {"since": runtime.data.resumed_at().replace(tzinfo=None), "n": dispatch.breaker},
    )
    failures = [a for a in last if a["status"] == AttemptStatus.FAILED and a["reason"] not in NO_FAULT]
    return SkipReason.BREAKER if len(failures) >= dispatch.breaker else None


def quiet(hours: str, now: datetime) -> bool:
    """Whether it is now within the quiet hours of this machine's clock; they may go over midnight."""
    if not hours:
        return False
    begin, end = (time.fromisoformat(part) for part in hours.split("-"))
    local = now.astimezone().time()
    return begin <= local < end if begin <= end else local >= begin or local < end
