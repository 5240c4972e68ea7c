"""Symptoms, and the Findings they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from improver.model.autonomy import TrustLabel
from improver.model.event import Frame
from improver.model.glossed import Glossed


class FindingKind(Glossed):
    ERROR = "error", "an exception or error that the app reported"
    CRASH = "crash", "the process died"
    PERFORMANCE = "performance", "software that makes people wait longer than it needs to"
    FRICTION = "friction", "people struggle, or give up, where nothing fails"
    AGENT_FRICTION = "agent_friction", "agents spend calls that a better tool would save"
    FEEDBACK = "feedback", "somebody said that something is in their way"
    SUGGESTION = "suggestion", "somebody said what they wish for"


# What fails, so that a test can fail of it.
FAILURES = (FindingKind.ERROR, FindingKind.CRASH)


class FindingStatus(Glossed):
    OPEN = "open", "nothing has been changed for it"
    ATTEMPTING = "attempting", "an Attempt is live"
    DELIVERED = "delivered", "a change left improver; it has not been seen running"
    DEPLOYED = "deployed", "the change runs; its Outcome is being watched"
    HELD = "held", "the change ran where it used to fail, and it did not come back"
    DISMISSED = "dismissed", "a person said not to"
    MERGED = "merged", "it is one with another Finding, and counted there"


class Kin(Glossed):
    MERGED = "merged", "the first is one with the second, and counted there"
    ALIKE = "alike", "their stacks are alike: `improver findings merge` makes them one"
    APART = "apart", "a person said that they are two: they are never merged by themselves"


class ToldBy(Glossed):
    STACK = "stack", "whole stacks are the same, and only which frames are the app's own was told differently"
    LIKENESS = "likeness", "the same function failed with the same type of exception, reached in nearly the same way"
    LINES = "lines", "one stack is the inner end of the other, to the line: it was told where it was caught as well"
    TRANSLATED = "translated", "one line tells of the same failure below it: only who asked for it differs"
    OUTAGE = "outage", "what both needed was not there: one server, storage or service"
    STOPPED = "stopped", "one line of the app's own fails by itself, in the same words: only who came to it differs"
    CAUSE = "cause", "it comes of the other: a page that says what the server failed at, a click, a slow route"
    REMARK = "remark", "somebody said of it what telemetry saw"
    PERSON = "person", "a person said so"


UNTIL_ESCALATING = "until_escalating"  # a dismissal that ends by itself


class Trend(Glossed):
    NEW = "new", "first seen in the last seven days"
    ESCALATING = "escalating", "far more in the last day than the six before it made likely"
    STEADY = "steady", "about as often as before"
    FALLING = "falling", "less than before"
    QUIET = "quiet", "not seen for seven days"
    REGRESSED = "regressed", "came back after it had held"


class LocatedBy(Glossed):
    """What led to a Finding's place in the code."""

    FRAME = "frame", "the innermost stack frame of the app's own code"
    SPAN = "span", "the span says which code it ran in"
    STATEMENT = "statement", "the one place that holds the text of the query or message"
    ROUTE = "route", "what answers the route, or is the page"
    ELEMENT = "element", "the one place that the element is written at"
    TOOL = "tool", "what the tool's calls are answered by"


class Unlocated(Glossed):
    """Why a Finding has no place in the code."""

    UNTOLD = "untold", "nothing that telemetry tells of it could lead to code"
    ABSENT = "absent", "what telemetry names is not found in the Target at its branch"
    AMBIGUOUS = "ambiguous", "several places in the Target fit equally well"
    UNREAD = "unread", "too many of the Target's files came into question to look through them all"


class SkipReason(Glossed):
    """Why a Finding is not dispatched: stable words, shown wherever the Finding is."""

    NOT_OPEN = "not_open", "it is already being worked on, watched, held, dismissed or merged into another"
    PAUSED = "paused", "improver is paused: `improver resume`"
    UNASSIGNED = "unassigned", "no Target claims this service or key"
    AUTO_OFF = "auto_off", "auto-dispatch is off for this Target: `improver dispatch ID`"
    KIND_OFF = "kind_off", "auto-dispatch is not enabled for this kind"
    PUBLIC_EVIDENCE = "public_evidence", "anybody could have sent it: `improver dispatch ID` if you believe it"
    TOO_FEW_EVENTS = "too_few_events", "fewer events than the policy's minimum"
    TOO_FEW_USERS = "too_few_users", "fewer users than the policy's minimum"
    THIRD_PARTY = "third_party", "somebody else's service or code fails: a change here would hardly cure it"
    INFRASTRUCTURE = "infrastructure", "a machine, network or server is the cause: a change here would hardly cure it"
    FLAKY = "flaky", "it depends on timing and fails only now and then: no test could show that it is cured"
    NO_LOCATION = "no_location", "nothing leads from it to one place in the Target at its branch"
    AMBIGUOUS_LOCATION = "ambiguous_location", "several places in the Target fit it equally well: none is guessed"
    UNAPPROVED = "unapproved", "a person approves its Spec first: `improver spec ID`, then `improver approve ID`"
    QUIET_HOURS = "quiet_hours", "nothing is attempted unasked in these hours"
    REPORTED = "reported", "a change is kept for a person: its Target's autonomy is `report`"
    TOO_MANY_PRS = "too_many_prs", "enough pull requests are open, or were opened within the hour, or the day"
    OPEN_PR = "open_pr", "a pull request of this Finding is still open"
    REJECTED = "rejected", "a person closed its pull request: `improver dispatch ID` tries again"
    STALE = "stale", "nobody took its pull request in time: `improver dispatch ID` tries again"
    SIBLING = "sibling", "a change at the same place is on its way: it may be the same cause"
    CHANGED_SINCE = "changed_since", "the line that failed is no longer what it was in the release that failed"
    BACKING_OFF = "backing_off", "the last Attempt failed; waiting before the next"
    TRIES_EXHAUSTED = "tries_exhausted", "every try was used: this one needs a person"
    NO_REPOSITORY = "no_repository", "the Target's `repo` is no git checkout"
    NO_BRANCH = "no_branch", "the Target's branch does not exist"
    DIRTY_CHECKOUT = "dirty_checkout", "tracked files in the Target's checkout are changed"
    NO_SANDBOX = "no_sandbox", "no sandbox works on this machine: its Spec is all that is made (`improver doctor`)"
    NO_AGENT = "no_agent", "the Agent's program or its key is missing: `improver doctor` says which"
    TOO_MANY_LIVE = "too_many_live", "enough delivered changes are waiting for their Outcome"
    SPENT_TODAY = "spent_today", "the day's money or tokens for models are spent: it waits for tomorrow (UTC)"
    BREAKER = "breaker", "the last Attempts all failed: look at them, then `improver resume`"
    ATTEMPT_LIVE = "attempt_live", "an Attempt is already live for this Finding"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the Sightings of one key come to: a Sighting is one time that a Detector saw its pattern."""

    key: str
    target: str
    environment: str
    service: str
    route: str
    place: str
    release: str
    sightings: int
    sightings_week: int
    exposures: int  # with those at which the pattern was not there, where the Detector tells of them too
    exposures_week: int
    units: int  # the traces, sessions or conversations that it was seen in
    users: int
    minutes_week: float
    detail: Mapping[str, Any]  # of the newest
    details: tuple[Mapping[str, Any], ...] = ()  # of as many of the newest as the Detector asks for with DETAILS


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a Detector makes of what it saw: in its own words, with names that telemetry gave."""

    title: str
    advice: str = ""
    cause: str = ""  # the grouping key of the error that it comes of


COMES_OF = "comes of "
TRANSLATES = "translates "


@dataclass(frozen=True, kw_only=True, slots=True)
class Symptom:
    """One Detector's claim about one group of Events, as of one run."""

    detector: str
    kind: FindingKind
    grouping_version: int
    key: str
    target: str
    environment: str
    service: str
    source: str
    title: str
    first_seen: datetime
    last_seen: datetime
    events: int
    events_week: int
    users: int
    hourly: tuple[int, ...] = ()  # the last 168 hours, oldest first
    exposures: int = 0  # how often the same route ran in the window, failing or not
    exposed: str = ""  # what an exposure is: "runs", "sessions", or nothing where neither was measured
    failures: int = 0  # how many of those failed this way
    route: str = ""
    frames: tuple[Frame, ...] = ()
    evidence: tuple[str, ...] = ()  # event ids, newest first
    trust: TrustLabel = TrustLabel.PUBLIC
    release: str = ""
    pattern: str = ""  # what is wrong, as a word: the Detector's name, unless it knows better
    place: str = ""  # the element, tool, statement or address that it is about, where no frame says
    minutes_week: float = 0.0  # as measured; 0 where each occurrence is priced by its kind
    advice: str = ""
    exception: str = ""  # the types of the chain, the one that surfaced last: "KeyError > ValueError"
    # Of whole stacks, the app's own frames or not; behind COMES_OF, of what it comes of, and behind TRANSLATES, of what
    # failed below, with the line that tells of it in other words.
    system_keys: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """The grouping key of what it comes of, where that is known: it counts with that one."""
        return self._told_behind(COMES_OF)

    @property
    def translates(self) -> str:
        return self._told_behind(TRANSLATES)

    @property
    def stacks(self) -> tuple[str, ...]:
        return tuple(key for key in self.system_keys if not key.startswith((COMES_OF, TRANSLATES)))

    def _told_behind(self, word: str) -> str:
        return next((key.removeprefix(word) for key in self.system_keys if key.startswith(word)), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Commit:
    """`introducing` is one that the first release with the Finding has, and the last one without it has not."""

    sha: str
    author: str
    at: datetime
    subject: str
    introducing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Introduced:
    """The first release that a Finding was seen in, and the last one in which its place ran without it; their commits
    where the Target's repository knows them."""

    release: str
    at: datetime
    after: str = ""
    commit: str = ""
    after_commit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """A file and function that exist in the Target at `revision`.

    `suspects` last touched it, those that came with the first release that has the Finding before the others; `owners`
    are whom the Target's CODEOWNERS names.
    """

    file: str
    revision: str
    function: str = ""
    line: int | None = None
    suspects: tuple[Commit, ...] = ()
    told_by: LocatedBy = LocatedBy.FRAME
    owners: tuple[str, ...] = ()

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {self.function}".strip()


class Severity(Glossed):
    P0 = "P0", "critical: a large part of the users is hit"
    P1 = "P1", "high: many users are hit, or the process dies of it"
    P2 = "P2", "medium: some users are hit"
    P3 = "P3", "low: hardly anybody is hit, or it is not known who is"


class Cause(Glossed):
    """What a change of the Target's own code would hardly cure, or could not be shown to have cured."""

    THIRD_PARTY = "third_party", "somebody else's service refused or failed, or code that is not the app's"
    INFRASTRUCTURE = "infrastructure", "the machine, the network or a server that the app needs was not there"
    FLAKY = "flaky", "it depends on timing, and fails only now and then"


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """`forecast` is how many the last day was likely to bring, from and to; empty while it is too early to say."""

    value: float = 0.0
    minutes_per_week: float = 0.0
    reasons: tuple[str, ...] = ()
    severity: Severity = Severity.P3
    forecast: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Symptoms with one Fingerprint, tracked over time."""

    id: str
    kind: FindingKind
    target: str
    environment: str
    service: str
    fingerprint: str  # "v2:<key>"
    title: str
    status: FindingStatus
    first_seen: datetime
    last_seen: datetime
    updated_at: datetime
    events: int = 0
    events_week: int = 0
    users: int = 0
    hourly: tuple[int, ...] = ()
    exposures: int = 0
    exposed: str = ""
    failures: int = 0
    route: str = ""
    sources: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    trust: TrustLabel = TrustLabel.PUBLIC
    release: str = ""
    trend: Trend = Trend.NEW
    location: Location | None = None
    score: Score = field(default_factory=Score)
    skipped: SkipReason | None = None
    reopened_at: datetime | None = None
    dismissed_reason: str = ""
    pattern: str = ""
    place: str = ""
    minutes_week: float = 0.0
    advice: str = ""
    exception: str = ""
    keys: tuple[str, ...] = ()  # the grouping keys of all that is merged into it, its own first
    unlocated: Unlocated | None = None
    sought: str = ""  # the revision of its Target at which its place was last looked for
    introduced: Introduced | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Kinship:
    """What is known of two Findings: one verdict for each pair."""

    id: str
    finding_id: str
    other_id: str
    kin: Kin
    told_by: ToldBy
    likeness: float
    at: datetime
