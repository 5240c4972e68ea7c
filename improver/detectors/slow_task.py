"""Slow tasks: some people need many times as long as the others for the same thing."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from improver.detectors._friction import Frictions, least_share
from improver.detectors._totals import symptom
from improver.model import Cursor, FindingKind, Symptom, Told
from improver.statistics import week_before

KIND = FindingKind.FRICTION
EVERY = 3600
REMEDY = "Take out steps, or show the next one where people are."

VERSION = 1

# A task ends when a form is sent or with an event of the app's own, and begins with what came before. What takes long
# is told on the scale of times: logarithms. How long somebody reads a page before going on says nothing.
TASKS = r"""
with acts as (
    select event_id, seq, collector, occurred_at, target, environment, trust, service, release, "user", session, device,
        name in ('$pageview', '$screen') as is_view,
        case when is_view then regexp_replace(route, '/(\d+|[0-9a-fA-F]{8,}(-[0-9a-fA-F]{2,})*)(/|$)', '/*\3', 'g')
            when name = '$autocapture' then element else name end as place
    from usage
    where occurred_at >= $since and session <> '' and (name in ('$pageview', '$screen') or not starts_with(name, '$')
        or (name = '$autocapture' and regexp_matches(element, '^form[^>]*$')))
), steps as (
    select *, lag(place) over session as from_place, lag(occurred_at) over session as begun
    from acts where place <> ''
    window session as (partition by session order by occurred_at, seq)
), tasks as (
    select *, from_place || ' → ' || place as key, date_diff('millisecond', begun, occurred_at) / 1000.0 as took_s,
        ln(greatest(0.1, took_s)) as log_s
    from steps where not is_view and date_diff('millisecond', begun, occurred_at) / 1000.0 between 1 and $longest_s
), usual as (
    select target, environment, service, key, count(*) as of, median(log_s) as middle, mad(log_s) as spread
    from tasks group by all having of >= $enough
), slow as (
    select tasks.*, of, exp(middle) as usual_s, tasks.occurred_at >= $week as recent
    from tasks join usual using (target, environment, service, key)
    where log_s > middle + $deviations * spread and took_s > exp(middle) * $times and took_s - exp(middle) >= $more_s
)
select target, environment, service, key, any_value(collector) as collector, any_value(from_place) as place,
    any_value(place) as ended_in, any_value(of) as of, any_value(usual_s) as usual_s, median(took_s) as took_s,
    mode(device) as device, count(*) as events, count(*) filter (where recent) as events_week,
    count(distinct nullif("user", '')) as users, count(distinct session) as sessions,
    sum(least(took_s - usual_s, $most_s)) filter (where recent) / 60 as minutes,
    min(occurred_at) as first_seen, max(occurred_at) as last_seen, bool_and(trust = 'server') as trusted,
    arg_max(release, occurred_at) as release, list(event_id order by occurred_at desc)[1:20] as evidence,
    list(date_diff('hour', $week, occurred_at)::integer) filter (where recent) as hours
from slow group by target, environment, service, key order by key
"""


class Config(Frictions):
    window_days: int = Field(28, ge=1)
    """Days of usage that are looked at."""
    enough: int = Field(30, ge=10)
    """The same done as many times says what is usual."""
    deviations: float = 3
    """As many median deviations above the median, of the times' logarithms."""
    times: float = 2
    """And as many times the median."""
    more_s: float = 10
    """And as many seconds more."""
    longest_s: float = 1800
    """Who takes longer did something else in between."""
    share: float = 0.05
    """More than this share is slow, for certain: a few always are."""
    sessions: int = Field(5, ge=1)
    """Seen in fewer sessions, it is no Symptom."""


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    asked = config.model_dump(include={"enough", "deviations", "times", "more_s", "longest_s", "most_s"})
    since = now.replace(tzinfo=None) - timedelta(days=config.window_days)
    rows = cursor.rows(TASKS, {**asked, "since": since, "week": week_before(now)})
    return [
        symptom(row, "slow_task", VERSION, _told(row), now)
        for row in rows
        if row["sessions"] >= config.sessions
        and (not row["users"] or row["users"] >= config.users)
        and least_share(row["events"], row["of"]) > config.share
    ]


def _told(row: dict[str, Any]) -> Told:
    usual, took = row["usual_s"], row["took_s"]
    device = f", most of them on {row['device']}" if row["device"] else ""
    return Told(
        title=f"From {row['place']} to {row['ended_in']} takes some {took / usual:.0f} times as long as others",
        advice=f"{row['events']} of {row['of']} took {took:.0f} s and not {usual:.0f} s{device}: see what holds"
        " them up.",
    )
