"""Undo and redo: what one call did another takes back, and it has to be done again."""

from pydantic import Field

from improver.detectors._agent_calls import COST, RESTORES, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 1
REMEDY = "Let the call keep what it does not mean to change, or show beforehand what it will do."


class Config(Calls):
    returns: int = Field(1, ge=1)
    """As many times in a conversation something goes back to what it was before, at least."""


# Either one thing is set to and fro, or after every write the same other thing has to be set again: then the reads that
# look whether it is there again are a part of it.
QUERY = rf"""
with {RESTORES}, costs as (
    select *, {COST} as cost from window_calls
), totals as (
    select unit, count(*) as of from window_calls group by unit
), verbs as (
    select unnest(['add', 'create', 'lock', 'enable', 'open', 'publish', 'start', 'attach', 'assign', 'archive',
        'subscribe',
        'show', 'mute', 'pin', 'follow', 'mount', 'apply', 'book']) as does, unnest(['remove', 'delete', 'unlock',
            'disable',
        'close', 'unpublish', 'stop', 'detach', 'unassign', 'unarchive', 'unsubscribe', 'hide', 'unmute', 'unpin',
            'unfollow',
        'unmount', 'revert', 'cancel']) as undoes
), writes as (
    select * from costs where error = '' and not reads and not browses and not list_contains($ignore::varchar[], tool)
), states as (
    select unit, event_id, step, tool, short, cost, tokens,
        tool || ' ' || regexp_extract(pair, '^([^=]*)=', 1) || ' '
            || array_to_string(list_filter(pairs, lambda other: other <> pair), '&') as thing,
        pair as state
    from (select *, unnest(pairs) as pair from writes where len(pairs) > 1)
    union all
    select unit, event_id, step, tool, short, cost, tokens,
        does || ' ' || array_to_string(parts[2:], '_') || ' ' || array_to_string(pairs, '&'), parts[1]
    from writes join verbs on parts[1] in (does, undoes)
), changes as (
    select *, state = lag(state, 2) over (partition by unit, thing order by step) as back from (
        select *, state is distinct from lag(state) over (partition by unit, thing order by step) as changed from states
    ) where changed
), toggled as (
    select unit, arg_min(event_id, step) as event_id, arg_min(tool, step) as key, arg_min(short, step) as place,
        sum(cost) filter (where back) as minutes, count(*) filter (where back) as calls,
        sum(tokens) filter (where back) as tokens, '' as restorer, '' as restored
    from (
        select * from changes qualify row_number() over (partition by unit, event_id order by back desc nulls last) = 1
    ) group by unit, thing having count(*) filter (where back) >= $returns
), dances as (
    select restores.unit, arg_min(restores.write_id, restores.step) as event_id,
        write_tool || ' ' || restores.tool as key, any_value(write_short) as place, sum(costs.cost) as minutes,
        count(*) as calls, sum(costs.tokens) as tokens, any_value(restores.short) as restorer,
        any_value(array_to_string(restored, ', ')) as restored
    from restores join costs on costs.unit = restores.unit and (costs.step = restores.step
        or (costs.step between restores.step + 1 and restores.step + 2 and costs.reads
            and list_has_any(costs.pairs, restores.pairs)))
    group by restores.unit, write_tool, restores.tool
)
select unit, event_id, key, place, minutes, json_object('calls', calls, 'of', of, 'tokens', tokens::bigint,
    'restorer', restorer, 'restored', restored) as detail
from (from toggled union all by name from dances) join totals using (unit)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    restorer, restored = seen.detail["restorer"], seen.detail["restored"]
    if restorer:
        return Told(
            title=f"`{seen.place}` undoes what `{restorer}` set: it is set again every time",
            advice=f"{wasted(seen)}: let `{seen.place}` keep {restored}.",
        )
    return Told(
        title=f"What `{seen.place}` did is taken back and done again",
        advice=f"{wasted(seen)}: let `{seen.place}` show what it will do, or say what is there already.",
    )
