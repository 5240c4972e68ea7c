"""The fence between daemons that work on one repository: the branches of a Finding's tries on its remote."""

from improver.model import Attempt
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records


def taken(runtime: Runtime, attempt: Attempt, repository: Repository, remote: str) -> str:
    """Which branch of this Finding on the remote no try of ours made; empty if none.

    Another improver is, or was, at work on it.
    """
    with runtime.warehouse.state.reading() as reader:
        tries = records.select(reader, Attempt, "finding_id = $id", {"id": attempt.finding_id})
    made = {(one.branch, one.commit) for one in tries}
    delivered = {one.branch for one in tries if one.delivered}  # somebody may have gone on from there
    there = repository.remote_branches(remote, attempt.branch.rpartition("/")[0])
    others = sorted(name for name, commit in there.items() if name not in delivered and (name, commit) not in made)
    return f"{others[0]} is on {remote}, and no try of this improver" if others else ""


def withdraw(runtime: Runtime, attempt: Attempt, repository: Repository, remote: str, commit: str) -> None:
    """Take our branch back, here and on the remote, if it is still what we pushed."""
    made = {"branch": attempt.branch, "commit": commit}
    with runtime.audit.effect("withdraw", attempt.id, remote=remote, **made):
        repository.withdraw(remote, attempt.branch, commit)
    repository.delete_branch(attempt.branch, commit)
