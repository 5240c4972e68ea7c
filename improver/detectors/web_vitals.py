"""Core Web Vitals: a page shows itself, answers or settles later than the published limits ask for."""

from pydantic import Field

from improver.detectors._friction import Frictions, enough, least_share
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 1
REMEDY = "Send less before the first sight of the page, reserve room for what comes later, and do less at once."

WHAT = {
    "LCP": ("shows its main content too late", "ms"),
    "INP": ("answers too slowly to what is done", "ms"),
    "CLS": ("moves about while it is read", ""),
}


class Config(Frictions):
    lcp_ms: float = 2500
    """Largest Contentful Paint: good up to here."""
    inp_ms: float = 200
    """Interaction to Next Paint: good up to here."""
    cls: float = 0.1
    """Cumulative Layout Shift: good up to here."""
    share: float = 0.25
    """A page is bad when more than this share of its views is, for certain: its 75th percentile is over the limit."""
    views: int = Field(10, ge=1)
    """Fewer views say nothing of a page."""
    shift_s: float = 2
    """What a page that moved about costs who was reading: they look for their place."""


# A value is told again as it grows: the greatest of a view counts. Good views are exposures.
QUERY = r"""
with told as (
    select *, max(step) filter (where act = 'view') over (partition by unit, "window" order by step) as view
    from window_usage where act in ('view', 'vitals')
), vitals as (
    select unit, page, view, metric, max(value) as value, arg_max(event_id, value) as event_id,
        any_value(device) as device
    from (
        select *, unnest(['LCP', 'INP', 'CLS']) as metric, unnest([lcp_ms, inp_ms, cls]) as value
        from told where act = 'vitals'
    )
    where value >= 0 and isfinite(value)
    group by unit, page, view, metric
), judged as (
    select *, case metric when 'LCP' then $lcp_ms when 'INP' then $inp_ms else $cls end as good from vitals
)
select unit, event_id, metric || ' ' || page as key, page as place,
    case when value > good then
        case when metric = 'CLS' then $shift_s else least((value - good) / 1000, $most_s) end / 60 end as minutes,
    case when value > good then json_object('metric', metric, 'value', round(value, 3), 'good', good, 'page', page,
        'device', device) end as detail
from judged
"""


def told(seen: Seen, config: Config) -> Told | None:
    over = least_share(seen.sightings, seen.exposures) > config.share
    if not over or not enough(seen, config) or seen.exposures < config.views:
        return None
    metric, page = seen.detail["metric"], seen.detail["page"]
    what, unit = WHAT[metric]
    return Told(
        title=f"{page} {what}: {metric} over {seen.detail['good']:g} {unit}".rstrip(),
        advice=f"{seen.sightings} of {seen.exposures} views are over it; the newest: {seen.detail['value']:g} {unit}",
    )
