"""Pull requests: what a forge is asked for, what it shows, and what improver keeps of one that it opened."""

from dataclasses import dataclass
from datetime import datetime

from improver.model.attempt import AttemptReason
from improver.model.glossed import Glossed


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequest:
    """What a Forge is asked to open; texts are rendered and defused by improver."""

    repository: str
    base: str
    head: str
    title: str
    body: str
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()  # as CODEOWNERS names them: "@ann", "@octo/backend"


class PullState(Glossed):
    OPEN = "open", "it waits for a person"
    MERGED = "merged", "a person took it"
    CLOSED = "closed", "it was closed unmerged"


class Checks(Glossed):
    """What the forge's own checks say of a pull request's newest commit."""

    NONE = "none", "no check runs on it"
    PENDING = "pending", "its checks have not all ended"
    SUCCESS = "success", "every check passed"
    FAILURE = "failure", "a check failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class PullStatus:
    """What became of a pull request: `commit` is what its branch now holds, `merged` what the base got."""

    state: PullState
    commit: str
    merged: str = ""
    draft: bool = False
    conflict: bool = False  # False also while the forge has not found out
    labels: tuple[str, ...] = ()
    checks: Checks = Checks.NONE
    failing: tuple[str, ...] = ()  # the names of checks that failed


@dataclass(frozen=True, kw_only=True, slots=True)
class Comment:
    """What somebody wrote below a pull request, and whether they may write to its repository.

    `may_approve`: they may write there, are no bot, did not open it, and it stands as they first wrote it.
    """

    id: int
    text: str
    may_write: bool
    may_approve: bool = False
    by: str = ""  # the name they have on the forge


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """What somebody's newest review of a pull request says, and of which commit."""

    by: str
    commit: str
    approves: bool  # else it asks for changes
    may_approve: bool  # as for a Comment


class Wish(Glossed):
    """What a comment can ask for: `/improver WORD`."""

    NONE = "", "nothing"
    RETRY = "retry", "another Attempt instead of this one"
    APPROVE = "approve", "the change is approved, and a draft becomes ready for review; below an earlier one: the Spec"
    STOP = "stop", "its Finding is dismissed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pull:
    """A pull request that improver opened, as its forge last showed it; one for each Attempt that was delivered so."""

    id: str  # its Attempt's
    finding_id: str
    target: str
    url: str
    opened_at: datetime
    updated_at: datetime
    state: PullState = PullState.OPEN
    commit: str = ""
    checks: Checks = Checks.NONE
    failing: tuple[str, ...] = ()
    conflict: bool = False
    draft: bool = False
    closed_as: str = ""  # why a person closed it: one of our words
    closing: AttemptReason = AttemptReason.NONE  # why improver closes it, noted before it does
    comment: int = 0  # the last one that was read
    wish: Wish = Wish.NONE  # what a comment asked for and is not done yet
    words: str = ""  # what came after it: anybody's text, for an Agent's side folder only
    unmovable: str = ""  # the base onto which it could not be rebased
    note: str = ""  # what a person should know about it: our own words
