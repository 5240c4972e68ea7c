"""Thrashing: people go to and fro between a few pages, and do nothing at any of them."""

from pydantic import Field

from improver.detectors._friction import ADDRESS, Frictions, enough
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 2
REMEDY = "Show together what people go to and fro to compare."


class Config(Frictions):
    turns: int = Field(6, ge=3)
    """As many changes of page, one soon after the other, at least."""
    pages: int = Field(3, ge=2)
    """Between as many pages, at most: more of them are a stroll, or what a list has to show."""
    gap_ms: float = 10_000
    """Who stays longer at a page reads it."""


# Going through the pages of one list is no change of page: their addresses differ behind the question mark only.
QUERY = rf"""
with steps as (
    select *, sum((act in ('change', 'submit', 'event'))::integer) over (partition by unit order by step) as deeds
    from window_usage where act in ('view', 'change', 'submit', 'event')
), moved as (
    select *, begin_ms - lag(begin_ms) over views < $gap_ms and deeds = lag(deeds) over views as hasty
    from (
        select *, {ADDRESS} as address,
            page is distinct from lag(page) over (partition by unit, "window" order by step) as moves
        from steps where act = 'view'
    ) where moves
    window views as (partition by unit, "window" order by step)
), runs as (
    select *, sum((not coalesce(hasty, false))::integer) over (partition by unit,
        "window" order by step) as run from moved
)
select unit, arg_min(event_id, step) as event_id, array_to_string(list_sort(list_distinct(list(page))), ' ↔ ') as key,
    mode(page) as place,
    least(max(begin_ms) - min(begin_ms), $most_s * 1000) / 60000 as minutes,
    json_object('turns', count(*), 'pages', list_sort(list_distinct(list(page))), 'device', any_value(device)) as detail
from runs group by unit, "window", run
having count(*) >= $turns and count(distinct address) <= $pages and count(*) >= 2 * count(distinct address)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    pages = " and ".join(seen.detail["pages"])
    return Told(
        title=f"People go to and fro between {pages}",
        advice=f"In {seen.units} sessions, {seen.detail['turns']} times in the newest: show together what is compared.",
    )
