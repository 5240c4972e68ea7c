"""One Agent run on one Spec in one worktree, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from improver.model.autonomy import Autonomy, Isolation
from improver.model.finding import FindingKind
from improver.model.glossed import Glossed


class AttemptStatus(Glossed):
    CLAIMED = "claimed", "waiting for a place in the pool"
    RUNNING = "running", "the Agent is at work in its worktree"
    RAN = "ran", "the Agent is done; its change is kept as a commit"
    JUDGED = "judged", "every Gate passed"
    AWAITING = "awaiting", "every Gate passed; it leaves when a person approves it: `improver approve ID`"
    DELIVERED = "delivered", "the change went as far as its Autonomy allowed"
    FAILED = "failed", "ended without a change that may be delivered"

    @property
    def live(self) -> bool:
        return self not in (AttemptStatus.DELIVERED, AttemptStatus.FAILED)


class AttemptReason(Glossed):
    """Why an Attempt ended as it did: stable words."""

    NONE = "", "still live, or delivered"
    BASELINE_RED = "baseline_red", "the target's tests fail before any change"
    SETUP_FAILED = "setup_failed", "the target's setup command failed"
    NO_AGENT = "no_agent", "the Agent's program is not installed"
    AGENT_CRASHED = "agent_crashed", "the Agent's process ended without a result"
    AGENT_FAILED = "agent_failed", "the Agent said it could not do it"
    API_ERROR = "api_error", "the model's API failed"
    TIMEOUT = "timeout", "the wall clock ran out"
    BUDGET = "budget", "its turns or money ran out"
    LIMIT = "limit", "it took more memory, processes or disk than its box may"
    DENIED = "denied", "the Agent was not allowed what it asked for"
    CANCELLED = "cancelled", "a person or a shutdown stopped it"
    NO_CHANGE = "no_change", "the Agent changed nothing"
    UNUSABLE = "unusable", "what the Agent left cannot be taken as a commit"
    GATE_FAILED = "gate_failed", "a Gate refused the change"
    BRANCH_TAKEN = "branch_taken", "the branch of this try exists already: somebody else holds the fence"
    CONFLICT = "conflict", "the target's branch moved and the change does not rebase"
    DIRTY_CHECKOUT = "dirty_checkout", "tracked files in the target's checkout are changed"
    DELIVERY_FAILED = "delivery_failed", "the remote or the forge refused"
    REJECTED = "rejected", "a person did not want the change"
    STALE = "stale", "nobody took its pull request in time"
    SUPERSEDED = "superseded", "a person asked for another Attempt instead"
    INTERRUPTED = "interrupted", "the daemon died under it too often, or failed at it"


class Result(Glossed):
    PASSED = "pass", "the check holds"
    FAILED = "fail", "the change must not be delivered"
    SKIPPED = "skip", "the check does not apply here, and why"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What a Gate says: `reason` is a stable word, `detail` one sentence of ours, `output` what the command printed."""

    gate: str
    result: Result
    reason: str = ""
    detail: str = ""
    output: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    id: str
    finding_id: str
    spec_id: str
    target: str
    number: int  # which try for this Finding, from 1
    status: AttemptStatus
    agent: str
    isolation: Isolation
    autonomy: Autonomy
    autonomy_reasons: tuple[str, ...]
    base: str
    branch: str
    claimed_at: datetime
    updated_at: datetime
    reason: AttemptReason = AttemptReason.NONE
    detail: str = ""
    commit: str = ""  # the Agent's change, kept under refs/improver/ until delivered
    starts: int = 0
    rebases: int = 0
    usd: float | None = None
    tokens: int | None = None
    summary: str = ""
    verdicts: tuple[Verdict, ...] = ()
    delivered: Autonomy | None = None
    delivered_commit: str = ""
    url: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What an Agent is asked: `tree` is the worktree, `side` holds its evidence, `base_url` is its model's proxy."""

    attempt_id: str
    prompt: str
    tree: Path
    side: Path
    home: Path
    papers: Path  # where the files of its launch will lie; an Agent can only read there
    base_url: str
    kind: FindingKind
    location: str  # "file function", our own resolved names
    turns: int
    usd: float
    model_key: str = ""  # made up: the proxy knows it, and adds the real one outside the box
    test: tuple[str, ...] = ()
    protected_paths: tuple[str, ...] = ()
    session: str = ""  # of an earlier round, to be gone on with; empty: a fresh one
    isolation: Isolation = Isolation.BUBBLEWRAP


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How to start an Agent: its command line, what it may see, and the key that is added outside the box."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    readable: tuple[Path, ...] = ()
    papers: Mapping[str, str] = field(default_factory=dict)  # name and text of files that are laid out for it
    programs: tuple[str, ...] = ()  # what argv[0] itself starts: made visible the same way
    upstream: str = ""  # the model API's origin; empty: no network at all
    upstream_headers: Mapping[str, str] = field(default_factory=dict)
    upstream_paths: tuple[str, ...] = ()  # all that may be asked of it; a slash at the end: with everything below


class AgentStatus(Glossed):
    COMPLETED = "completed", "it says that it is done"
    MAX_TURNS = "max_turns", "its turns ran out"
    BUDGET = "budget", "its money ran out"
    TIMEOUT = "timeout", "the wall clock ran out"
    LIMIT = "limit", "it took more memory, processes or disk than its box may"
    CANCELLED = "cancelled", "we stopped it"
    API_ERROR = "api_error", "the model's API failed"
    DENIED = "denied", "it was not allowed what it asked for, and changed nothing"
    CRASHED = "crashed", "its process ended without a result"
    FAILED = "failed", "it says that it failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentReport:
    """What an Agent's output says so far; its parser folds one line at a time into it."""

    status: AgentStatus = AgentStatus.CRASHED
    detail: str = ""
    summary: str = ""
    usd: float | None = None
    tokens: int | None = None
    denials: tuple[str, ...] = ()
    edits: int = 0  # files that it reported to have written
    session: str = ""  # by which it can be asked to go on; empty where it cannot
