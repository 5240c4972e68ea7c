"""Puts a change on top of a base that moved: what passed the Gates on the old one is judged again."""

from improver.config import Target
from improver.dispatching import ledger
from improver.model import Attempt, Pull
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records

MOST_REBASES = 3


def rebased(repository: Repository, attempt: Attempt, commit: str, head: str) -> str | None:
    """The same change on another base, under a ref of its own; None where it conflicts, or was moved too often."""
    if attempt.rebases >= MOST_REBASES:
        return None
    return repository.rebase(commit, head, f"refs/improver/attempts/{attempt.id}-{attempt.rebases + 1}")


def rebase(runtime: Runtime, target: Target, attempt: Attempt, pull: Pull) -> Pull:
    """Of a delivered change that conflicts; a branch that holds somebody else's commits is never touched."""
    repository = Repository(target.repo)
    head = repository.fetch(target.remote, target.branch)
    if head == pull.unmovable or repository.is_ancestor(head, attempt.delivered_commit):
        return pull
    if repository.ls_remote(target.remote, attempt.branch) != attempt.delivered_commit:
        return _left(runtime, pull, head, f"{attempt.branch} holds somebody else's commits: improver leaves it alone")
    if attempt.rebases >= MOST_REBASES:
        return _left(runtime, pull, head, f"{target.branch} moved again, after {attempt.rebases} rebases")
    commit = rebased(repository, attempt, attempt.delivered_commit, head)
    if commit is None:
        return _left(runtime, pull, head, f"it does not rebase onto {target.branch} at {head[:12]}: `/improver retry`")
    if ledger.again(runtime, attempt, head, commit):
        runtime.wake.set()
    return pull


def _left(runtime: Runtime, pull: Pull, head: str, note: str) -> Pull:
    """Said once for each commit of the base."""
    return ledger.note_pull(runtime, records.changed(pull, unmovable=head, note=note))
