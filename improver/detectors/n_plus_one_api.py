"""N+1 requests: one page or operation calls the same endpoint once for each of many things."""

from pydantic import Field

from improver.detectors._pages import PAGE
from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 2
REMEDY = "Ask for all of them with one request."


class Config(Configured):
    calls: int = Field(5, ge=2)
    """As many calls of one endpoint below one span, at least."""
    apart_ms: float = 15
    """Each begins so soon after the one before it began or ended, at most."""
    spent_ms: float = 300
    """They take as long together, at least."""
    sightings: int = Field(1, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# The same address again and again is polling or a retry, and not one call for each of many things; other work between
# most of them makes it a pattern of several: that is m_x_n_plus_one. Nor are the pages of one list.
QUERY = rf"""
with calls as (
    select *, lag(shape) over siblings = shape as follows,
        least(begin_ms - lag(begin_ms) over same, begin_ms - lag(begin_ms + duration_ms) over same) as apart
    from (
        select unit, seq, event_id, parent_id, service, route, status, category, shape, description, begin_ms,
            duration_ms
        from window_spans where category in ('db', 'http')
            and unit in (select unit from window_spans where category = 'http' group by unit having count(*) >= $calls)
    )
    window siblings as (partition by unit, parent_id order by begin_ms, seq),
        same as (partition by unit, parent_id, shape order by begin_ms, seq)
), repeated as (
    select unit, parent_id, service, shape, any_value(route) as route, count(*) as calls,
        count(distinct nullif({PAGE}, '')) as pages,
        count(distinct description) as different, max(begin_ms + duration_ms) - min(begin_ms) as spent,
        arg_min(event_id, begin_ms) as event_id, count(*) filter (where follows) as following
    from calls
    where category = 'http' and (apart is null or apart <= $apart_ms) and status in ('', 'ok', 'unset')
    group by all
)
select unit, event_id, route || ' ' || shape as key, shape[:300] as place,
    spent * (calls - 1) / calls / 60000 as minutes, json_object('calls', calls, 'spent_ms', round(spent)) as detail
from repeated
where calls >= $calls and spent >= $spent_ms and different > calls / 2 and 2 * pages <= calls
    and following * 2 >= calls - 1
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    calls, spent = seen.detail["calls"], seen.detail["spent_ms"]
    return Told(
        title=f"N+1 requests in {seen.route or seen.service}: {calls} × {seen.place[:120]}",
        advice=f"Ask for all {calls} with one request: they take {spent:g} ms of each run.",
    )
