"""Rage clicks: the same place is clicked again and again, quickly, because nothing seems to happen."""

from improver.detectors._friction import Frictions, enough
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 1
REMEDY = "Answer the click at once, or say what is missing."


class Config(Frictions):
    clicks: int = 3
    """As many clicks, each soon after and near to the one before; only asked where no client counted them itself."""
    gap_ms: float = 1000
    """How soon."""
    near_px: float = 30
    """How near, across and down together; without coordinates the same element is near."""
    says: str = (
        r"[+<>«»‹›←→↑↓▲▼−–-]+|\d{1,3}|load more|show more|zoom (?:in|out)"
        r"|[<«‹← ]*(?:next|prev|previous|earlier|later|older|newer|forwards?|backwards?)(?: \w+)?[>»›→ ]*"
        r"|(?:one )?(?:more|less|fewer)(?: \w+)?"
    )
    """What is written on elements that are there to be clicked many times: steppers, pages, carousels."""
    called: str = (
        r"plus|minus|increment|decrement|increase|decrease|one more|one less|stepper|spinner|quantity"
        r"|\bqty|(?:-|_)(?:more|less|fewer|later|earlier|older|newer)\b"
        r"|pagina|\bpager|carousel|slick|swiper|slide|\bnext\b|\bprev|arrow|chevron|keypad|numpad|zoom|volume"
    )
    """What they, or one of the two around them, are called. Where their clicks were told to be dead, that is moot."""


# What ends in an exception is an error click, and what is typed into is clicked to put the cursor there.
QUERY = r"""
with clicks as (
    select *, coalesce(begin_ms - lag(begin_ms) over steps < $gap_ms
        and coalesce(abs(x - lag(x) over steps) + abs(y - lag(y) over steps) < $near_px,
            element <> '' and element = lag(element) over steps), false) as follows
    from window_usage where act = 'click' and unit not in (select unit from window_usage where act = 'rage')
    window steps as (partition by unit order by step)
), counted as (
    select *, sum((not follows)::integer) over (partition by unit order by step) as burst from clicks
), bursts as (
    select unit, event_id, page, element, tag, chain, device, begin_ms, next_ms, 3 as clicks
    from window_usage where act = 'rage'
    union all
    select unit, arg_min(event_id, step), any_value(page), any_value(element), any_value(tag), any_value(chain),
        any_value(device), min(begin_ms), max(next_ms), count(*)
    from counted group by unit, burst having count(*) >= $clicks
), dead as (
    select distinct unit, element from window_usage where act = 'dead'
), failed as (
    select session as unit, epoch_us(occurred_at) / 1000.0 as failed_ms
    from errors where session in (select unit from bursts)
)
select unit, arg_min(event_id, begin_ms) as event_id, page || ' ' || regexp_replace(element, '\d+', '*', 'g') as key,
    element as place,
    least(max(next_ms) - min(begin_ms), $most_s * 1000) / 60000 as minutes,
    json_object('clicks', max(clicks), 'page', any_value(page), 'device', any_value(device)) as detail
from bursts
where not (tag in ('input', 'textarea', 'select') and not regexp_matches(chain,
    'type="(button|submit|image|reset|checkbox|radio)"'))
    and ((unit, element) in (select unit, element from dead) or not (
        regexp_matches(lower(element), '"\s*(' || $says || ')\s*"$')
        or regexp_matches(lower(element) || ' ' || array_to_string(string_split(chain, ';')[1:3], ' '), $called)))
    and not exists (from failed where failed.unit = bursts.unit and failed_ms between begin_ms - 2000
        and begin_ms + 2000)
group by unit, page, element
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    page = seen.detail["page"]
    return Told(
        title=f"Rage clicks on {seen.place or 'one place'} at {page}",
        advice=f"In {seen.units} sessions it was clicked again and again: answer the click at once, or say what"
        " is missing.",
    )
