"""One Finding whole: how far it has come, its stack, its Spec, and its Attempts with their diffs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from improver import grouping, read
from improver.act import DISMISSALS
from improver.answers.attempts import AttemptRow
from improver.answers.findings import FindingView, FrameView
from improver.dashboards import charts, diff
from improver.dashboards.progress import Step, steps
from improver.errors import ImproverError
from improver.model import FindingStatus, Isolation, Outcome, TrustLabel
from improver.model.configured import reveal
from improver.runtime import Runtime

UNSANDBOXED = (Isolation.HOST, Isolation.NONE, Isolation.EXEMPT)
DIFFS_SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Neighbouring frames that are shown alike: the user's own code, or a library's, folded away."""

    own: bool
    frames: tuple[FrameView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownAttempt:
    row: AttemptRow
    seconds: float | None
    unsandboxed: bool
    diff: diff.Diff | None
    diff_missing: str  # why there is no diff to show
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Detail:
    view: FindingView
    bars: charts.Bars
    ticks: tuple[charts.Tick, ...]
    marks: tuple[charts.Tick, ...]
    steps: tuple[Step, ...]
    stretches: tuple[Stretch, ...]
    attempts: tuple[ShownAttempt, ...]
    live: bool
    trust_because: str
    dismissals: tuple[str, ...]
    approvable: bool  # over HTTP: where no token is set, only the command line can


def detail(runtime: Runtime, finding_id: str) -> Detail:
    view = read.finding(runtime, id=finding_id)
    now = runtime.clock()
    end = charts.window_end(view.row.hourly, view.row.last_seen, now)
    attempts = tuple(
        _attempt(runtime, row, view.outcomes, number < DIFFS_SHOWN) for number, row in enumerate(view.attempts)
    )
    return Detail(
        view=view,
        bars=charts.trend(view.row.hourly),
        ticks=tuple(charts.days(end)),
        marks=tuple(_deployments(view.outcomes, end)),
        steps=steps(view),
        stretches=stretches(view.frames),
        attempts=attempts,
        live=view.row.status == FindingStatus.ATTEMPTING,
        trust_because=TrustLabel(view.trust).gloss,
        dismissals=DISMISSALS,
        approvable=bool(reveal(runtime.settings.web.token)),
    )


def stretches(frames: Sequence[FrameView]) -> tuple[Stretch, ...]:
    """Innermost first: where it broke is what people look for."""
    shown: list[Stretch] = []
    for frame in reversed(frames):
        own = bool(frame.code) or grouping.is_in_app(frame.frame)
        if shown and shown[-1].own == own:
            shown[-1] = Stretch(own=own, frames=(*shown[-1].frames, frame))
        else:
            shown.append(Stretch(own=own, frames=(frame,)))
    return tuple(shown)


def _deployments(outcomes: Sequence[Outcome], end: datetime) -> list[charts.Tick]:
    marks = (charts.mark(when, end, "deployed") for when in {outcome.deployed_at for outcome in outcomes})
    return [mark for mark in marks if mark]


def _attempt(runtime: Runtime, row: AttemptRow, outcomes: Sequence[Outcome], with_diff: bool) -> ShownAttempt:
    shown, missing = _diff(runtime, row) if with_diff else (None, f"see `improver attempts show {row.id}`")
    return ShownAttempt(
        row=row,
        seconds=(row.ended_at - row.claimed_at).total_seconds() if row.ended_at else None,
        unsandboxed=row.isolation in UNSANDBOXED,
        diff=shown,
        diff_missing=missing,
        outcomes=tuple(outcome for outcome in outcomes if outcome.attempt_id == row.id),
    )


def _diff(runtime: Runtime, row: AttemptRow) -> tuple[diff.Diff | None, str]:
    """A repository that has moved, or lost the commit, does not take the rest of the page with it."""
    try:
        text = read.attempt(runtime, id=row.id).diff
    except ImproverError as error:
        return None, f"the diff cannot be shown: {error.message}"
    return (diff.parse(text), "") if text else (None, "")
