"""Requests one after the other that do not need each other, where side by side would be quicker."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Send side by side the requests that do not need each other."


class Config(Configured):
    calls: int = Field(3, ge=2)
    """As many requests in a row below one span, at least."""
    slow_ms: float = 100
    """Each takes as long, at least."""
    apart_ms: float = 500
    """The next begins so soon after the one before, at most."""
    saved_ms: float = 500
    """Side by side they would save as much, at least."""
    saved_part: float = Field(0.5, ge=0, le=1)
    """And as much of the whole run, unless it is twice that."""
    sightings: int = Field(1, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# A row ends where something else took longer than the gap that is allowed; mostly one address is an N+1 or a retry.
# What has a value in its address that the first one had not, was told it by an answer; what asks for a leave to ask
# comes first; and what writes may have to be done before the next.
QUERY = r"""
with waited as (
    select unit, max(duration_ms) as whole_ms from window_spans where category in ('server', 'browser') group by unit
), calls as (
    select *, begin_ms - lag(begin_ms + duration_ms) over near as gap
    from (
        select unit, seq, event_id, parent_id, service, route, shape, begin_ms, duration_ms, whole_ms,
            list_filter(
                regexp_extract_all(regexp_replace(description, '^[A-Z]* ?([a-zA-Z]+:)?(//[^/?#]*)?', ''),
                    '[^/?&=#]*[0-9][^/?&=#]*'),
                lambda part: not regexp_full_match(part, 'v[0-9.]+')) as told,
            regexp_matches(shape, '(?i)/(oauth2?|tokens?|log-?in|auth\w*|sessions?|sign-?in)(/|$)') as asks_leave,
            upper(coalesce(json_extract_string(attributes, '$."http.request.method"'),
                json_extract_string(attributes, '$."http.method"'), '')) in ('POST', 'PUT', 'PATCH', 'DELETE') as writes
        from window_spans join waited using (unit)
        where category = 'http' and duration_ms >= $slow_ms and status in ('', 'ok', 'unset')
    )
    window near as (partition by unit, parent_id order by begin_ms, seq)
), rows_of as (
    select *, count(*) filter (where gap is null or gap < -1 or gap > $apart_ms)
        over (partition by unit, parent_id order by begin_ms, seq) as row_number
    from calls
), free as (
    select *, not asks_leave and not writes and list_has_all(
        first_value(told) over (partition by unit, parent_id, row_number order by begin_ms, seq), told) as is_free
    from rows_of
), in_a_row as (
    select unit, service, any_value(route) as route, count(*) as calls, count(distinct shape) as different,
        sum(duration_ms) - max(duration_ms) as saved, arg_min(event_id, begin_ms) as event_id,
        list(distinct shape order by shape) as shapes, any_value(whole_ms) as whole_ms
    from free where is_free group by unit, parent_id, service, row_number
)
select unit, event_id, route || ' ' || array_to_string(shapes, ' ') as key,
    array_to_string(list_transform(shapes[1:3], lambda shape: shape[:300]), ', ') as place,
    saved / 60000 as minutes, json_object('calls', calls, 'saved_ms', round(saved)) as detail
from in_a_row where calls >= $calls and different > calls / 2 and saved >= $saved_ms
    and (saved >= $saved_part * whole_ms or saved >= 2 * $saved_ms)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    calls, saved = seen.detail["calls"], seen.detail["saved_ms"]
    return Told(
        title=f"{calls} requests one after the other in {seen.route or seen.service}",
        advice=f"Sent side by side they would save {saved:g} ms of each run, if none needs what another brings.",
    )
