"""Files read or written on the one thread that everybody waits for: the screen's, or that of a Node server."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Use the asynchronous function, another thread, or read it once."


class Config(Configured):
    slow_ms: float = 16
    """Longer than a frame lasts."""
    sightings: int = Field(2, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# A client itself says which thread waited. Node's synchronous functions hold up all other requests; in a script that
# serves nobody they are as good as any.
QUERY = r"""
select unit, arg_max(event_id, duration_ms) as event_id, route || ' ' || shape as key, shape[:300] as place,
    sum(duration_ms) / 60000 as minutes,
    json_object('ms', round(sum(duration_ms)), 'screen', bool_or(screen)) as detail
from (
    select *, (attributes->>'$.blocked_main_thread') = 'true' as screen from window_spans where category = 'file'
        and duration_ms > $slow_ms
)
where screen or (regexp_matches(shape, '^fs[. ]\w+Sync\b')
    and unit in (select unit from window_spans where category = 'server'))
group by unit, service, route, shape
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    held = "the screen" if seen.detail["screen"] else "all other requests"
    return Told(
        title=f"File access holds up {held} in {seen.route or seen.service}: {seen.place[:120]}",
        advice=f"It takes {seen.detail['ms']:g} ms of a run: use the asynchronous function, or another thread.",
    )
