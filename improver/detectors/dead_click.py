"""Dead clicks: something that looks as if it could be clicked is clicked, and nothing happens."""

from improver.detectors._friction import FAILURES, Frictions, enough
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 2
REMEDY = "Let it do what it looks as if it did, or not look so."


class Config(Frictions):
    sessions: int = 5
    """Seen in fewer sessions, it is no Symptom: now and then everybody clicks beside something."""
    texts: list[str] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "body", "html", "main", "section", "article", "pre"]
    """Tags of what is read: people click into a text without wanting anything of it."""


# Clicks in anger and clicks that end in an exception have a Detector of their own; what is typed into, and links that
# open elsewhere, change nothing on the page.
QUERY = rf"""
with {FAILURES}, dead as (
    select * from window_usage where act = 'dead' and element <> '' and not list_contains($texts::varchar[], tag)
        and tag not in ('a', 'input', 'textarea', 'select', 'option', 'label', 'video', 'audio', 'canvas', 'iframe')
        and (unit, element) not in (select (unit, element) from window_usage where act = 'rage')
)
select unit, arg_min(event_id, step) as event_id, page || ' ' || regexp_replace(element, '\d+', '*', 'g') as key,
    element as place,
    least(max(next_ms) - min(begin_ms), $most_s * 1000) / 60000 as minutes,
    json_object('clicks', count(*), 'page', any_value(page), 'device', any_value(device)) as detail
from dead
where not exists (from raised where raised.unit = dead.unit and failed_ms between begin_ms - 500 and begin_ms + 2000)
group by unit, page, element
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    return Told(
        title=f"Dead clicks on {seen.place} at {seen.detail['page']}",
        advice=f"In {seen.units} sessions it was clicked and nothing changed: let it do what it promises, or"
        " not look so.",
    )
