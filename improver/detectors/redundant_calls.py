"""Redundant calls: an agent asks the same again, and is told the same again."""

from pydantic import Field

from improver.detectors._agent_calls import COST, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 1
REMEDY = "Let the answer say that it is all there is, or bring in one go what is asked for."


class Config(Calls):
    calls: int = Field(3, ge=2)
    """As many calls in other words, one soon after the other, at least; of the very same call two are enough."""
    gap_s: float = 60
    """How soon."""
    likeness: float = 0.5
    """As great a part of the words of two calls' arguments is in both (Jaccard)."""
    same_result: float = 0.8
    """As great a part of the words of two results: they say the same."""
    progress: list[str] = ["status", "progress", "poll", "wait", "job", "output", "monitor", "watch", "sleep", "think"]
    """Words in the names of tools that are asked again and again for what they are."""


# Between them nothing was changed; where the last answer is another one, the asking was for something. Words are only
# compared, and costs only added up, where a tool was asked often enough.
QUERY = rf"""
with reads as (
    select unit, epoch, tool, short, service, step, event_id, arguments, result, words, tokens, begin_ms, duration_ms,
        {COST} as cost
    from window_calls
    where error = '' and reads and not browses and not list_has_any(parts, $progress::varchar[])
        and not list_contains($ignore::varchar[], tool)
), totals as (
    select unit, count(*) as of from window_calls group by unit
), told as (
    select unit, epoch, tool, arguments from reads
    group by all having count(*) > 1 and min(result) = max(result)
), exact as (
    select unit, tool, short, event_id, cost, tokens from reads semi join told using (unit, epoch, tool, arguments)
    qualify row_number() over (partition by unit, epoch, tool, arguments order by step) > 1
), often as (
    select unit, epoch, tool from reads group by all having count(*) >= $calls
), asking as (
    select *, list_distinct(list_filter(regexp_split_to_array(lower(arguments), '[^\w]+'), lambda word: word <> ''))
        as asked
    from reads semi join often using (unit, epoch, tool)
), compared as (
    select *, coalesce(begin_ms - lag(begin_ms + duration_ms) over same <= $gap_s * 1000
            and len(list_intersect(asked, lag(asked) over same))
                >= $likeness * len(list_distinct(list_concat(asked, lag(asked) over same))), false) as follows,
        len(list_intersect(words, lag(words) over same))
            >= $same_result * len(list_distinct(list_concat(words, lag(words) over same))) as same_words
    from asking window same as (partition by unit, epoch, tool order by step)
), runs as (
    select unit, epoch, tool, short, event_id, cost, tokens, step, follows, same_words,
        sum((not follows)::integer) over (partition by unit, epoch, tool order by step) as run
    from compared
), same as (
    select unit, epoch, tool, run from runs
    group by all
    having count(*) >= $calls and count(*) filter (where follows and same_words) * 2 >= count(*) - 1
        and arg_max(same_words, step)
), alike as (
    select unit, tool, short, event_id, cost, tokens from runs semi join same using (unit, epoch, tool, run)
    qualify row_number() over (partition by unit, epoch, tool, run order by step) > 1
), wasted as (
    from exact union from alike
)
select unit, min(event_id) as event_id, tool as key, short as place, sum(cost) as minutes,
    json_object('calls', count(*), 'of', any_value(of), 'tokens', sum(wasted.tokens)::bigint,
        'again', list(event_id order by event_id)) as detail
from wasted join totals using (unit) group by unit, tool, short
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    return Told(
        title=f"`{seen.place}` is asked the same again and gives the same answer",
        advice=f"{wasted(seen)}: let `{seen.place}` say that this is all there is, or answer in one go what"
        " they ask for.",
    )
