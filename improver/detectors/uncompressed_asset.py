"""Scripts and style sheets that are sent without compression."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Serve it compressed, with gzip or brotli."


class Config(Configured):
    bytes: int = Field(500_000, ge=1)
    """A smaller one does not matter."""
    sightings: int = Field(2, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# Sent and unpacked it has the same size; what came from a cache has no size at all.
QUERY = r"""
with assets as (
    select unit, event_id, service, shape, duration_ms,
        coalesce(
            try_cast(attributes->>'$."http.response.body.size"' as double),
            try_cast(attributes->>'$."http.response_content_length"' as double)) as sent,
        coalesce(
            try_cast(attributes->>'$."http.response.body.decoded_size"' as double),
            try_cast(attributes->>'$."http.decoded_response_content_length"' as double)) as unpacked
    from window_spans
    where category = 'resource' and (op in ('resource.script', 'resource.css', 'resource.link')
        or regexp_matches(shape, '(?i)\.(m?js|css)$'))
)
select unit, arg_max(event_id, sent) as event_id, shape as key, shape[:300] as place,
    sum(duration_ms) / 60000 / 2 as minutes, json_object('bytes', max(sent)::bigint) as detail
from assets where sent >= $bytes and sent < 1e12 and sent = unpacked group by unit, service, shape
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    size = seen.detail["bytes"] / 1000
    return Told(
        title=f"Sent without compression: {seen.place[:120]}",
        advice=f"Its {size:,.0f} kB would be a third or less with gzip or brotli.",
    )
