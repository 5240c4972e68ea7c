"""N+1 queries: one query brings a list, and the same query then runs for each of it; or each is written by one."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Fetch with one query, or a fixed number of them, what is now fetched with one for each."


class Config(Configured):
    calls: int = Field(5, ge=2)
    """As many queries of one shape below one span, at least."""
    writes: int = Field(10, ge=2)
    """As many of one shape that write, where no query brought what they write, and somebody waits for them."""
    spent_ms: float = 50
    """They take as long together, at least."""
    sightings: int = Field(1, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# The source is another query, over when the first of them began; what runs side by side is none. Where other queries
# stand between most of them, it is a pattern of several: that is m_x_n_plus_one. Of what is written the source may be
# the request; and nothing is written again and again only to look whether it has changed.
QUERY = r"""
with often as (
    select siblings from window_spans where category = 'db'
    group by siblings, hash(shape) having count(*) >= $calls and sum(duration_ms) >= $spent_ms
), queries as (
    select unit, parent_id, event_id, service, route, category, shape, begin_ms, duration_ms,
        begin_ms + duration_ms as end_ms, lag(shape) over near = shape as follows,
        coalesce(begin_ms >= lag(begin_ms + duration_ms) over same - 1, true) as in_turn
    from window_spans
    where category in ('db', 'http') and siblings in (from often)
    window near as (partition by unit, parent_id order by begin_ms, seq),
        same as (partition by unit, parent_id, shape order by begin_ms, seq)
), repeated as (
    select unit, parent_id, service, shape, any_value(route) as route, count(*) as calls,
        sum(duration_ms) as spent, min(begin_ms) as began, arg_min(event_id, begin_ms) as event_id
    from queries where in_turn and category = 'db'
    group by all
    having calls >= $calls and spent >= $spent_ms and count(*) filter (where follows) * 2 >= calls - 1
), sources as (
    select unit, service, arg_min(shape, ended, 2) as shapes, min(ended, 2) as ends from (
        select unit, service, shape, min(begin_ms + duration_ms) as ended from window_spans
        where category = 'db' and unit in (select unit from repeated) group by all
    ) group by unit, service
)
select unit, event_id, route || ' ' || shape as key, shape[:300] as place,
    spent * (calls - 1) / calls / 60000 as minutes,
    json_object('calls', calls, 'spent_ms', round(spent)) as detail
from repeated join sources using (unit, service)
where (shapes[1] <> shape and ends[1] <= began + 1) or (len(shapes) > 1 and shapes[2] <> shape and ends[2] <= began + 1)
    or (calls >= $writes and regexp_matches(shape, '(?i)^\s*(insert|update|delete|replace|merge|upsert)\b')
        and unit in (select unit from window_spans where category in ('server', 'browser')))
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    calls, spent = seen.detail["calls"], seen.detail["spent_ms"]
    return Told(
        title=f"N+1 query in {seen.route or seen.service}: {calls} × {seen.place[:120]}",
        advice=f"Fetch what the {calls} queries bring with one: together they take {spent:g} ms of each run.",
    )
