"""The fence between daemons that work on one repository: the branches of a Finding's tries on its remote."""

from improver.model import Attempt
from improver.repo import Repository
from improver.runtime import Runtime
from improver.warehouse import records


def others(runtime: Runtime, attempt: Attempt, repository: Repository, remote: str) -> list[str]:
    """Branches of this Finding on the remote that no try of ours made: another improver is, or was, at work on it."""
    with runtime.warehouse.state.reading() as reader:
        tries = records.select(reader, Attempt, "finding_id = $id", {"id": attempt.finding_id})
    made = {(one.branch, one.commit) for one in tries}
    delivered = {one.branch for one in tries if one.delivered}  # somebody may have gone on from there
    there = repository.remote_branches(remote, attempt.branch.rpartition("/")[0])
    return sorted(name for name, commit in there.items() if name not in delivered and (name, commit) not in made)
