"""Thrashing: people go to and fro between a few pages, and do nothing at any of them."""

from pydantic import Field

from improver.detectors._friction import ARRIVALS, DEEDS, Frictions, enough
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 3
REMEDY = "Show together what people go to and fro to compare."


class Config(Frictions):
    turns: int = Field(6, ge=3)
    """As many changes of page, one soon after the other, at least."""
    pages: int = Field(3, ge=2)
    """Between as many pages, at most: more of them are a stroll, or what a list has to show."""
    gap_ms: float = 10_000
    """Who stays longer at a page reads it."""


# Going through the pages of one list is no change of page: their addresses differ in no id. Things of a list that have
# no address of their own differ in what was clicked to open them.
QUERY = rf"""
with {ARRIVALS}, {DEEDS}, steps as (
    select unit, step, count(deed) over (partition by unit order by step) as done
    from window_usage left join (select unit, step, true as deed from deeds) using (unit, step)
), moved as (
    select *, begin_ms - lag(begin_ms) over views < $gap_ms and done = lag(done) over views as hasty
    from (
        select arrivals.*, steps.done,
            page is distinct from lag(page) over (partition by unit, "window" order by step) as moves
        from arrivals join steps using (unit, step)
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
having count(*) >= $turns and count(distinct address) <= $pages
    and count(*) >= 2 * count(distinct (address, clicked_before))
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    pages = " and ".join(seen.detail["pages"])
    return Told(
        title=f"People go to and fro between {pages}",
        advice=f"In {seen.units} sessions, {seen.detail['turns']} times in the newest: show together what is compared.",
    )
