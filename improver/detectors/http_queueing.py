"""Requests that wait in the browser before they are sent."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Ask for less at once, or serve it over HTTP/2 or HTTP/3."


class Config(Configured):
    waited_ms: float = 500
    """From the moment that it could be sent until it was."""
    sightings: int = Field(2, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# A browser sends six requests at once to one host over HTTP/1.1, and the others wait.
QUERY = r"""
with requests as (
    select unit, event_id, service, route, regexp_extract(shape, '\w+://[^/]+') as host, 1000 * (
        try_cast(attributes->>'$."http.request.request_start"' as double)
        - try_cast(attributes->>'$."http.request.fetch_start"' as double)) as waited
    from window_spans where category in ('http', 'resource') and duration_ms > $waited_ms
)
select unit, arg_max(event_id, waited) as event_id, route || ' ' || host as key, host[:300] as place,
    max(waited) / 60000 as minutes, json_object('ms', round(max(waited)), 'calls', count(*)) as detail
from requests where waited > $waited_ms and waited < 600000 group by unit, service, route, host
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    return Told(
        title=f"Requests wait for {seen.detail['ms']:g} ms before they are sent in {seen.route or seen.service}",
        advice="Serve them over HTTP/2 or HTTP/3, or send fewer at once.",
    )
