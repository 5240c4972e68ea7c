"""Workarounds: a call fails, and the same other calls have to come before it works."""

from pydantic import Field

from improver.detectors._agent_calls import ASKED, COST, REPORTS, Calls, enough, wasted
from improver.detectors._sequences import Mining, Run, closed
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 4
DETAILS = 200  # ways that are compared with each other
REMEDY = "Let the call do itself what always has to come before it, or say in its error what is to be done."


class Config(Calls):
    runs: int = Field(5, ge=1)
    """Seen in fewer conversations, it is no Symptom."""
    users: int = Field(3, ge=1)
    """Seen of fewer users, where they are told apart, it is no Symptom: one may have a habit."""
    longest: int = Field(8, ge=3)
    """The call that fails, what is called then and the same call working are as many steps, at most."""
    gap: int = Field(2, ge=0)
    """Between two steps there are as many other calls, at most: who looks for the way goes wrong now and then."""
    lift: float = 3
    """So many times as often as elsewhere in the conversation is each step called after the error."""
    asked: str = ASKED
    """What is said where somebody is meant to agree first: asking them is no way round it."""
    telling: int = Field(4, ge=1)
    """An error of as many words is one cause, whichever tool says it; fewer are, if what is called then takes no
    argument (signing in, say): it is about nothing in particular."""


# All ways round one error are one key, whichever of a server's tools it stops; which steps they have in common is only
# known of all of them. Reads in between are looking for the way, and no part of it; nor is what is called all the time.
QUERY = rf"""
with costs as (
    select *, {COST} as cost from window_calls
), failed as (
    select unit, step, tool, short, arguments, event_id, cost, tokens,
        trim(regexp_replace(regexp_replace(regexp_replace(
            lower(replace(error[:200], short, '*')), '^error executing tool \*: ', ''),
            '(''[^'']*''|"[^"]*"|`[^`]*`)', '*', 'g'),
            '[0-9a-f]{{8,}}|[0-9]+', '#', 'g')) as said, error
    from costs where error <> '' and not list_contains($ignore::varchar[], tool) and not {REPORTS}
        and not regexp_matches(lower(error), $asked)
), works as (
    select failed.*, min(later.step) as works_at from failed join costs as later
        on later.unit = failed.unit and later.tool = failed.tool and later.arguments = failed.arguments
            and later.error = ''
        and later.step > failed.step + 1 and later.step - failed.step <= ($longest - 1) * ($gap + 1)
    group by all
), last_tries as (
    select * from works qualify row_number() over (partition by unit, tool, arguments, works_at order by step desc) = 1
), ways as (
    select last_tries.unit, last_tries.step, last_tries.works_at, last_tries.event_id, last_tries.tool,
        last_tries.short, said, last_tries.error, last_tries.cost, last_tries.tokens, other.tool as called,
        other.short as called_short, other.reads, len(other.pairs) = 0 as of_all, other.step as called_at,
        other.cost as called_cost, other.tokens as called_tokens
    from last_tries join costs as other
        on other.unit = last_tries.unit and other.step > last_tries.step and other.step < last_tries.works_at
), totals as (
    select unit, any_value("user") as "user", count(*) as of from costs group by unit
), elsewhere as (
    select ways.unit, ways.step, ways.called, count(*) as times
    from (select distinct unit, step, tool, called from ways) as ways
    join costs as other on other.unit = ways.unit and other.tool = ways.called
    where not exists (from works where works.unit = ways.unit and works.tool = ways.tool
        and other.step > works.step and other.step < works.works_at)
    group by ways.unit, ways.step, ways.called
)
select unit, event_id, case
        when len(regexp_extract_all(said, '[a-z]{{3,}}')) >= $telling then left(tool, len(tool) - len(short))
        else coalesce(min(called) filter (where of_all and not reads), tool) end || ' ' || said as key, short as place,
    (any_value(cost) + sum(called_cost))::double as minutes,
    json_object('calls', count(*) + 1, 'of', any_value(of),
        'tokens', (any_value(ways.tokens) + sum(called_tokens))::bigint, 'error', any_value(error)[:200], 'unit', unit,
        'user', any_value("user"), 'tool', short,
        'steps', list(case when reads or coalesce(times, 0) * $lift > of then '' else called_short end
            order by called_at)
    ) as detail
from ways join totals using (unit) left join elsewhere using (unit, step, called)
group by unit, ways.step, event_id, tool, said, short
having bool_or(not reads and coalesce(times, 0) * $lift <= of)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    runs = [Run(unit=way["unit"], user=way["user"], steps=tuple(way["steps"])) for way in seen.details]
    asked = Mining(units=config.runs, users=config.users, longest=config.longest - 2, gap=config.gap)
    common = closed(runs, asked)
    if not common:
        return None
    way = ", ".join(f"`{tool}`" for tool in common[0].steps)
    others = len({one["tool"] for one in seen.details}) - 1
    also = f" (and {others} other tool{'s' * (others > 1)})" if others else ""
    return Told(
        title=f"`{seen.place}`{also} fails until {way} was called: {seen.detail['error']}",
        advice=f"{wasted(seen)}: let `{seen.place}` do itself what {way} does, or say in its error what is to be done.",
    )
