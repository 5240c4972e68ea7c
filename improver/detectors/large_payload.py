"""Answers so large that people wait for them."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Send less: in pages, or only the fields that are used."


class Config(Configured):
    bytes: int = Field(300_000, ge=1)
    """A larger answer is large."""
    slow_ms: float = 100
    """It takes as long, at least."""
    huge_bytes: int = Field(1_000_000, ge=1)
    """A larger answer to a browser is too large however quickly it came: not everybody's line is as good."""
    sightings: int = Field(2, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# What is large by its nature (pictures, fonts, archives, downloads) is none; scripts have a Detector of their own.
QUERY = r"""
with browsers as (
    select distinct unit, service from window_spans where category = 'browser'
), told as (
    select unit, event_id, service, shape, duration_ms, json_extract_string(attributes, [
        '$."http.response.body.size"', '$."http.response.size"', '$."http.response_content_length"',
        '$."http.response.header.content-length"', '$."http.response.header.content-length"[0]',
        '$."http.response_transfer_size"']) as said
    from window_spans
    where (category = 'http'
            or category = 'resource' and op in ('resource.fetch', 'resource.xmlhttprequest', 'resource.other'))
        and (duration_ms >= $slow_ms or (unit, service) in (from browsers))
), answers as (
    select * exclude (said), greatest(
        try_cast(said[1] as double), try_cast(said[2] as double), try_cast(said[3] as double),
        try_cast(said[4] as double), try_cast(said[5] as double), try_cast(said[6] as double)) as bytes
    from told
)
select unit, arg_max(event_id, bytes) as event_id, shape as key, shape[:300] as place,
    sum(duration_ms) / 60000 as minutes,
    json_object('bytes', max(bytes)::bigint, 'ms', round(max(duration_ms))) as detail
from answers
where bytes < 1e12 and (bytes > $bytes and duration_ms >= $slow_ms
    or bytes > $huge_bytes and (unit, service) in (from browsers))
    and not regexp_matches(shape,
        '(?i)\.(png|jpe?g|gif|webp|avif|svg|ico|woff2?|ttf|mp[34]|webm|zip|gz|pdf|csv|js|css)$')
    and unit in (select unit from window_spans where category in ('server', 'browser'))
group by unit, service, shape
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    size = seen.detail["bytes"] / 1000
    return Told(
        title=f"Large answer: {size:,.0f} kB from {seen.place[:120]}",
        advice=f"It took {seen.detail['ms']:g} ms: send less of it, in pages, or only the fields that are used.",
    )
