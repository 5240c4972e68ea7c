"""Where a pull from Sentry's API has got to: the issues of a stretch of time, one after the other, page by page."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from improver.collectors._lenient import mapping, moment, text, whole

MAX_ROWS = 100
# Of one issue in one sweep: its newest events say what there is to say.
MAX_PAGES = 50
# What Sentry took in late is found by looking back; what comes twice is dropped by its id.
OVERLAP = timedelta(minutes=5)
FORMAT = "%Y-%m-%dT%H:%M:%S"

_NEXT = re.compile(r'rel="next";\s{0,9}results="true";\s{0,9}cursor="([^"]{1,200})"')


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """`issues` are those left of the page, each with its project; `listed` says that there is no page after it."""

    start: str
    end: str
    issues: tuple[tuple[str, str], ...] = ()
    issue_cursor: str = ""
    listed: bool = False
    event_cursor: str = ""
    pages: int = 0
    rows: int = MAX_ROWS

    @property
    def done(self) -> bool:
        return self.listed and not self.issues

    def as_state(self) -> dict[str, object]:
        return {**asdict(self), "issues": [list(issue) for issue in self.issues]}

    def with_issues(self, found: list[tuple[str, str]], link: str) -> "Sweep":
        cursor = next_cursor(link)
        return replace(self, issues=tuple(found), issue_cursor=cursor, listed=not cursor)

    def with_events(self, link: str) -> "Sweep":
        cursor = next_cursor(link)
        if not cursor or self.pages + 1 >= MAX_PAGES:
            return self.next_issue()
        return replace(self, event_cursor=cursor, pages=self.pages + 1, rows=min(MAX_ROWS, 2 * self.rows))

    def next_issue(self) -> "Sweep":
        return replace(self, issues=self.issues[1:], event_cursor="", pages=0)

    def truncated(self, link: str) -> bool:
        return bool(next_cursor(link)) and self.pages + 1 >= MAX_PAGES


def resumed(state: Mapping[str, object]) -> Sweep | None:
    """The sweep that was not finished, if there is one."""
    kept = mapping(state.get("sweep"))
    if not kept:
        return None
    listed = kept.get("issues")
    pairs = [one for one in listed if isinstance(one, list) and len(one) == 2] if isinstance(listed, list) else []
    return Sweep(
        start=text(kept.get("start")),
        end=text(kept.get("end")),
        issues=tuple((text(number), text(project)) for number, project in pairs),
        issue_cursor=text(kept.get("issue_cursor")),
        listed=kept.get("listed") is True,
        event_cursor=text(kept.get("event_cursor")),
        pages=whole(kept.get("pages")) or 0,
        rows=whole(kept.get("rows")) or MAX_ROWS,
    )


def begun(state: Mapping[str, object], backfill: timedelta, now: datetime) -> Sweep:
    """From where the last one ended, else as far back as is wanted."""
    until = moment(state.get("until"))
    start = until - OVERLAP if until else now - backfill
    return Sweep(start=start.strftime(FORMAT), end=now.strftime(FORMAT))


def next_cursor(link: str) -> str:
    """Empty after the last page."""
    found = _NEXT.search(link)
    return found[1] if found else ""


def finished(sweep: Sweep) -> dict[str, Any]:
    return {"until": f"{sweep.end}+00:00"}
