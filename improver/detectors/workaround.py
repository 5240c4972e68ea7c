"""Workarounds: a call fails, and the same other calls have to come before it works."""

from pydantic import Field

from improver.detectors._agent_calls import COST, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 1


class Config(Calls):
    runs: int = Field(5, ge=1)
    """Seen in fewer conversations, it is no Symptom."""
    users: int = Field(3, ge=1)
    """Seen of fewer users, where they are told apart, it is no Symptom: one may have a habit."""
    longest: int = Field(8, ge=3)
    """From the call that fails to the same call working there are as many calls, at most."""
    lift: float = 3
    """So many times as often as elsewhere in the conversation do these calls come after the error."""


# Reads in between are looking for the way, and no part of it.
QUERY = rf"""
with costs as (
    select *, {COST} as cost from window_calls
), failed as (
    select unit, step, tool, short, arguments, event_id, cost, tokens,
        trim(regexp_replace(regexp_replace(lower(error[:200]), '(''[^'']*''|"[^"]*"|`[^`]*`)', '*', 'g'),
            '[0-9a-f]{{8,}}|[0-9]+', '#', 'g')) as said, error
    from costs where error <> '' and not list_contains($ignore::varchar[], tool)
), works as (
    select failed.*, min(later.step) as works_at from failed join costs as later
        on later.unit = failed.unit and later.tool = failed.tool and later.arguments = failed.arguments
            and later.error = ''
        and later.step > failed.step + 1 and later.step - failed.step < $longest
    group by all
), last_tries as (
    select * from works qualify row_number() over (partition by unit, tool, arguments, works_at order by step desc) = 1
), paths as (
    select last_tries.unit, last_tries.event_id, last_tries.tool, last_tries.short, said, last_tries.error,
        last_tries.step,
        works_at, any_value(last_tries.cost) + sum(between_.cost) as minutes,
        any_value(last_tries.tokens) + sum(between_.tokens) as tokens,
        count(*) + 1 as calls,
        list_distinct(list(between_.tool order by between_.step) filter (where not between_.reads)) as way,
        list(between_.short order by between_.step) filter (where not between_.reads) as shown
    from last_tries join costs as between_
        on between_.unit = last_tries.unit and between_.step > last_tries.step and between_.step < works_at
    group by all
), totals as (
    select unit, count(*) as of from costs group by unit
), elsewhere as (
    select paths.unit, paths.step, count(*) as times
    from paths join costs as other on other.unit = paths.unit and other.tool = paths.way[1]
    where not exists (from works where works.unit = paths.unit and works.tool = paths.tool
        and other.step > works.step and other.step < works.works_at)
    group by paths.unit, paths.step
)
select unit, event_id, tool || ' ' || said || ' ' || array_to_string(list_sort(way), ' ') as key, short as place,
    minutes,
    json_object('calls', calls, 'of', of, 'tokens', tokens::bigint, 'error', error[:200],
        'way', list_filter(shown, lambda one, place: list_position(shown, one) = place)) as detail
from paths join totals using (unit) left join elsewhere using (unit, step)
where way is not null and coalesce(times, 0) * $lift <= of
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    way = ", ".join(f"`{tool}`" for tool in seen.detail["way"])
    return Told(
        title=f"`{seen.place}` fails until {way} was called: {seen.detail['error']}",
        advice=f"{wasted(seen)}: let `{seen.place}` do itself what {way} does, or say in its error what is to be done.",
    )
