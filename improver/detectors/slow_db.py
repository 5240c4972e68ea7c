"""Slow queries: one statement that takes too long, run after run."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Look at the plan of the query, an index for it, and how much it brings."


class Config(Configured):
    slow_ms: float = 500
    """A query that takes longer is slow."""
    sightings: int = Field(3, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# One slow run says nothing: a cold cache, a lock. The same statement in several traces does, if somebody waited for
# it: jobs take their time. Many of one shape in one trace are an N+1.
QUERY = r"""
select unit, arg_max(event_id, duration_ms) as event_id, shape as key, shape[:300] as place,
    sum(duration_ms) / 60000 as minutes, json_object('ms', round(max(duration_ms)), 'calls', count(*)) as detail
from window_spans
where category = 'db' and duration_ms > $slow_ms
    and unit in (select unit from window_spans where category in ('server', 'browser'))
group by unit, shape, service having count(*) < 5
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    return Told(
        title=f"Slow query: {seen.place[:120]}",
        advice=f"It took {seen.detail['ms']:g} ms when last seen: look at its plan, an index, or how much it brings.",
    )
