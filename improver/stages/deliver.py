"""Takes a judged change as far as its Autonomy allows; git or the forge refuses each effect a second time."""

from improver import render
from improver.config import Target
from improver.delivery import fence, forge
from improver.dispatching import approvals, autonomy, ledger, policy
from improver.dispatching.autonomy import Circumstances, Limit
from improver.errors import ImproverError
from improver.model import (
    ApprovalPolicy,
    Attempt,
    AttemptReason,
    AttemptStatus,
    Autonomy,
    Finding,
    Pull,
    PullRequest,
    Spec,
    TrustLabel,
)
from improver.repo import Forwarded, Pushed, Repository, owners
from improver.runtime import Runtime
from improver.warehouse import records

MOST_REBASES = 3


def deliver(runtime: Runtime, attempt: Attempt) -> Attempt:
    """From `judged` to its end; back to `ran` when the branch moved and the rebased change must be judged again."""
    if runtime.data.paused():
        return attempt  # the kill file is checked before every outside effect
    target = runtime.target(attempt.target)
    repository = Repository(target.repo)
    found = _limits(runtime, attempt, target, repository)
    level = autonomy.effective(found)
    if level != attempt.autonomy:
        by_now = tuple(f"{limit}, by now" for limit in found if limit.level == level)
        attempt = records.changed(attempt, autonomy=level, autonomy_reasons=(*attempt.autonomy_reasons, *by_now))
    approved = approvals.of_change(runtime, attempt)
    if level != Autonomy.REPORT and target.approval == ApprovalPolicy.CHANGE and not approved:
        return ledger.advance(runtime, attempt, AttemptStatus.AWAITING, detail="a person has not approved it yet")
    hours = runtime.settings.dispatch.quiet_hours
    if level != Autonomy.REPORT and not approved and policy.quiet(hours, runtime.clock()):
        raise ImproverError(f"nothing is delivered in the quiet hours, {hours}", hint="it waits", retryable=True)
    try:
        return _DELIVERIES[level](runtime, attempt, target, repository)
    except ImproverError as error:
        if error.retryable:
            raise
        return ledger.fail(runtime, attempt, AttemptReason.DELIVERY_FAILED, error.message)


def _limits(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> list[Limit]:
    """As far as was allowed when it was claimed, and is allowed now: what a person tightened meanwhile counts.

    A word given since may lift what was decided for want of it.
    """
    finding = _finding(runtime, attempt)
    with runtime.warehouse.state.reading() as reader:
        trusted = ledger.trust_in(reader, finding, attempt.agent)
    approved = approvals.of_spec(runtime, finding) or approvals.of_change(runtime, attempt)
    known = Circumstances(
        finding=finding,
        isolation=attempt.isolation,
        ledger=trusted,
        paths=[file.path for file in repository.changed(attempt.base, attempt.commit)],
        approved=approved,
    )
    now = autonomy.limits(runtime.settings, target, known)
    return now if approved else [Limit(level=attempt.autonomy, because="decided when it was claimed"), *now]


def _report(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    return ledger.deliver(runtime, attempt, delivered=Autonomy.REPORT)


def _branch(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    # Evidence that anybody could have forged leaves this machine only when a person pushes it.
    public = _finding(runtime, attempt).trust == TrustLabel.PUBLIC and not approvals.of_change(runtime, attempt)
    taken = _make_branch(runtime, attempt, "" if public else target.remote, repository)
    if taken:
        return ledger.fail(runtime, attempt, AttemptReason.BRANCH_TAKEN, taken)
    return ledger.deliver(runtime, attempt, delivered=Autonomy.BRANCH, delivered_commit=attempt.commit)


def _make_branch(runtime: Runtime, attempt: Attempt, remote: str, repository: Repository) -> str:
    """Make the branch, here and on the remote; it must not exist, unless it is this very change already."""
    effect, made = runtime.audit.effect, {"branch": attempt.branch, "commit": attempt.commit}
    with effect("create_branch", attempt.id, **made):
        fresh = repository.create_branch(attempt.branch, attempt.commit)
    if not fresh and repository.resolve(attempt.branch) != attempt.commit:
        return f"{attempt.branch} exists here, at another commit"
    if not remote:
        return ""
    with effect("push", attempt.id, remote=remote, **made):
        pushed = repository.push(remote, attempt.branch, attempt.commit)
    if pushed == Pushed.TAKEN:
        return f"{attempt.branch} exists on {remote}, at another commit"
    taken = fence.taken(runtime, attempt, repository, remote)
    if taken:
        # Whoever pushed at the same moment sees ours as well: at most one of two can have seen none.
        fence.withdraw(runtime, attempt, repository, remote, attempt.commit)
    return taken


def _pull_request(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    with runtime.warehouse.state.reading() as reader:
        pull = records.get(reader, Pull, attempt.id)
    if pull:
        return _deliver_again(runtime, attempt, target, repository, pull)
    taken = _make_branch(runtime, attempt, target.remote, repository)
    if taken:
        return ledger.fail(runtime, attempt, AttemptReason.BRANCH_TAKEN, taken)
    asked = {"repository": target.repository, "branch": attempt.branch, "commit": attempt.commit}
    with forge.reached(runtime, target) as there, runtime.audit.effect("open_pull_request", attempt.id, **asked):
        url = there.opened(_asked(runtime, attempt, target, repository))
    now = runtime.clock()
    pull = Pull(
        id=attempt.id, finding_id=attempt.finding_id, target=attempt.target, url=url, opened_at=now, updated_at=now,
        commit=attempt.commit,
    )  # fmt: skip
    return ledger.deliver(runtime, attempt, Autonomy.PR, pull, delivered_commit=attempt.commit, url=url)


def _deliver_again(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository, pull: Pull) -> Attempt:
    """A rebased change takes the place of the one that was delivered; a branch that somebody moved is theirs."""
    old, made = attempt.delivered_commit, {"branch": attempt.branch, "commit": attempt.commit}
    with runtime.audit.effect("replace", attempt.id, remote=target.remote, instead_of=old, **made):
        pushed = repository.push(target.remote, attempt.branch, attempt.commit, instead_of=old)
    if pushed == Pushed.TAKEN:
        note = f"{attempt.branch} on {target.remote} is no longer what improver pushed: it is left alone"
        as_it_was = {"commit": old, "base": repository.resolve(f"{old}^") or attempt.base}
        pull = records.changed(pull, note=note)
        return ledger.deliver(runtime, attempt, Autonomy.PR, pull, url=pull.url, **as_it_was)
    repository.replace_branch(attempt.branch, old, attempt.commit)
    pull = records.changed(pull, commit=attempt.commit, conflict=False, note="")
    return ledger.deliver(runtime, attempt, Autonomy.PR, pull, delivered_commit=attempt.commit, url=pull.url)


def _asked(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> PullRequest:
    finding = _finding(runtime, attempt)
    with runtime.warehouse.state.reading() as reader:
        spec = records.get(reader, Spec, attempt.spec_id)
    if spec is None:
        raise ImproverError(f"the Spec of attempt {attempt.id} is gone", hint="restore state.duckdb from a backup")
    body = render.jinja("pull_request.md.j2").render(
        finding=finding, spec=spec, attempt=attempt, audit=runtime.audit.head()
    )
    place = spec.location.function or spec.location.file if spec.location else finding.id
    return PullRequest(
        repository=target.repository,
        base=target.branch,
        head=attempt.branch,
        title=f"Fix the {finding.kind} in {place}",
        body=body,
        draft=finding.trust == TrustLabel.PUBLIC,
        labels=tuple(target.labels),
        reviewers=_reviewers(attempt, repository),
    )


def _reviewers(attempt: Attempt, repository: Repository) -> tuple[str, ...]:
    """Who owns the files that the change touches, by the CODEOWNERS of its base."""
    texts = (repository.read(attempt.base, place) for place in owners.PLACES)
    codeowners = next((text.decode(errors="replace") for text in texts if text is not None), "")
    touched = [file.path for file in repository.changed(attempt.base, attempt.commit)]
    return tuple(dict.fromkeys(owner for path in touched for owner in owners.owners_of(path, codeowners)))


def _finding(runtime: Runtime, attempt: Attempt) -> Finding:
    with runtime.warehouse.state.reading() as reader:
        finding = records.get(reader, Finding, attempt.finding_id)
    if finding is None:
        raise ImproverError(f"the Finding of attempt {attempt.id} is gone", hint="restore state.duckdb from a backup")
    return finding


def _commit(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    # Before the branch moves, so that whoever sees it move can tell whose change it is.
    repository.mark_delivered(attempt.id, attempt.commit)
    with runtime.audit.effect("fast_forward", attempt.id, branch=target.branch, commit=attempt.commit):
        forwarded = repository.fast_forward(target.branch, attempt.commit)
    if forwarded == Forwarded.DONE:
        return ledger.deliver(runtime, attempt, delivered=Autonomy.COMMIT, delivered_commit=attempt.commit)
    if forwarded == Forwarded.MOVED:
        return _rebased(runtime, attempt, target, repository)
    # The change is good and paid for: it waits until the checkout is free again.
    raise ImproverError(
        f"{target.repo}: {forwarded.gloss}", hint="it is delivered once that is cleared", retryable=True
    )


def _rebased(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    """The same change on the moved branch, to be judged again: what passed on the old base proves nothing there."""
    head = repository.resolve(f"refs/heads/{target.branch}")
    ref = f"refs/improver/attempts/{attempt.id}-{attempt.rebases + 1}"
    commit = repository.rebase(attempt.commit, head, ref) if head and attempt.rebases < MOST_REBASES else None
    if commit is None:
        return ledger.fail(
            runtime, attempt, AttemptReason.CONFLICT, f"{target.branch} moved and the change does not rebase"
        )
    return ledger.advance(runtime, attempt, AttemptStatus.RAN, base=head, commit=commit, rebases=attempt.rebases + 1)


_DELIVERIES = {
    Autonomy.REPORT: _report,
    Autonomy.BRANCH: _branch,
    Autonomy.PR: _pull_request,
    Autonomy.COMMIT: _commit,
}
