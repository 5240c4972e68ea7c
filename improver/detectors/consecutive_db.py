"""Different queries one after the other that do not need each other, where side by side would be quicker."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Join the queries, or run side by side those that do not need each other."


class Config(Configured):
    slow_ms: float = 30
    """Each takes as long, at least."""
    too_slow_ms: float = 500
    """Where one takes longer, that one is what is slow."""
    apart_ms: float = 10
    """The next begins so soon after the one before, at most: nothing was computed of its answer."""
    saved_ms: float = 100
    """Side by side they would save as much, at least."""
    saved_share: float = 0.1
    """And as much of the whole run."""
    sightings: int = Field(2, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# The same query again and again is an N+1, or a retry: those have Detectors of their own.
QUERY = r"""
with enough as (
    select siblings from window_spans where category = 'db' and duration_ms >= $slow_ms
    group by siblings having count(*) > 1 and sum(duration_ms) - max(duration_ms) >= $saved_ms - 1
), queries as (
    select *, begin_ms - lag(begin_ms + duration_ms) over near as gap
    from (
        select unit, seq, event_id, parent_id, service, route, shape, begin_ms, duration_ms
        from window_spans
        where category = 'db' and duration_ms >= $slow_ms and regexp_matches(shape, '(?i)^\s*(select|with)\b')
            and siblings in (from enough)
            and unit in (select unit from window_spans where category in ('server', 'browser'))
    )
    window near as (partition by unit, parent_id order by begin_ms, seq)
), rows_of as (
    select *, count(*) filter (where gap is null or gap < -1 or gap > $apart_ms)
        over (partition by unit, parent_id order by begin_ms, seq) as row_number
    from queries
), in_a_row as (
    select unit, service, any_value(route) as route, count(*) as calls, count(distinct shape) as different,
        sum(duration_ms) - max(duration_ms) as saved, max(duration_ms) as longest,
        arg_min(event_id, begin_ms) as event_id, list(distinct shape order by shape) as shapes
    from rows_of group by unit, parent_id, service, row_number having calls > 1
), whole as (
    select unit, max(duration_ms) as whole_ms from window_spans where unit in (select unit from in_a_row) group by unit
)
select unit, event_id, route || ' ' || array_to_string(shapes, ' ') as key,
    array_to_string(list_transform(shapes[1:3], lambda shape: shape[:300]), '; ') as place,
    saved / 60000 as minutes, json_object('calls', calls, 'saved_ms', round(saved)) as detail
from in_a_row join whole using (unit)
where different = calls and longest <= $too_slow_ms and saved >= $saved_ms and saved >= $saved_share * whole_ms
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    calls, saved = seen.detail["calls"], seen.detail["saved_ms"]
    return Told(
        title=f"{calls} queries one after the other in {seen.route or seen.service}",
        advice=f"Joined, or run side by side, they would save {saved:g} ms of each run.",
    )
