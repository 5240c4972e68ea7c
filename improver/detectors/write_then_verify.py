"""Write, then verify: a write says too little, and the same read follows it every time."""

from pydantic import Field

from improver.detectors._agent_calls import COST, RESTORES, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 1
REMEDY = "Let the write answer with what the read after it would say."


class Config(Calls):
    writes: int = Field(2, ge=1)
    """As many writes of one tool in a conversation that are looked at again, at least."""
    share: float = 0.8
    """As great a part of its writes is looked at again: always, but for a few."""
    share_of_runs: float = 0.5
    """In as great a part of the conversations that use the tool."""


# What was written is read by another tool at once, or opened in a browser at any time. Where a write undoes something,
# that is looked at and told by another Detector. Conversations in which nobody looks are exposures.
QUERY = rf"""
with {RESTORES}, costs as (
    select *, {COST} as cost from window_calls
), totals as (
    select unit, count(*) as of from window_calls group by unit
), writes as (
    select * from costs where error = '' and not reads and not browses and not list_contains($ignore::varchar[], tool)
), looked as (
    select writes.unit, writes.tool, writes.short, writes.step, writes.event_id, look.short as look, look.cost,
        look.tokens
    from writes join costs as look on look.unit = writes.unit and look.step = writes.step + 1
        and look.reads and not look.browses and look.error = '' and look.tool <> writes.tool
        and list_has_any(look.pairs, writes.pairs)
    where writes.event_id not in (select event_id from restores)
), used as (
    select unit, tool, any_value(short) as short, min(event_id) as event_id,
        count(*) as times from writes group by unit, tool
), always as (
    select looked.unit, looked.tool, arg_min(looked.event_id, step) as event_id, mode(look) as look,
        sum(cost) as minutes,
        count(*) as calls, sum(tokens) as tokens
    from looked join used using (unit, tool) group by looked.unit, looked.tool
    having count(*) >= $writes and count(*) >= $share * any_value(times)
), opened as (
    select look.unit, look.step, any_value(look.event_id) as look_id, any_value(look.short) as look,
        arg_max(writes.tool, writes.step) as tool, arg_max(writes.event_id, writes.step) as event_id
    from costs as look join writes on writes.unit = look.unit and writes.step < look.step
    where look.browses and list_any_value(list_filter(writes.pairs, lambda pair: len(pair) - position('=' in pair) >= 4
        and contains(look.arguments, pair[position('=' in pair) + 1:]))) is not null
    group by look.unit, look.step
), browsed as (
    select costs.unit, opened.tool, any_value(opened.event_id) as event_id, any_value(opened.look) as look,
        sum(costs.cost) as minutes, count(*) as calls, sum(costs.tokens) as tokens
    from costs asof join opened on costs.unit = opened.unit and costs.step >= opened.step
    where costs.browses group by costs.unit, opened.tool
)
select used.unit, coalesce(always.event_id, used.event_id) as event_id, used.tool as key, used.short as place, minutes,
    case when calls is not null then json_object('calls', calls, 'of', of, 'tokens', tokens::bigint, 'look', look,
        'write', used.short, 'browser', false) end as detail
from used join totals using (unit) left join always using (unit, tool)
union all
select used.unit, coalesce(browsed.event_id, used.event_id), used.tool || ' in a browser', coalesce(look,
    used.short), minutes,
    case when calls is not null then json_object('calls', calls, 'of', of, 'tokens', tokens::bigint, 'look', look,
        'write', used.short, 'browser', true) end
from used join totals using (unit) left join browsed using (unit, tool)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or seen.sightings < config.share_of_runs * seen.exposures:
        return None
    write, look = seen.detail["write"], seen.detail["look"]
    if seen.detail["browser"]:
        return Told(
            title=f"A browser is opened to see what `{write}` did (`{look}`)",
            advice=f"{wasted(seen)}: offer a preview, or let `{write}` show how it looks.",
        )
    return Told(
        title=f"`{write}` is always followed by `{look}`",
        advice=f"{wasted(seen)}: let `{write}` answer with what `{look}` would say.",
    )
