"""Takes a judged change as far as its Autonomy allows; git or the forge refuses each effect a second time."""

from typing import Any

from improver import autonomy, ledger, plugins, render
from improver.config import Target, plugin_config
from improver.errors import ImproverError
from improver.model import Attempt, AttemptReason, AttemptStatus, Autonomy, Finding, PullRequest, Spec, TrustLabel
from improver.paths import matches
from improver.repo import Forwarded, Pushed, Repository
from improver.runtime import Runtime
from improver.warehouse import records

MOST_REBASES = 3


def deliver(runtime: Runtime, attempt: Attempt) -> Attempt:
    """From `judged` to its end; back to `ran` when the branch moved and the rebased change must be judged again."""
    if runtime.data.paused():
        return attempt  # the kill file is checked before every outside effect
    target = runtime.target(attempt.target)
    repository = Repository(target.repo)
    level, because = _level(runtime, attempt, target, repository)
    attempt = records.changed(attempt, autonomy=level, autonomy_reasons=(*attempt.autonomy_reasons, *because))
    try:
        return _DELIVERIES[level](runtime, attempt, target, repository)
    except ImproverError as error:
        if error.retryable:
            raise
        return ledger.fail(runtime, attempt, AttemptReason.DELIVERY_FAILED, error.message)


def _level(
    runtime: Runtime, attempt: Attempt, target: Target, repository: Repository
) -> tuple[Autonomy, tuple[str, ...]]:
    """As far as was allowed when it was claimed, and is allowed now: what a person tightened meanwhile counts."""
    finding = _finding(runtime, attempt)
    with runtime.warehouse.state.reading() as reader:
        trusted = ledger.trust_in(reader, finding, attempt.agent)
    now = autonomy.limits(finding, target, attempt.isolation, trusted)
    claimed = autonomy.Limit(level=attempt.autonomy, because="decided when it was claimed")
    level = autonomy.effective([claimed, *now])
    if level != attempt.autonomy:
        return level, tuple(f"{limit.level}: {limit.because}, by now" for limit in now if limit.level == level)
    if level != Autonomy.COMMIT:
        return level, ()
    outside = [
        file.path
        for file in repository.changed(attempt.base, attempt.commit)
        if not any(matches(file.path, glob) for glob in target.commit_paths)
    ]
    if not outside:
        return Autonomy.COMMIT, ()
    level = Autonomy.PR if target.repository and target.remote else Autonomy.BRANCH
    return level, (f"{level}: {outside[0]} is not among the paths that may be committed unseen",)


def _report(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    return ledger.deliver(runtime, attempt, delivered=Autonomy.REPORT)


def _branch(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    # Evidence that anybody could have forged leaves this machine only when a person pushes it.
    public = _finding(runtime, attempt).trust == TrustLabel.PUBLIC
    taken = _make_branch(attempt, "" if public else target.remote, repository)
    if taken:
        return ledger.fail(runtime, attempt, AttemptReason.BRANCH_TAKEN, taken)
    return ledger.deliver(runtime, attempt, delivered=Autonomy.BRANCH, delivered_commit=attempt.commit)


def _make_branch(attempt: Attempt, remote: str, repository: Repository) -> str:
    """Make the branch, here and on the remote; it must not exist, unless it is this very change already."""
    if (
        not repository.create_branch(attempt.branch, attempt.commit)
        and repository.resolve(attempt.branch) != attempt.commit
    ):
        return f"{attempt.branch} exists here, at another commit"
    if remote and repository.push(remote, attempt.branch, attempt.commit) == Pushed.TAKEN:
        return f"{attempt.branch} exists on {remote}, at another commit"
    return ""


def _pull_request(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    taken = _make_branch(attempt, target.remote, repository)
    if taken:
        return ledger.fail(runtime, attempt, AttemptReason.BRANCH_TAKEN, taken)
    forge = plugins.load("forges", target.forge)
    config: Any = plugin_config(runtime.settings, "forges", target.forge, forge)
    from improver.http import HttpxClient  # few processes ever open a pull request

    with HttpxClient(config.base_url) as http:
        url = forge.find(http, target.repository, attempt.branch, config) or forge.open(
            http, _pull(runtime, attempt, target), config
        )
    return ledger.deliver(runtime, attempt, delivered=Autonomy.PR, delivered_commit=attempt.commit, url=url)


def _pull(runtime: Runtime, attempt: Attempt, target: Target) -> PullRequest:
    finding = _finding(runtime, attempt)
    with runtime.warehouse.state.reading() as reader:
        spec = records.get(reader, Spec, attempt.spec_id)
    if spec is None:
        raise ImproverError(f"the Spec of attempt {attempt.id} is gone", hint="restore state.duckdb from a backup")
    body = render.jinja("pull_request.md.j2").render(finding=finding, spec=spec, attempt=attempt)
    place = spec.location.function or spec.location.file if spec.location else finding.id
    return PullRequest(
        repository=target.repository,
        base=target.branch,
        head=attempt.branch,
        title=f"Fix the {finding.kind} in {place}",
        body=body,
        draft=finding.trust == "public",
        labels=("improver",),
    )


def _finding(runtime: Runtime, attempt: Attempt) -> Finding:
    with runtime.warehouse.state.reading() as reader:
        finding = records.get(reader, Finding, attempt.finding_id)
    if finding is None:
        raise ImproverError(f"the Finding of attempt {attempt.id} is gone", hint="restore state.duckdb from a backup")
    return finding


def _commit(runtime: Runtime, attempt: Attempt, target: Target, repository: Repository) -> Attempt:
    # Before the branch moves, so that whoever sees it move can tell whose change it is.
    repository.mark_delivered(attempt.id, attempt.commit)
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
