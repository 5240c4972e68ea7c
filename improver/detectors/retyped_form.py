"""Retyped forms: a form is refused and comes back empty, and people type all of it again, or leave."""

from pydantic import Field

from improver.detectors._friction import Frictions, enough, least_share
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 1
REMEDY = "Keep what was typed when a form is refused, and say beside the field what is wrong with it."
DETAILS = 200  # sessions that are asked what came of the form


class Config(Frictions):
    fields: int = Field(2, ge=2)
    """As many fields are filled in again: who mends what was refused fills in one."""
    share: float = 0.2
    """Of those who send the form, more than this share type it again or leave it then, for certain."""
    again: int = Field(3, ge=1)
    """As many type it again: where all of those who come back just leave, nobody knows what they came back to."""
    accepted: int = Field(3, ge=1)
    """As many get on to another page at once: what everybody comes back to is there to be sent again."""
    sessions: int = Field(5, ge=1)
    """Seen in fewer sessions, it is no Symptom."""


# Whoever is taken to another page is an exposure, and so is who mends a single field. Whoever was accepted and then
# fills in the form anew does something new. A password comes back empty as it should.
QUERY = r"""
with acts as (
    select *, lead(act) over steps as next_act, lead(page) over steps as next_page,
        count(*) filter (where act = 'submit') over (partition by unit, "window", page order by step
            rows between unbounded preceding and 1 preceding) as attempt
    from window_usage where act in ('view', 'click', 'change', 'submit') and ended
    window steps as (partition by unit, "window" order by step)
), attempts as (
    select unit, "window", page, attempt, max(step) as last_step, min(begin_ms) as begin_ms, max(begin_ms) as end_ms,
        any_value(device) as device, arg_max(event_id, step) filter (where act = 'submit') as event_id,
        arg_max(element, step) filter (where act = 'submit') as form,
        list(distinct element) filter (where act = 'change' and tag in ('input', 'textarea', 'select')
            and not regexp_matches(chain, '^[^;]*type="(?:password|hidden|search|checkbox|radio)"')) as fields,
        bool_or(next_page <> page) filter (where act = 'submit' and next_act = 'view') as accepted,
        bool_or(next_page = page) filter (where act = 'submit' and next_act = 'view') as came_back
    from acts group by unit, "window", page, attempt
), tries as (
    select *, lead(fields) over later as fields_after, lead(end_ms) over later - lead(begin_ms) over later as again_ms,
        max(attempt) filter (where event_id is not null) over (partition by unit, "window", page) = attempt as is_last
    from attempts window later as (partition by unit, "window", page order by attempt)
), outcomes as (
    select *, not coalesce(accepted, false) and len(list_intersect(fields, fields_after)) >= $fields as typed_again,
        coalesce(came_back, false) and is_last and fields_after is null as gave_up
    from tries where event_id is not null and len(fields) >= $fields
)
select unit, arg_max(event_id, typed_again or gave_up) as event_id, page as key, page as place,
    case when bool_or(typed_again or gave_up) then least(coalesce(sum(again_ms) filter (where typed_again),
        sum(end_ms - begin_ms) filter (where gave_up)), $most_s * 1000) / 60000 end as minutes,
    case when bool_or(typed_again or gave_up) then json_object('page', page, 'form', any_value(form),
        'again', bool_or(typed_again), 'fields', max(len(fields)), 'device', any_value(device)) end as detail
from outcomes
where typed_again or gave_up or accepted or came_back
group by unit, page
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or least_share(seen.sightings, seen.exposures) < config.share:
        return None
    again = sum(detail["again"] for detail in seen.details)
    if again < config.again or seen.exposures - seen.sightings < config.accepted:
        return None
    left = f", {len(seen.details) - again} leave" if again < len(seen.details) else ""
    return Told(
        title=f"The form at {seen.place} comes back empty: people type it again, or leave",
        advice=f"In {seen.sightings} of {seen.exposures} sessions it came back: {again} type the same again{left}."
        " Keep what was typed, and say beside the field what is wrong.",
    )
