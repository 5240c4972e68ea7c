"""Batch candidates: one tool is called for one thing after the other, where one call could do them all."""

from pydantic import Field

from improver.detectors._agent_calls import COST, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 3
REMEDY = "Offer one call that does for many what this one does for one."


class Config(Calls):
    calls: int = Field(3, ge=2)
    """As many calls, one right after the other, at least."""
    fed: float = 0.5
    """As great a part of what each call brought stands in the call that comes after them all: it needed them together.
    Asked only of calls that read."""
    share: float = 0.2
    """In as great a part of the conversations that use the tool, at least."""
    paging: str = r"^(.*(cursor|token|query|search|pattern|text|question|prompt|thought)|after|before|since|until|q)="
    """Arguments that differ for another reason: the pages of one list, one question in other words."""
    counting: str = r"^(.*(page|offset|start|skip|limit|line|number|index|size|count)|from|to|n)=\d+$"
    """The same of arguments that are a number."""
    many: int = Field(5, ge=3)
    """As many calls where more than one argument differs: they set something, each another thing to another value."""
    listed_before: int = Field(20, ge=1)
    """Before so many calls at most was it listed what they are for: then all was known before the first of them."""
    sets: list[str] = [
        "set", "update", "put", "assign", "fill", "mark", "tag", "label", "rename", "add", "create", "insert", "append",
        "register", "enter",
    ]  # fmt: skip
    """What the names of such tools begin with."""
    short: int = Field(80, ge=1)
    """What they are given has as many letters at most: more of it is written, each for itself."""


# All but one argument are the same, or something is set to many values, or all that differs was listed before the first
# call, or is made of what was. No two calls ran side by side, and no write needed what the one before it brought (an
# id, as far as words tell). Conversations that do not do so are exposures.
QUERY = rf"""
with calls as (
    select unit, step, tool, short, event_id, pairs, words, tokens, reads, parts, arguments, {COST} as cost,
        error = '' and not browses and not list_contains($ignore::varchar[], tool) as counts,
        case
            when wait_ms <= 0 or error <> '' or lag(error) over steps <> '' then true
            when tool is distinct from lag(tool) over steps then true
            when reads then false
            else coalesce(list_bool_or(list_transform(
                list_intersect(lag(words) over steps, regexp_split_to_array(lower(arguments), '[^\w]+')),
                lambda word: len(word) >= 3 and regexp_matches(word, '\d')
                    and not contains(lower(lag(arguments) over steps), word))), false)
        end as breaks
    from window_calls window steps as (partition by unit order by step)
), numbered as (
    select unit, step, counts, tool, sum(breaks::integer) over (partition by unit order by step) as run from calls
), long as (
    select unit, run, tool from numbered where counts group by all having count(*) >= $calls
), runs as (
    select calls.*, run, list_transform(pairs, lambda pair: regexp_extract(pair, '^([^=]*)=', 1)) as names
    from numbered semi join long using (unit, run, tool) join calls using (unit, step) where calls.counts
), grouped as (
    select unit, run, tool, short, count(*) as calls, count(distinct pairs) as different,
        count(distinct names) as forms,
        arg_min(event_id, step) as event_id, sum(cost) - arg_min(cost, step) as minutes, sum(tokens) as tokens,
        bool_and(reads) as reads, min(step) as first_step, max(step) as last_step, list(pairs) as each,
        any_value(parts[1]) as verb, max(list_max(list_transform(pairs, lambda pair: len(pair)))) as longest,
        list_distinct(flatten(list(pairs))) as all_pairs, flatten(list(pairs)) as every_pair,
        list(words order by step) as brought
    from runs group by unit, run, tool, short having count(*) >= $calls
), varied as (
    select *, list_distinct(list_transform(list_filter(all_pairs, lambda pair: len(list_filter(every_pair,
        lambda other: other = pair)) < calls), lambda pair: regexp_extract(pair, '^([^=]*)=', 1))) as varying,
        list_any_value(list_filter(all_pairs, lambda pair: len(list_filter(every_pair,
            lambda other: other = pair)) < calls
            and (regexp_matches(lower(pair), $paging) or regexp_matches(lower(pair), $counting)))) is not null as pages,
        not reads and calls >= $many and longest <= $short and list_contains($sets::varchar[], verb) as values_are_set
    from grouped where different = calls and forms = 1
), given as (
    select unit, run, tool, first_step, list_transform(each, lambda pairs: list_transform(
        list_filter(pairs, lambda pair: list_contains(varying, regexp_extract(pair, '^([^=]*)=', 1))),
        lambda pair: regexp_extract(pair, '^[^=]*=(.*)$', 1, 's'))) as each
    from varied where not reads and not pages and len(varying) > 1 and longest <= $short
), listed as (
    select distinct given.unit, run, given.tool
    from given join window_calls as before on before.unit = given.unit and before.error = ''
        and before.step < given.first_step and before.step >= given.first_step - $listed_before
    where list_bool_and(list_transform(each, lambda given: list_bool_and(list_transform(given, lambda one:
        contains(before.result, one) or list_bool_or(list_transform(given, lambda other:
            len(other) >= 3 and contains(before.result, other) and contains(one, other)))))
        and list_bool_or(list_transform(given, lambda one: len(one) >= 3))))
), fed as (
    select varied.*, coalesce(list_bool_and(list_transform(brought, lambda told:
        len(list_intersect(told, regexp_split_to_array(lower(after.arguments), '[^\w]+'))) >= $fed * len(told)
            and len(told) > 0
        )), false) as feeds
    from varied left join window_calls as after on after.unit = varied.unit and after.step = varied.last_step + 1
), candidates as (
    select unit, tool, arg_min(event_id, last_step) as event_id, sum(minutes) as minutes, sum(calls) as calls,
        sum(tokens) as tokens, count(*) as runs
    from fed
    where ((feeds or not reads) and len(varying) = 1 and not pages) or (values_are_set and len(varying) > 1)
        or (unit, run, tool) in (select (unit, run, tool) from listed)
    group by unit, tool
), used as (
    select unit, tool, any_value(short) as short, arg_min(event_id, step) as event_id
    from window_calls group by unit, tool
), totals as (
    select unit, count(*) as of from window_calls group by unit
)
select unit, coalesce(candidates.event_id, used.event_id) as event_id, tool as key, short as place, minutes,
    case when candidates.calls is not null then json_object('calls', calls::bigint, 'of', of, 'tokens', tokens::bigint,
        'each', round(calls / runs)) end as detail
from used join totals using (unit) left join candidates using (unit, tool)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or seen.sightings < config.share * seen.exposures:
        return None
    each = f"{seen.detail['each']:g} calls to `{seen.place}` per task"
    return Told(
        title=f"{each}, one by one",
        advice=f"{each}: offer `{seen.place}_multiple`. {wasted(seen)}.",
    )
