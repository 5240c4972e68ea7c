"""Takes a judged change as far as its Autonomy allows; git or the forge refuses each effect a second time."""

from improver import render
from improver.config import Target
from improver.delivery import fence, forge, pull_rebase
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
    PullState,
    Spec,
    TrustLabel,
)
from improver.repo import Forwarded, Pushed, Repository, owners
from improver.runtime import Runtime
from improver.warehouse import records


class BranchTaken(ImproverError):
    """The branch of this try is somebody else's: the fence held."""


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
    waits = level != Autonomy.REPORT and target.approval == ApprovalPolicy.CHANGE and not approved
    if waits and not (level == Autonomy.PR and target.draft_for_approval):
        return _await(runtime, attempt)
    hours = runtime.settings.dispatch.quiet_hours
    if level != Autonomy.REPORT and not approved and policy.quiet(hours, runtime.clock()):
        raise ImproverError(f"nothing is delivered in the quiet hours, {hours}", hint="it waits", retryable=True)
    try:
        return (_propose if waits else _DELIVERIES[level])(runtime, attempt, target, repository)
    except BranchTaken as taken:
        return ledger.fail(runtime, attempt, AttemptReason.BRANCH_TAKEN, taken.message)
    except ImproverError as error:
        if error.retryable:
            raise
        return ledger.fail(runtime, attempt, AttemptReason.DELIVERY_FAILED, error.message)


def _await(runtime: Runtime, attempt: Attempt, **fields: object) -> Attempt:
    told = {"detail": "a person has not approved it yet"} | fields
    return ledger.advance(runtime, attempt, AttemptStatus.AWAITING, **told)


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
    _make_branch(runtime, attempt, "" if public else target.remote, repository)
    return ledger.deliver(runtime, attempt, delivered=Autonomy.BRANCH, delivered_commit=attempt.commit)


def _make_branch(runtime: Runtime, attempt: Attempt, remote: str, repository: Repository) -> None:
    """Make the branch, here and on the remote; it must not exist, unless it is this very change already."""
    effect, made = runtime.audit.effect, {"branch": attempt.branch, "commit": attempt.commit}
    with effect("create_branch", attempt.id, **made):
        fresh = repository.create_branch(attempt.branch, attempt.commit)
    if not fresh and repository.resolve(attempt.branch) != attempt.commit:
        raise BranchTaken(f"{attempt.branch} exists here, at another commit")
    if not remote:
        return
    with effect("push", attempt.id, remote=remote, **made):
        pushed = repository.push(remote, attempt.branch, attempt.commit)
    if pushed == Pushed.TAKEN:
        raise BranchTaken(f"{attempt.branch} exists on {remote}, at another commit")
    taken = fence.taken(runtime, attempt, repository, remote)
    if taken:
        # Whoever pushed at the same moment sees ours as well: at most one of two can have seen none.
        fence.withdraw(runtime, attempt, repository, remote, attempt.commit)
        raise BranchTaken(taken)


def _pull_request(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    with runtime.warehouse.state.reading() as reader:
        pull = records.get(reader, Pull, attempt.id)
    if pull and attempt.delivered_commit:
        return _deliver_again(runtime, attempt, target, repository, pull)
    pull = _approved(runtime, attempt, target, pull) if pull else _open(runtime, attempt, target, repository)
    return ledger.deliver(runtime, attempt, Autonomy.PR, pull, delivered_commit=attempt.commit, url=pull.url)


def _propose(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    """A draft that waits for a person's word on the forge; where none can be opened, the change waits here."""
    try:
        pull = _open(runtime, attempt, target, repository)
    except ImproverError as error:
        if error.retryable or isinstance(error, BranchTaken):
            raise
        return _await(runtime, attempt, detail=f"it waits here, and not as a draft: {error.message}")
    ledger.note_pull(runtime, pull)
    return _await(runtime, attempt, url=pull.url)


def _open(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Pull:
    _make_branch(runtime, attempt, target.remote, repository)
    asked = {"repository": target.repository, "branch": attempt.branch, "commit": attempt.commit}
    with forge.reached(runtime, target) as there, runtime.audit.effect("open_pull_request", attempt.id, **asked):
        url = there.opened(_asked(runtime, attempt, target, repository))
    now = runtime.clock()
    return Pull(
        id=attempt.id, finding_id=attempt.finding_id, target=attempt.target, url=url, opened_at=now, updated_at=now,
        commit=attempt.commit,
    )  # fmt: skip


def _approved(runtime: Runtime, attempt: Attempt, target: Target, pull: Pull) -> Pull:
    """A draft whose change was approved becomes ready; one that was closed or moved meanwhile is left as it is."""
    with forge.reached(runtime, target) as there:
        status = there.status(pull.url)
        if status.state == PullState.OPEN and status.draft and status.commit == attempt.commit:
            forge.make_ready(runtime, there, pull)
            return records.changed(pull, draft=False)
    note = "" if status.commit == attempt.commit else f"somebody pushed to {attempt.branch}: improver leaves it alone"
    return records.changed(pull, note=note)


def _deliver_again(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository, pull: Pull) -> Attempt:
    """A rebased change takes the place of the one that was delivered; a branch that somebody moved is theirs."""
    old, made = attempt.delivered_commit, {"branch": attempt.branch, "commit": attempt.commit}
    note = ""
    try:
        with runtime.audit.effect("replace", attempt.id, remote=target.remote, instead_of=old, **made):
            if repository.push(target.remote, attempt.branch, attempt.commit, instead_of=old) == Pushed.TAKEN:
                note = f"{attempt.branch} on {target.remote} is no longer what improver pushed: it is left alone"
    except ImproverError as error:
        if error.retryable:
            raise
        note = f"{target.remote} does not let {attempt.branch} be replaced by its rebase: it is left as it is"
    if note:
        as_it_was = {"commit": old, "base": repository.resolve(f"{old}^") or attempt.base}
        pull = records.changed(pull, note=note, unmovable=attempt.base)
        return ledger.deliver(runtime, attempt, Autonomy.PR, pull, url=pull.url, **as_it_was)
    repository.replace_branch(attempt.branch, old, attempt.commit)
    pull = records.changed(pull, commit=attempt.commit, conflict=False, note="")
    return ledger.deliver(runtime, attempt, Autonomy.PR, pull, delivered_commit=attempt.commit, url=pull.url)


def _asked(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> PullRequest:
    finding = _finding(runtime, attempt)
    waits = target.draft_for_approval and not approvals.of_change(runtime, attempt)
    with runtime.warehouse.state.reading() as reader:
        spec = records.get(reader, Spec, attempt.spec_id)
    if spec is None:
        raise ImproverError(f"the Spec of attempt {attempt.id} is gone", hint="restore state.duckdb from a backup")
    body = render.jinja("pull_request.md.j2").render(
        finding=finding, spec=spec, attempt=attempt, audit=runtime.audit.head(), waits=waits
    )
    place = spec.location.function or spec.location.file if spec.location else finding.id
    return PullRequest(
        repository=target.repository,
        base=target.branch,
        head=attempt.branch,
        title=f"Fix the {finding.kind} in {place}",
        body=body,
        draft=waits or finding.trust == TrustLabel.PUBLIC,
        labels=tuple(target.labels),
        reviewers=_reviewers(attempt, repository),
    )


def _reviewers(attempt: Attempt, repository: Repository) -> tuple[str, ...]:
    """Who owns the files that the change touches, by the CODEOWNERS of its base."""
    codeowners = owners.codeowners(lambda place: _text(repository.read(attempt.base, place)))
    touched = [file.path for file in repository.changed(attempt.base, attempt.commit)]
    return tuple(dict.fromkeys(owner for path in touched for owner in owners.owners_of(path, codeowners)))


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="replace")


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
    commit = pull_rebase.rebased(repository, attempt, attempt.commit, head) if head else None
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
