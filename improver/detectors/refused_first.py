"""Refused first: a tool refuses the first call for each thing, and takes the second one, whoever asks."""

from pydantic import Field

from improver.detectors._agent_calls import ASKED, COST, REPORTS, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 1
REMEDY = "Let the tool take the first call, or hand out before it what it asks for."


class Config(Calls):
    runs: int = Field(5, ge=1)
    """Seen in fewer conversations, it is no Symptom."""
    users: int = Field(3, ge=1)
    """Seen of fewer users, where they are told apart, it is no Symptom: one may have a habit."""
    share: float = 0.8
    """As great a part of the first calls is refused, and of the conversations that call the tool."""
    again: int = Field(2, ge=2)
    """For as many things in one conversation: who was told once what is right does it right the next time."""
    tries: int = Field(2, ge=1)
    """The call works after as many refusals at most: more are a loop."""
    within: int = Field(4, ge=1)
    """It is called again as soon, with nothing changed in between."""
    moments: str = (
        r"\b429\b|too many|rate.?limit|throttl|quota|retry.after|timed? ?out|unavailable|overloaded"
        r"|try (?:again )?later|connection|network|\b50[234]\b"
    )
    """What is said of the moment and not of the call: the same call works a little later."""
    asked: str = rf"{ASKED}|permission"
    """What is said where somebody is meant to think twice."""


# Up to a call that works it is one thing that is tried, and what is tried again has an argument in common with what was
# refused. Reading on the way changes nothing, and is part of what it costs.
QUERY = rf"""
with costs as (
    select *, {COST} as cost from window_calls
), totals as (
    select unit, count(*) as of from window_calls group by unit
), tried as (
    select *, error <> '' as failed,
        lead(error = '') over calls and lead(epoch) over calls = epoch and lead(step) over calls <= step + $within
            and (lead(arguments) over calls = arguments or list_has_any(lead(pairs) over calls, pairs)) as taken,
        lag(error <> '') over calls and lag(epoch) over calls = epoch and lag(step) over calls >= step - $within
            and (lag(arguments) over calls = arguments or list_has_any(lag(pairs) over calls, pairs)) as second,
        sum((error = '')::integer) over (calls rows between unbounded preceding and 1 preceding) as after_works
    from costs where not reads and not browses and not list_contains($ignore::varchar[], tool)
    window calls as (partition by unit, tool order by step)
), runs as (
    select unit, tool, coalesce(after_works, 0) as run, any_value(short) as short,
        arg_min(event_id, step) as event_id, arg_min(error, step) as error, count(*) filter (where failed) as refusals,
        min(step) as begins, max(step) filter (where not failed) as ends,
        bool_and(not failed or coalesce(taken, false) or coalesce(second, false)) as settled,
        coalesce(bool_or(failed and ({REPORTS} or regexp_matches(lower(error), $moments)
            or regexp_matches(lower(error), $asked))), false) as excused
    from tried group by unit, tool, coalesce(after_works, 0)
), counted as (
    select *, refusals between 1 and $tries and ends is not null and settled and not excused as refused from runs
), spent as (
    select counted.unit, counted.tool, count(*) as calls, sum(cost) as cost, sum(tokens) as tokens
    from counted join costs on costs.unit = counted.unit and costs.step between begins and ends - 1
    where refused group by counted.unit, counted.tool
), told as (
    select unit, tool, any_value(short) as short, arg_min(event_id, not refused) as event_id,
        arg_min(error, not refused) as error, count(*) filter (where refused) as times,
        count(*) filter (where refused) >= greatest($again, $share * count(*)) as always
    from counted group by unit, tool
)
select unit, event_id, tool as key, short as place, case when always then cost end as minutes,
    case when always then json_object('calls', calls, 'of', of, 'tokens', tokens::bigint, 'error', error[:200],
        'times', times) end as detail
from told join totals using (unit) left join spent using (unit, tool)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or seen.sightings < config.share * seen.exposures:
        return None
    return Told(
        title=f"`{seen.place}` refuses the first call and takes the second: {seen.detail['error']}",
        advice=f"{wasted(seen)}: {seen.detail['times']} times it was refused first. Let `{seen.place}` take the first"
        " call, or hand out before it what it asks for.",
    )
