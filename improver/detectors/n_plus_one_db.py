"""N+1 queries: one query brings a list, and then the same query runs once for each of it."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1


class Config(Configured):
    calls: int = Field(5, ge=2)
    """As many queries of one shape below one span, at least."""
    spent_ms: float = 50
    """They take as long together, at least."""
    sightings: int = Field(1, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# The source is another query, over when the first of them began; what runs side by side is none.
QUERY = """
with queries as (
    select *, lag(end_ms) over (partition by unit, parent_id, shape order by begin_ms, seq) as before_ms
    from (select *, begin_ms + duration_ms as end_ms from window_spans where category = 'db')
), repeated as (
    select unit, parent_id, shape, any_value(route) as route, count(*) as calls, sum(duration_ms) as spent,
        min(begin_ms) as began, arg_min(event_id, begin_ms) as event_id, count(distinct description) as different
    from queries where before_ms is null or begin_ms >= before_ms - 1
    group by all having calls >= $calls and spent >= $spent_ms
)
select unit, event_id, route || ' ' || shape as key, shape as place, spent * (calls - 1) / calls / 60000 as minutes,
    json_object('calls', calls, 'spent_ms', round(spent), 'shape', shape) as detail
from repeated
where exists (
    from queries as source
    where source.unit = repeated.unit and source.shape <> repeated.shape and source.end_ms <= repeated.began + 1
)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    calls, spent = seen.detail["calls"], seen.detail["spent_ms"]
    return Told(
        title=f"N+1 query in {seen.route or seen.service}: {calls} × {seen.place[:120]}",
        advice=f"Fetch what the {calls} queries bring with one: together they take {spent:g} ms of each run.",
    )
