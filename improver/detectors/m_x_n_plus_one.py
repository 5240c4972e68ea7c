"""M×N+1 queries: several different queries or requests run in turn, once for each of many things."""

from pydantic import Field

from improver.detectors._pages import PAGE
from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 2
REMEDY = "Fetch for all of them at once what is now fetched for each in turn."


class Config(Configured):
    times: int = Field(3, ge=2)
    """The pattern runs as often below one span, at least."""
    longest: int = Field(8, ge=2)
    """As many different queries or requests in a pattern, at most."""
    spent_ms: float = 50
    """All of them take as long together, at least."""
    db_share: float = Field(0.05, ge=0, le=1)
    """How much of that time is spent in queries, at least: requests alone in turn are several N+1 requests."""
    sightings: int = Field(1, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# Each repeats what ran as many places before it as the pattern is long. In a pattern no shape comes twice, so that no
# call follows one of its own shape; where that is how they come it is a plain N+1. Where each turn begins with the next
# page of a list, what comes after it is done for a whole page.
QUERY = rf"""
with often as (
    select siblings from window_spans where category in ('db', 'http')
    group by siblings, hash(shape) having count(*) >= $times
), below as (
    select siblings from often group by siblings having count(*) > 1
), calls as (
    select unit, parent_id, service, route, category, event_id, shape, begin_ms, duration_ms,
        case when category = 'http' then {PAGE} else '' end as page,
        row_number() over near as place, lag(begin_ms + duration_ms) over near as before_ms
    from window_spans where category in ('db', 'http') and siblings in (from below)
    window near as (partition by unit, parent_id order by begin_ms, seq)
), again as (
    select calls.*, calls.place - earlier.place as length, calls.place - row_number() over (
        partition by calls.unit, calls.parent_id, calls.place - earlier.place order by calls.place) as run
    from calls asof join calls as earlier
        on calls.unit = earlier.unit and calls.parent_id = earlier.parent_id and calls.shape = earlier.shape
        and calls.place > earlier.place
    where calls.place - earlier.place <= $longest and calls.begin_ms >= calls.before_ms - 1
), patterns as (
    select unit, parent_id, service, any_value(route) as route, length, count(*) + length as calls,
        sum(duration_ms) * (count(*) + length) / count(*) as spent,
        sum(duration_ms) filter (where category = 'db') / greatest(sum(duration_ms), 0.001) as db_share,
        list(distinct shape order by shape) as shapes, arg_min(event_id, begin_ms) as event_id,
        count(distinct nullif(page, '')) as pages
    from again where length > 1 group by unit, parent_id, service, length, run
)
select unit, event_id, route || ' ' || array_to_string(shapes, ' ') as key,
    array_to_string(list_transform(shapes, lambda shape: shape[:300]), '; ') as place,
    spent * (1 - length / calls) / 60000 as minutes,
    json_object('times', calls // length, 'length', length, 'spent_ms', round(spent)) as detail
from patterns
where calls // length >= $times and 2 * pages * length <= calls and len(shapes) = length and spent >= $spent_ms
    and db_share >= $db_share
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    times, length, spent = seen.detail["times"], seen.detail["length"], seen.detail["spent_ms"]
    return Told(
        title=f"M×N+1 queries in {seen.route or seen.service}: {times} × {length} in turn, {seen.place[:120]}",
        advice=f"Fetch what they bring with {length} queries for all: together they take {spent:g} ms of each run.",
    )
