"""Scripts and style sheets that hold up the first sight of a page."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Load it later, or make it smaller."


class Config(Configured):
    fcp_from: float = 2_000
    """Pages whose first contentful paint came later than after so many milliseconds."""
    fcp_to: float = 10_000
    """And sooner than this: what is painted later was a tab in the background."""
    share: float = Field(0.33, gt=0, le=1)
    """How much of that time the asset took, at least."""
    sightings: int = Field(2, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# The browser itself says what blocked; a paint later than the limit is a tab in the background.
QUERY = r"""
with pages as (
    select unit, max(coalesce(
        try_cast(measurements->>'$.fcp.value' as double),
        try_cast(attributes->>'$."browser.web_vital.fcp.value"' as double))) as fcp
    from window_spans where root and category = 'browser' group by unit
), blocking as (
    select span.*, fcp from window_spans as span join pages using (unit)
    where op in ('resource.script', 'resource.css', 'resource.link')
        and (attributes->>'$."resource.render_blocking_status"') = 'blocking'
        and fcp between $fcp_from and $fcp_to and duration_ms >= $share * fcp and duration_ms <= fcp
)
select unit, arg_max(event_id, duration_ms) as event_id, shape as key, shape[:300] as place,
    max(duration_ms) / 60000 as minutes, json_object('ms', round(max(duration_ms)), 'fcp_ms', round(max(fcp))) as detail
from blocking group by unit, service, shape
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    return Told(
        title=f"Holds up the first sight of the page: {seen.place[:120]}",
        advice=f"It took {seen.detail['ms']:g} of {seen.detail['fcp_ms']:g} ms: load it later, or make it smaller.",
    )
