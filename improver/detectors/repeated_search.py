"""Repeated searches: people ask for the same thing in other words, and open nothing of what is found."""

from pydantic import Field

from improver.detectors._friction import Frictions, enough
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 1
REMEDY = "Find what is meant in other words too, or say what there is instead."


class Config(Frictions):
    queries: int = Field(3, ge=2)
    """As many different queries, one after the other, at least."""
    within_s: float = 60
    """Each comes so soon after the one before."""
    likeness: float = 0.5
    """As great a part of the words of two queries is in both (Jaccard)."""
    typed_ms: float = 1500
    """A query that begins with the one before, so soon after it, is the same one being typed."""


# A query is told by an event of the app's own or stands in the address; whoever follows a link has found something.
QUERY = r"""
with asked as (
    select unit, event_id, step, begin_ms, next_ms, page, device, url,
        trim(lower(coalesce(nullif(case when act = 'event' then query end, ''), url_decode(replace(regexp_extract(url,
            '(?i)[?&](?:q|query|search|search_query|search_term|s|term|keywords?)=([^&#]+)', 1), '+', ' '))))) as words,
        act
    from window_usage where act in ('view', 'event', 'click')
), steps as (
    select *, sum((act = 'click')::integer) over (partition by unit order by step) as clicks_so_far
    from (
        select asked.unit, asked.event_id, asked.step, asked.begin_ms, asked.next_ms, asked.page, asked.device, words,
            case when asked.act = 'click' and (tag = 'a' or chain like '%;a%') then 'click' else asked.act end as act
        from asked join (select event_id, tag, chain from window_usage) using (event_id)
        where asked.act <> 'click' or tag = 'a' or chain like '%;a:%' or chain like '%;a.%'
    )
), changed as (
    select *, list_distinct(regexp_split_to_array(words, '[^\w]+')) as tokens from (
        select *, lag(words) over (partition by unit order by step) as before,
            lead(words) over (partition by unit order by step) as after,
            lead(begin_ms) over (partition by unit order by step) as after_ms
        from steps where act <> 'click' and words <> ''
    )
    where words is distinct from before and not (coalesce(starts_with(after, words), false) and after <> words
        and after_ms - begin_ms < $typed_ms and position(' ' in after[len(words):]) = 0)
), runs as (
    select *, sum((not follows)::integer) over (partition by unit order by step) as run from (
        select *, coalesce(begin_ms - lag(begin_ms) over queries <= $within_s * 1000
            and clicks_so_far = lag(clicks_so_far) over queries
            and len(list_intersect(tokens, lag(tokens) over queries))
                >= $likeness * len(list_distinct(list_concat(tokens, lag(tokens) over queries))), false) as follows
        from changed window queries as (partition by unit order by step)
    )
), repeated as (
    select unit, arg_min(event_id, step) as event_id, any_value(page) as page, any_value(device) as device,
        list(words order by step) as words, min(begin_ms) as begun, max(begin_ms) as ended_ms, max(next_ms) as got_on,
        max(step) as last_step
    from runs group by unit, run having count(distinct words) >= $queries
)
select unit, event_id, page as key, page as place,
    least(greatest(ended_ms, got_on) - begun, $most_s * 1000) / 60000 as minutes,
    json_object('queries', len(words), 'words', words[:5], 'device', device) as detail
from repeated
where not exists (from steps where steps.unit = repeated.unit and steps.step > last_step and act = 'click'
    and steps.page = repeated.page and steps.begin_ms - ended_ms <= $within_s * 1000)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    words = ", ".join(f'"{query}"' for query in seen.detail["words"])
    return Told(
        title=f"Searches at {seen.place} are repeated in other words and lead nowhere",
        advice=f"In {seen.units} sessions nothing that was found was opened. The newest asked for {words}.",
    )
