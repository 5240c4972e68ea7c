"""Dead clicks: something that looks as if it could be clicked is clicked, and nothing happens."""

from improver.detectors._friction import AROUND_SCENES, FAILURES, SCENES, Frictions, enough
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 3
REMEDY = "Let it do what it looks as if it did, or not look so."


class Config(Frictions):
    sessions: int = 5
    """Seen in fewer sessions, it is no Symptom: now and then everybody clicks beside something."""
    texts: list[str] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "body", "html", "main", "section", "article", "pre"]
    """Tags of what is read: people click into a text without wanting anything of it."""
    unseen: str = (
        r"attr__(?:contenteditable=.(?:true|plaintext|)\x22|popovertarget|commandfor|download|href=.(?:tel|mailto|sms):"
        rf"|type=.(?:reset|file))|prosemirror|codemirror|monaco-editor|ql-editor|{AROUND_SCENES}"
    )
    """What answers where no client looks, told by the elements around: editors, players, maps, what opens elsewhere."""
    apart: float = 0.75
    """Where fewer of those who click it do not also draw, play or turn something on that page, it acts on that."""


# Clicks in anger and clicks that end in an exception have a Detector of their own; what is typed into, and links that
# open elsewhere, change nothing on the page. What is drawn, played or inside a component of its own changes nothing
# that a client sees, and so do the controls of it: whoever uses them clicks both.
QUERY = rf"""
with {FAILURES}, dead as (
    select * from window_usage where act = 'dead' and element <> '' and not list_contains($texts::varchar[], tag)
        and tag not in ('a', 'input', 'textarea', 'select', 'option', 'label', 'iframe')
        and not {SCENES} and not contains(tag, '-') and not regexp_matches(chain, $unseen)
        and (unit, element) not in (select (unit, element) from window_usage where act = 'rage')
), drawn as (
    select distinct unit, page, true as drawn from window_usage
    where act in ('dead', 'click') and {SCENES}
)
select unit, arg_min(event_id, step) as event_id, page || ' ' || regexp_replace(element, '\d+', '*', 'g') as key,
    element as place,
    case when drawn is null then least(max(next_ms) - min(begin_ms), $most_s * 1000) / 60000 end as minutes,
    case when drawn is null then json_object('clicks', count(*), 'page', any_value(page), 'device',
        any_value(device)) end as detail
from dead left join drawn using (unit, page)
where not exists (from raised where raised.unit = dead.unit and failed_ms between begin_ms - 500 and begin_ms + 2000)
group by unit, page, element, drawn
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config) or seen.sightings < config.apart * seen.exposures:
        return None
    return Told(
        title=f"Dead clicks on {seen.place} at {seen.detail['page']}",
        advice=f"In {seen.units} sessions it was clicked and nothing changed: let it do what it promises, or"
        " not look so.",
    )
