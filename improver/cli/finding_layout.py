"""Lays out Findings for a terminal or a pipe."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from improver import render
from improver.answers.code import CodeLine
from improver.answers.findings import FindingRow, FindingView, FrameView
from improver.answers.shares import Share
from improver.cli.attempt_layout import attempts_table, outcomes_table
from improver.cli.output import fields, heading, on_terminal, table, text
from improver.grouping import is_in_app
from improver.model import Commit, Severity

TITLE = 90
SHORT_STACK = 3  # as many library frames in a row are shown whole
BARS = "▁▂▃▄▅▆▇█"
DAY = 24
EMPTY = (
    "No Findings.",
    "`improver connect TARGET` says how to point an app here; `improver status` shows what has arrived.",
)


NONE_FIT = ("No Findings fit.", "`improver findings` lists all; dismissed and merged ones with --status.")


def listing(found: Sequence[FindingRow], *, empty: Sequence[str] = EMPTY) -> Iterator[RenderableType]:
    if not found:
        yield from empty
        return
    now = datetime.now(UTC)
    heads = ("ID", "SEV", "LOST", "EVENTS", "USERS", "LAST SEEN", "TREND", "STATUS", "WHAT AND WHERE")
    yield table(heads, [_row(one, now) for one in found], right=("LOST", "EVENTS", "USERS"))


def _row(one: FindingRow, now: datetime) -> tuple[object, ...]:
    place = "\n" if on_terminal() else "  "  # a line a Finding for whoever counts lines
    where = f"{place}{render.inline(one.location, TITLE)}"
    return (
        text(one.id, "cyan"),
        one.severity,
        render.minutes(one.minutes_per_week),
        one.events,
        one.users,
        render.ago(one.last_seen, now),
        one.trend,
        f"{one.status} ({one.skipped})" if one.skipped else one.status,
        text(render.inline(one.title, TITLE)).append(where.rstrip(), style="dim"),
    )


def page(found: FindingView) -> Iterator[RenderableType]:
    row = found.row
    yield text(render.inline(row.title, 2 * TITLE), "bold")
    yield fields(_facts(found))
    yield from _suspects(found.suspects)
    if found.frames:
        yield heading("Stack, the innermost call last")
        yield from _stack(found.frames)
    elif found.code:
        yield heading(render.inline(found.row.location, TITLE))
        yield from (text(_line(line), "" if line.here else "dim") for line in found.code)
    yield from _together(found)
    if found.attempts:
        yield heading("Attempts")
        yield attempts_table(found.attempts)
    if found.outcomes:
        yield heading("Outcomes")
        yield outcomes_table(found.outcomes)
    yield Text(f"\n{_next(found)}", style="dim")


def _facts(found: FindingView) -> list[tuple[str, object]]:
    row = found.row
    exposed = f"{found.failures:,} of {render.counted(found.exposures, 'run')} failed this way"
    return [
        ("id", row.id),
        ("kind", row.kind),
        ("target", " · ".join(part for part in (row.target, row.environment, found.service) if part)),
        ("where", _where(found)),
        ("owners", ", ".join(row.owners)),
        ("since", _since(found)),
        ("route", found.route),
        ("seen", _seen(row)),
        ("trend", f"{row.trend}  {_days(row.hourly)}".strip()),
        ("exposure", exposed if found.exposures else ""),
        ("severity", f"{row.severity}, {Severity(row.severity).gloss}"),
        ("would help", render.inline(row.advice, 4 * TITLE)),
        ("score", [f"{row.score.value:g} ({render.minutes(row.minutes_per_week)} lost)", *row.score.reasons]),
        ("merged into", found.together.merged_into),
        ("sources", f"{', '.join(row.sources)} ({found.trust})"),
        ("release", render.revision(found.release)),
        *((f"by {by}", _shared(same)) for by, same in groupby(found.shares, key=lambda share: share.by)),
        ("status", row.status),
        ("skipped", f"{row.skipped}: {found.skipped_because}" if row.skipped else ""),
        ("spec", f"{found.spec.id}, {found.spec.criterion.kind} criterion" if found.spec else ""),
    ]


def _shared(shares: Iterable[Share]) -> str:
    return ", ".join(f"{render.inline(render.revision(share.named), TITLE)} {share.part:.0%}" for share in shares)


def _where(found: FindingView) -> str:
    if found.location:
        return f"{found.row.location} ({found.location.told_by}: {found.location.told_by.gloss})"
    return found.unlocated_because or "it has not been looked for"


def _since(found: FindingView) -> str:
    """The release that brought it, and the last one that ran without it."""
    introduced = found.row.introduced
    if introduced is None:
        return ""
    named = render.revision(introduced.release)
    commit = f" ({introduced.commit[:12]})" if introduced.commit[:12] not in ("", named) else ""
    before = f"; {render.revision(introduced.after)} ran without it" if introduced.after else ""
    return render.inline(f"release {named}{commit}{before}", TITLE)


def _seen(row: FindingRow) -> str:
    now = datetime.now(UTC)
    users = f", {render.counted(row.users, 'user')}" if row.users else ""
    events = render.counted(row.events, "event")
    return f"{events}{users}; first {render.ago(row.first_seen, now)}, last {render.ago(row.last_seen, now)}"


def _days(hourly: Sequence[int]) -> str:
    """A bar a day for the last seven days, today last."""
    days = [sum(hourly[start : start + DAY]) for start in range(0, len(hourly), DAY)]
    most = max(days, default=0)
    return "".join(BARS[round(day / most * (len(BARS) - 1))] for day in days) if most else ""


def _suspects(suspects: Sequence[Commit]) -> Iterator[RenderableType]:
    if suspects:
        yield heading("Last changed by")
        yield table(("COMMIT", "WHO", "WHEN", "WHAT"), [_suspect(one, datetime.now(UTC)) for one in suspects])


def _suspect(one: Commit, now: datetime) -> tuple[object, ...]:
    subject = f"{render.inline(one.subject, TITLE)}{' (came with that release)' if one.introducing else ''}"
    return one.sha[:12], render.inline(one.author, 30), render.ago(one.at, now), subject


def _stack(views: Sequence[FrameView]) -> Iterator[Text]:
    """The user's own frames, and how many of the libraries' lie between them."""
    for own, neighbours in groupby(views, key=lambda view: is_in_app(view.frame)):
        frames = list(neighbours)
        if own or len(frames) <= SHORT_STACK:
            yield from (_frame(frame) for frame in frames)
        else:
            yield text(f"  … {len(frames)} frames of libraries", "dim")


def _frame(view: FrameView) -> Text:
    frame = view.frame
    place = f"{frame.filename or frame.module}:{frame.lineno}" if frame.lineno else frame.filename or frame.module
    shown = text(f"  {render.inline(f'{place} in {frame.function}', 2 * TITLE)}", "" if view.code else "dim")
    for line in view.code:
        shown.append(f"\n{_line(line)}", style="bold" if line.here else "dim")
    return shown


def _line(line: CodeLine) -> str:
    return f"   {'>' if line.here else ' '} {line.number:>5}  {render.terminal(line.text)}"


def _together(found: FindingView) -> Iterator[RenderableType]:
    """The lines that were hashed, those that were not and why, and the Findings it is one with or looks like."""
    if not found.together.parts:
        return
    yield heading(f"Why these are one Finding: {found.row.fingerprint}")
    for ignored, neighbours in groupby(found.together.parts, key=lambda part: part.ignored):
        parts = list(neighbours)
        if ignored and len(parts) > SHORT_STACK:
            yield text(f"  – {len(parts)} lines ignored: {ignored}", "dim")
            continue
        for part in parts:
            mark, why, style = ("–", f"  ignored: {ignored}", "dim") if ignored else ("=", "", "")
            yield text(f"  {mark} {render.inline(f'{part.what} {part.text}', 2 * TITLE)}{why}", style)
    for one in found.together.related:
        yield text(f"  {one.kin} {one.id} ({one.likeness:.2f}) {render.inline(one.title, TITLE)}: {one.because}")


def _next(found: FindingView) -> str:
    if found.row.status == "open":
        return f"Next: improver spec {found.row.id}; improver dispatch {found.row.id} --dry-run"
    return f"Next: improver spec {found.row.id}; improver attempts --finding {found.row.id}"
