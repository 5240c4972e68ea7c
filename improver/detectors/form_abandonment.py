"""Form abandonment: people fill in a part of a form, and leave without sending it."""

from pydantic import Field

from improver.detectors._friction import MANY_PRESSES, Frictions, enough, least_share
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 2
REMEDY = "Ask for less in the form, say why it is asked for, or keep what was typed."


class Config(Frictions):
    changes: int = Field(2, ge=1)
    """Who changed fewer fields did not mean to fill in the form."""
    sent: int = Field(1, ge=0)
    """As many send it, at least: what nobody ever sends works without that, as filters and calculators do."""
    share: float = 0.3
    """Of those who begin the form, more than this share leave, for certain: some always do."""
    sessions: int = Field(5, ge=1)
    """Seen in fewer sessions, it is no Symptom."""


# Whoever finishes is an exposure. A form is sent by a submit, by a button at its end, by an event of the app's own, or
# by coming to its own page again with what was filled in. Whoever pressed one control of it on and on left for that:
# that has a Detector of its own.
QUERY = rf"""
with fields as (
    select unit, page, "window", count(distinct element) as changes, min(step) as first_step, max(step) as last_step,
        min(begin_ms) as begun, max(begin_ms) as changed, arg_max(element, step) as last_field,
            any_value(device) as device,
        arg_max(event_id, step) as event_id, bool_or(chain like '%;form%'
            or chain like '%"tag_name": "form"%') as in_form
    from window_usage
    where act = 'change' and tag in ('input', 'textarea', 'select') and ended and not regexp_matches(chain,
        'type="search"')
    group by unit, page, "window" having count(distinct element) >= $changes
), forms as (
    select fields.unit, fields.page, fields.event_id, last_field, fields.device, in_form, changes, begun, changed,
        bool_or(later.act in ('submit', 'event') or (later.act = 'view' and later.page = fields.page)
            or (later.act = 'click' and later.page = fields.page and (later.tag = 'button'
                or regexp_matches(later.chain, '^input[^;]*type="(submit|image|button)"')))) as sent,
        arg_max(later.element, later.step) filter (where later.page = fields.page
            and later.tag in ('input', 'textarea', 'select')) as touched_last
    from fields left join window_usage as later on later.unit = fields.unit and later.step > fields.last_step
        and later.act in ('submit', 'event', 'view', 'click') and later.name not like '$web%'
    group by all
)
select unit, event_id, page as key, coalesce(touched_last, last_field) as place,
    case when not coalesce(sent, false) then least(changed - begun + 5000, $most_s * 1000) / 60000 end as minutes,
    case when not coalesce(sent, false) then json_object('page', page, 'changes', changes, 'device', device,
        'field', coalesce(touched_last, last_field)) end as detail
from forms
where (in_form or sent) and (sent or (unit, page) not in (
    select (unit, page) from window_usage where act = 'click'
    group by unit, page, element having count(*) >= {MANY_PRESSES}))
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.exposures - seen.sightings < config.sent:
        return None
    if not enough(seen, config) or least_share(seen.sightings, seen.exposures) < config.share:
        return None
    return Told(
        title=f"The form at {seen.detail['page']} is left half filled in: last at {seen.place}",
        advice=f"{seen.sightings} of {seen.exposures} who began it left without sending it: ask less there, or"
        " say why.",
    )
