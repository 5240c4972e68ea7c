"""Funnel drop-off: more people than before leave at one step of a path that others go on along."""

from pydantic import Field

from improver.detectors._friction import Frictions, enough, least_share, most_share
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 1
REMEDY = "Look at what changed at this step, and let people go on from there as they used to."


class Config(Frictions):
    funnels: list[list[str]] = []
    """Paths that you know of, each a list of pages and events: [["/cart", "/address", "order placed"]].
    Others are found: whatever page people usually go on from is a step."""
    usual: float = 0.5
    """A page that more than this share used to leave from is an end, and no step."""
    more: float = 0.1
    """The share that leaves has grown by this much, for certain."""
    before: int = Field(30, ge=10)
    """As many sessions before this week say what is usual."""
    sessions: int = Field(10, ge=1)
    """Fewer sessions that end there within a week say nothing."""
    abandoned: float = 0.6
    """Of a funnel that is configured, this share and more is too much whatever it was before."""


# Sessions that go on are exposures. A page counts once a session, however often it was seen.
QUERY = r"""
with steps as (
    select unit, arg_min(event_id, step) as event_id, min(step) as first_step, max(step) as last_step,
        case act when 'view' then page else name end as place, any_value(device) as device, min(begin_ms) as begun
    from window_usage where act in ('view', 'event') and ended group by unit, place
), found as (
    select unit, event_id, place as key, place, device, 'a page' as path, lead(place) over path is null as left_there,
        (max(begun) over (partition by unit)) - min(begun) over (partition by unit) as spent_ms
    from steps window path as (partition by unit order by last_step)
), funnels as (
    select unnest($funnels::varchar[][]) as funnel
), pairs as (
    select funnel[n] as place, funnel[n + 1] as next, array_to_string(funnel, ' → ') as path
    from (select funnel, unnest(generate_series(1, len(funnel) - 1)) as n from funnels)
), configured as (
    select steps.unit, any_value(steps.event_id) as event_id, pairs.path || ' at ' || steps.place as key, steps.place,
        any_value(steps.device) as device, pairs.path, count(later.unit) = 0 as left_there, 0.0 as spent_ms
    from pairs join steps using (place)
    left join steps as later on later.unit = steps.unit and later.place = pairs.next
        and later.last_step > steps.first_step
    group by steps.unit, steps.place, pairs.path
)
select unit, event_id, key, place,
    case when left_there then least(spent_ms, $most_s * 1000) / 60000 end as minutes,
    case when left_there then json_object('path', path, 'device', device) end as detail
from (from found union all by name from configured)
"""


def told(seen: Seen, config: Config) -> Told | None:
    configured = seen.detail["path"] != "a page"
    if not enough(seen, config) or seen.sightings_week < config.sessions:
        return None
    now, before = _week(seen), _before(seen)
    worse = before[1] >= config.before and least_share(*now) > most_share(*before) + (0 if configured else config.more)
    step = configured or most_share(*before) < config.usual
    if not (worse and step) and not (configured and least_share(*now) > config.abandoned):
        return None
    usual = f", {_percent(*before)} before" if before[1] else ""
    return Told(
        title=f"{_percent(*now)} of {now[1]} sessions end at {seen.place}{usual}",
        advice=f"Look at what changed at {seen.place} since: others used to go on from there.",
    )


def _week(seen: Seen) -> tuple[int, int]:
    return seen.sightings_week, seen.exposures_week


def _before(seen: Seen) -> tuple[int, int]:
    return seen.sightings - seen.sightings_week, seen.exposures - seen.exposures_week


def _percent(hits: int, of: int) -> str:
    return f"{100 * hits / of:.0f} %"
