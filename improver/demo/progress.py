"""How far each planted bug has come through the loop."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from improver.demo.api import Row, Snapshot
from improver.demo.bugs import Bug
from improver.model import AttemptStatus, Autonomy, Glossed, Isolation, OutcomeKind, Result, SkipReason

# Reasons that pass by themselves: the loop goes on.
PASSING = {
    SkipReason.NOT_OPEN, SkipReason.ATTEMPT_LIVE, SkipReason.BACKING_OFF, SkipReason.TOO_MANY_LIVE,
    SkipReason.DIRTY_CHECKOUT,
}  # fmt: skip
UNSANDBOXED = (Isolation.EXEMPT, Isolation.HOST, Isolation.NONE)


class Step(Glossed):
    EVENT = "event", "visitors met the error, and the app reported it"
    FINDING = "finding", "improver knows what fails, and where in the code"
    SPEC = "spec", "the request for a change is written"
    ATTEMPT = "attempt", "the agent is at work"
    GATES = "gates", "every gate has passed"
    COMMIT = "commit", "the change is on the branch"
    RESTART = "restart", "the app runs the change"
    WORKS = "works", "visitors did again what had failed, and it worked"
    TOLD = "told", "a visitor who had met the error was told"
    OUTCOME = "outcome", "telemetry says that it held"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    seconds: float  # since a visitor first met the error
    says: str


@dataclass(kw_only=True)
class Progress:
    bug: Bug
    since: float
    marks: dict[Step, Mark] = field(default_factory=dict)
    finding: Row = field(default_factory=dict)
    attempt: Row = field(default_factory=dict)
    outcome: Row = field(default_factory=dict)
    problem: str = ""

    @property
    def next_step(self) -> Step | None:
        return next((step for step in Step if step not in self.marks), None)

    @property
    def held(self) -> bool:
        return self.next_step is None and not self.problem

    @property
    def commit(self) -> str:
        return str(self.attempt.get("delivered_commit") or "")

    @property
    def unsandboxed(self) -> bool:
        return self.attempt.get("isolation") in UNSANDBOXED

    def reach(self, step: Step, now: float, says: str) -> None:
        self.marks.setdefault(step, Mark(seconds=now - self.since, says=says))

    def follow(self, seen: Snapshot, now: float) -> None:
        """Take in what the daemon knows of this bug by now."""
        self.finding = next((row for row in seen.findings if self._is_here(row)), self.finding)
        if not self.finding:
            return
        finding = self.finding["id"]
        self.attempt = _newest(seen.attempts, finding) or self.attempt
        self.outcome = _newest(seen.outcomes, finding) or self.outcome
        self.reach(Step.FINDING, now, self.finding["location"])
        if finding in seen.specs:
            self.reach(Step.SPEC, now, "written")
        if self.attempt:
            self._follow_attempt(now)
        if self.outcome.get("kind") == OutcomeKind.HELD:
            self.reach(Step.OUTCOME, now, f"held, {self.outcome['exposures']} clean runs")
        self.problem = self._problem()

    def _follow_attempt(self, now: float) -> None:
        attempt = self.attempt
        place = "unsandboxed" if self.unsandboxed else attempt["isolation"]
        self.reach(Step.ATTEMPT, now, f"{attempt['agent']}, {place}")
        if attempt["status"] in (AttemptStatus.JUDGED, AttemptStatus.DELIVERED):
            asked = [verdict for verdict in attempt["verdicts"] if verdict["result"] != Result.SKIPPED]
            passed = [verdict for verdict in asked if verdict["result"] == Result.PASSED]
            self.reach(Step.GATES, now, f"{len(passed)} of {len(asked)} passed")
        if attempt["delivered"] == Autonomy.COMMIT:
            self.reach(Step.COMMIT, now, self.commit[:10])

    def _is_here(self, row: Row) -> bool:
        return self.bug.function in row["location"].rpartition(" ")[2].split(".")

    def _problem(self) -> str:
        """What keeps the loop from ever closing for this bug; empty while it may."""
        kind, skipped, delivered = self.outcome.get("kind"), self.finding["skipped"], self.attempt.get("delivered")
        if kind and kind != OutcomeKind.HELD:
            return f"the outcome is {kind}: {self.outcome['detail']}"
        if delivered and delivered != Autonomy.COMMIT:
            return f"delivered as far as {delivered} only: {'; '.join(self.attempt['autonomy_reasons'])}"
        if not skipped or skipped in PASSING:
            return ""
        last = self.attempt.get("reason") or ""
        detail = f" (last attempt: {last} {self.attempt.get('detail', '')})" if last else ""
        return f"{skipped}: {SkipReason(skipped).gloss}{detail}"


def _newest(rows: Sequence[Row], finding: str) -> Row | None:
    """The API lists the newest first."""
    return next((row for row in rows if row["finding_id"] == finding), None)
