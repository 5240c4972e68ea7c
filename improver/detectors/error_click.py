"""Error clicks: a click ends in an exception, and whoever clicked is told nothing."""

from improver.detectors._friction import FAILURES, Frictions, enough
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 2
REMEDY = "Mend what is raised, and tell whoever clicked when it does not work."


class Config(Frictions):
    after_ms: float = 1000
    """An exception so soon after a click, in the same session or of the same user at the server, comes of it."""


# Whatever was done last before it is what failed: not what was done before that, on whichever page.
QUERY = rf"""
with {FAILURES}, acted as (
    from window_usage where act in ('click', 'submit', 'change') and element <> ''
    qualify row_number() over (partition by unit, begin_ms order by step desc) = 1
), clicked as (
    select acted.*, exception_type, error_key
    from raised asof join acted on raised.unit = acted.unit and raised.failed_ms >= acted.begin_ms
    where act <> 'change' and failed_ms - begin_ms <= $after_ms
)
select unit, arg_min(event_id, step) as event_id,
    page || ' ' || regexp_replace(element, '\d+', '*', 'g') || ' ' || error_key as key, element as place,
    least(max(next_ms) - min(begin_ms), $most_s * 1000) / 60000 as minutes,
    json_object('clicks', count(distinct event_id), 'page', any_value(page), 'device', any_value(device),
        'exception', any_value(exception_type), 'error_key', error_key) as detail
from clicked
group by unit, page, element, error_key
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    raised, page = seen.detail["exception"] or "an exception", seen.detail["page"]
    return Told(
        title=f"Clicks on {seen.place} at {page} end in {raised}",
        advice=f"In {seen.units} sessions a click on {seen.place} at {page} failed: mend what raises {raised}, and say"
        " so when it does not work.",
        cause=seen.detail["error_key"],
    )
