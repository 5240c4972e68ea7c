"""U-turns: people follow a link, and come straight back from where it led."""

from improver.detectors._friction import ARRIVALS, DEEDS, Frictions, enough, least_share
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 4
REMEDY = "Say at the link what is behind it, or put there what was looked for."


class Config(Frictions):
    back_ms: float = 10_000
    """Who comes back so soon did not find what the link had promised."""
    glance_ms: float = 2500
    """Who is back sooner has read nothing there."""
    small_print: str = (
        r"/(?:cart|basket|bag|wish-?list|notifications|inbox|messages|imprint|impressum|mentions-?legales|legal(?:-?notice)?"
        r"|terms(?:-and-conditions|-of-(?:use|service))?|tos|agb"
        r"|conditions|privacy(?:-?policy)?|datenschutz|cookies?(?:-?policy)?|licen[cs]es?|disclaimer|accessibility)"
        r"(?:\.\w+)?/?$"
    )
    """Pages that are there to be looked at in passing, as one thing of many is: no link promises more of them."""
    share: float = 0.25
    """Of those who follow the link, more than this share come back at once, for certain."""
    sessions: int = 5
    """Seen in fewer sessions, it is no Symptom: everybody hits a wrong link once."""
    looked_at: int = 3
    """Who goes from one page to so many others and back looks through a list."""
    alike: int = 2
    """The same of so many things of one kind: pages whose addresses differ in an id only."""


# Whoever follows the link and stays is an exposure; something that was done there was what the visit was for. Back is
# where they were, not another thing of its kind. Who reads, and then goes on with a form where they were, looked it up;
# who mends something there and comes again was shown what to mend. Things of a list differ in their address or in what
# was clicked to open them; who comes to the list does so for the next one.
QUERY = rf"""
with {ARRIVALS}, {DEEDS}, moves as (
    select unit, "window", event_id, step, begin_ms, device, page, address, came_from, clicked_before,
        lag(page) over views as from_page, lead(address) over views as to_address,
        lead(begin_ms) over views - begin_ms as stayed_ms, lead(step) over views as next_step,
        lead(step, 2) over views as left_step,
        lead(step) over (partition by unit, "window", address order by step) as again_step
    from (
        select *, lag(address) over opened as came_from, page is distinct from lag(page) over opened as moved
        from arrivals window opened as (partition by unit, "window" order by step)
    ) where moved
    window views as (partition by unit, "window" order by step)
), working as (
    select moves.*, deeds.step as worked_step
    from moves asof left join (from deeds where act <> 'event') as deeds
        on deeds.unit = moves.unit and deeds.step > moves.next_step
), lists as (
    select unit, came_from as list from moves where to_address = came_from
    group by all having count(distinct page) >= $looked_at
    union
    select unit, came_from from moves where came_from is not null
    group by unit, came_from, page having count(distinct (address, clicked_before)) >= $alike
), visits as (
    select *, coalesce(to_address = came_from and stayed_ms < $back_ms, false) and not exists (
        from deeds where deeds.unit = moves.unit and deeds.step > moves.step and deeds.step < next_step)
        and (stayed_ms < $glance_ms or not (regexp_matches(lower(page), $small_print)
            or (starts_with(address, came_from || '/') and ends_with(page, '/*'))
            or coalesce(worked_step < coalesce(left_step, 2147483647), false))) as came_back
    from working as moves
    where came_from is not null and (unit, came_from) not in (select (unit, list) from lists)
        and (unit, address) not in (select (unit, list) from lists)
), judged as (
    select *, came_back and (coalesce(worked_step > again_step, true) or coalesce(lead(came_back) over (
        partition by unit, "window", address order by step), true)) as turned
    from visits
)
select unit, arg_max(event_id, turned) as event_id, from_page || ' → ' || page as key, from_page as place,
    case when bool_or(turned) then sum(stayed_ms) filter (where turned) / 60000 end as minutes,
    case when bool_or(turned) then json_object('from', from_page, 'to', page, 'stayed_ms',
        round(max(stayed_ms) filter (where turned)), 'device', any_value(device)) end as detail
from judged group by unit, from_page, page
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or least_share(seen.sightings, seen.exposures) < config.share:
        return None
    there, back = seen.detail["to"], seen.detail["from"]
    return Told(
        title=f"U-turns: from {back} to {there} and straight back",
        advice=f"{seen.sightings} of {seen.exposures} who went to {there} came back at once: say at {back} what"
        " is there.",
    )
