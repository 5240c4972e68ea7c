"""Undiscovered features: a page that few reach, though those who do come back; what all are shown and few take up."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from improver.detectors._friction import Frictions, least_share, most_share
from improver.detectors._totals import symptom
from improver.model import Cursor, FindingKind, Symptom, Told
from improver.statistics import week_before

KIND = FindingKind.FRICTION
EVERY = 3600
REMEDY = "Lead to it from where people would need it."

VERSION = 1

# A feature is a page, or what an event of the app's own tells of. One user comes back who used it on another day.
FEATURES = r"""
with uses as (
    select *, case when starts_with(name, '$') then regexp_replace(route,
        '/(\d+|[0-9a-fA-F]{8,}(-[0-9a-fA-F]{2,})*)(/|$)', '/*\3', 'g') else name end as place
    from usage
    where occurred_at >= $since and "user" <> '' and (name in ('$pageview', '$screen') or not starts_with(name, '$'))
), everybody as (
    select target, environment, service, count(distinct "user") as everybody,
        count(distinct "user") filter (where occurred_at >= $week) as active
    from uses group by all having everybody >= $everybody
), each as (
    select target, environment, service, place, "user", count(*) as uses, count(distinct date_trunc('day',
        occurred_at)) as days
    from uses where place <> '' group by all
), features as (
    select target, environment, service, place, count(*) as users, count(*) filter (where days > 1) as returned
    from each group by all having users >= $users
)
select target, environment, service, place as key, place, features.users, returned, everybody, active,
    (active * $saves_s / 60)::double as minutes, any_value(collector) as collector, count(*) as events,
    count(*) filter (where occurred_at >= $week) as events_week,
    min(occurred_at) as first_seen, max(occurred_at) as last_seen, bool_and(trust = 'server') as trusted,
    arg_max(release, occurred_at) as release, list(event_id order by occurred_at desc)[1:20] as evidence,
    list(date_diff('hour', $week, occurred_at)::integer) filter (where occurred_at >= $week) as hours
from uses join features using (target, environment, service, place) join everybody using (target, environment, service)
group by all having min(occurred_at) <= $long_ago order by place
"""

# What the app itself calls a feature: it says to whom it was shown, and who took it up.
SHOWN = """
with told as (
    select *, data->>'$.properties.feature_flag' as place from usage
    where occurred_at >= $since and "user" <> '' and name in ('$feature_view', '$feature_interaction')
), features as (
    select target, environment, service, place, count(distinct "user") as everybody,
        count(distinct "user") filter (where name = '$feature_interaction') as users,
        count(distinct "user") filter (where occurred_at >= $week) as active
    from told where place <> '' group by all having everybody >= $shown
), counting as (
    select distinct target, environment, service from told where name = '$feature_interaction'
)
select target, environment, service, place as key, place, features.users, everybody, active,
    (active * $saves_s / 60)::double as minutes, any_value(collector) as collector, count(*) as events,
    count(*) filter (where occurred_at >= $week) as events_week,
    min(occurred_at) as first_seen, max(occurred_at) as last_seen, bool_and(trust = 'server') as trusted,
    arg_max(release, occurred_at) as release, list(event_id order by occurred_at desc)[1:20] as evidence,
    list(date_diff('hour', $week, occurred_at)::integer) filter (where occurred_at >= $week) as hours
from told join features using (target, environment, service, place)
    join counting using (target, environment, service)
group by all having min(occurred_at) <= $long_ago order by place
"""


class Config(Frictions):
    window_days: int = Field(28, ge=1)
    """Days of usage that are looked at."""
    long_days: int = Field(14, ge=1)
    """It has been there for so many days: what is newer has had no time to be found."""
    everybody: int = Field(100, ge=10)
    """Among fewer users of the whole app a rare one says nothing."""
    shown: int = Field(50, ge=10)
    """Of what the app says it shows (`$feature_view`): to fewer users it says nothing."""
    users: int = Field(5, ge=2)
    """As many reached it, at least."""
    reach: float = 0.1
    """Less than this share of all users reached it, for certain."""
    back: float = 0.3
    """More than this share of those who reached it used it again on another day, for certain."""
    saves_s: float = 1
    """What it would spare each active user in a week, in seconds: nobody can measure that, so it is little."""


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    naive = now.replace(tzinfo=None)
    times = {
        "since": naive - timedelta(days=config.window_days),
        "long_ago": naive - timedelta(days=config.long_days),
        "week": week_before(now),
        "saves_s": config.saves_s,
    }
    reached = cursor.rows(FEATURES, {**times, "everybody": config.everybody, "users": config.users})
    shown = [row for row in cursor.rows(SHOWN, {**times, "shown": config.shown}) if _is_rare(row, config)]
    wanted = [
        row
        for row in reached
        if _is_rare(row, config) and least_share(row["returned"], row["users"]) > config.back
    ]
    return [
        *(symptom(row, "undiscovered_feature", VERSION, _told(row), now) for row in wanted),
        *(symptom(row, "undiscovered_feature", VERSION, _told_of_shown(row), now) for row in shown),
    ]


def _is_rare(row: dict[str, Any], config: Config) -> bool:
    return most_share(row["users"], row["everybody"]) < config.reach


def _told(row: dict[str, Any]) -> Told:
    return Told(
        title=f"Hardly anybody finds {row['place']}: {row['users']} of {row['everybody']} users",
        advice=f"{row['returned']} of those {row['users']} came back to it on another day: show it where others"
        " would need it.",
    )


def _told_of_shown(row: dict[str, Any]) -> Told:
    return Told(
        title=f"Hardly anybody takes up {row['place']}: {row['users']} of {row['everybody']} users who saw it",
        advice="It is where they see it, but not where they would need it, or does not say what it is for.",
    )
