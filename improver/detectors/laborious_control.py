"""Laborious controls: one control is pressed dozens of times on end to get to where somebody wants to be."""

from pydantic import Field

from improver.detectors._friction import MANY_PRESSES, POSITION, Frictions, enough, least_share
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 1
REMEDY = "Let it be typed or chosen at once, or give it larger steps."


class Config(Frictions):
    presses: int = Field(MANY_PRESSES, ge=5)
    """As many presses in one visit, each soon after the one before: fewer are what a stepper or a keypad is for."""
    gap_ms: float = 1000
    """Who takes longer looks at what a press has brought: a picture, a page, the next task."""
    share: float = 0.25
    """Of those who press it at all, more than this share press it so often, for certain."""
    sessions: int = Field(5, ge=1)
    """Seen in fewer sessions, it is no Symptom."""


# Whoever presses it and is done sooner is an exposure. The same control stands at the same place: of buttons that look
# alike in the rows of a list each is another. What never answers is not pressed on and on.
QUERY = rf"""
with clicks as (
    select *, {POSITION} as position
    from window_usage where act = 'click' and element <> ''
), presses as (
    select *, coalesce(begin_ms - lag(begin_ms) over clicked < $gap_ms and page = lag(page) over clicked
        and element = lag(element) over clicked and position = lag(position) over clicked, false) as soon
    from clicks window clicked as (partition by unit, "window" order by step)
), pressed as (
    select unit, page, element, count(*) filter (where soon) + 1 as presses, arg_max(event_id, step) as event_id,
        sum(begin_ms - before_ms) filter (where soon) as spent_ms, any_value(device) as device
    from (select *, lag(begin_ms) over (partition by unit, "window" order by step) as before_ms from presses)
    where tag not in ('input', 'textarea', 'select') or regexp_matches(chain, '^[^;]*type="(?:button|submit|image)"')
    group by unit, page, element, position
)
select unit, event_id, page || ' ' || element as key, element as place,
    case when presses >= $presses then least(spent_ms, $most_s * 1000) / 60000 end as minutes,
    case when presses >= $presses then json_object('presses', presses, 'page', page, 'device', device) end as detail
from pressed
where (unit, element) not in (select (unit, element) from window_usage where act = 'dead')
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or least_share(seen.sightings, seen.exposures) < config.share:
        return None
    page = seen.detail["page"]
    return Told(
        title=f"{seen.place} at {page} is pressed {seen.detail['presses']} times on end",
        advice=f"{seen.sightings} of {seen.exposures} who press it do so dozens of times: let what they want be typed"
        " or chosen at once.",
    )
