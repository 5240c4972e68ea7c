"""Failing tools: a tool fails whenever it is called, and agents do without it or take a detour."""

from collections import Counter

from pydantic import Field

from improver.detectors._agent_calls import COST, REPORTS, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 1
DETAILS = 200  # conversations that are asked what was called instead
REMEDY = "Let the tool work again, or take it from the list of tools."


class Config(Calls):
    runs: int = Field(5, ge=1)
    """Seen in fewer conversations, it is no Symptom."""
    share: float = 0.8
    """In as great a part of the conversations that call the tool it never works."""
    tries: int = Field(2, ge=1)
    """Who tries more often in vain is in a loop."""
    loops: int = Field(3, ge=1)
    """Of a tool that as many conversations are in a loop with, another Detector tells."""
    within: int = Field(3, ge=1)
    """What is called instead comes so soon, and is about the same thing or named like it."""
    absent: str = r"not found|no such|does ?n[o']t exist|no (?:results|matches|entries)|\b404\b|nothing to\b|already\b"
    """What a tool says that looks for something, or takes it away: that it is not there is an answer."""
    refused: str = (
        r"\b(?:user|human|person|operator)\b.{0,20}\b(?:reject|den[iy]|declin|refus|cancel|doesn.t want|interrupt)"
        r"|haven't granted|(?:not|needs|requires|without) (?:approv|confirm)|\b(?:cancell?ed|aborted|interrupted) by\b"
    )
    """What is said where a person did not want the call."""


# A conversation in which the tool works once, or what it says is an answer, is an exposure.
QUERY = rf"""
with costs as (
    select *, {COST} as cost, error <> '' and not browses and not {REPORTS}
        and not regexp_matches(lower(error), $refused)
        and not ((reads or list_has_any(parts[1:1], ['delete', 'remove', 'clear', 'stop', 'close', 'create', 'unlock']))
            and regexp_matches(lower(error), $absent)) as failed
    from window_calls
), totals as (
    select unit, count(*) as of from costs group by unit
), used as (
    select unit, tool, any_value(short) as short, any_value(parts) as parts, flatten(list(pairs)) as pairs,
        count(*) as tries, bool_and(failed) as in_vain, max(step) as step,
        arg_max(event_id, step) as event_id, arg_max(error[:200], step) as error, sum(cost) as cost,
        sum(tokens) as tokens
    from costs where not list_contains($ignore::varchar[], tool) group by unit, tool
), detours as (
    select used.unit, used.tool, arg_min(other.short, other.step) as instead, arg_min(other.cost, other.step) as cost,
        arg_min(other.tokens, other.step) as tokens
    from used join costs as other on other.unit = used.unit and other.step > used.step
        and other.step <= used.step + $within and other.tool <> used.tool and other.error = ''
        and (list_has_any(other.pairs, used.pairs) or list_has_any(other.parts, used.parts))
    where in_vain group by used.unit, used.tool
)
select unit, event_id, tool as key, short as place,
    case when in_vain then used.cost + coalesce(detours.cost, 0) end as minutes,
    case when in_vain then json_object('calls', tries + (instead is not null)::integer, 'of', of,
        'tokens', (used.tokens + coalesce(detours.tokens, 0))::bigint, 'error', error, 'instead', instead,
        'loop', tries > $tries) end as detail
from used join totals using (unit) left join detours using (unit, tool)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or seen.sightings < config.share * seen.exposures:
        return None
    if sum(one["loop"] for one in seen.details) >= config.loops:
        return None
    instead, times = Counter(one["instead"] for one in seen.details).most_common(1)[0]
    detour = f" `{instead}` is called instead." if instead and 2 * times >= len(seen.details) else ""
    return Told(
        title=f"`{seen.place}` fails whenever it is called: {seen.detail['error']}",
        advice=f"{wasted(seen)}.{detour} Let `{seen.place}` work again, or take it from the list of tools.",
    )
