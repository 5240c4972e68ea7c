"""One operation is tried again and again while it keeps failing."""

from pydantic import Field

from improver.model import FindingKind, Seen, Told
from improver.model.configured import Configured

OVER = "traces"
KIND = FindingKind.PERFORMANCE
VERSION = 1
REMEDY = "Give up sooner, wait longer in between, or mend what fails."


class Config(Configured):
    attempts: int = Field(3, ge=2)
    """As many failed tries at one address or statement in one trace, at least."""
    hasty_ms: float = 100
    """A try so soon after the one before did not wait."""
    patient_attempts: int = Field(6, ge=2)
    """As many failed tries are too many, however long they wait in between."""
    sightings: int = Field(2, ge=1)
    """Seen in fewer traces, it is no Symptom."""


# A few tries with pauses in between are what retries are for.
QUERY = r"""
with tries as (
    select *, coalesce(begin_ms - lag(begin_ms + duration_ms) over same <= $hasty_ms, false) as hasty
    from (
        select unit, seq, event_id, service, route, shape, description, begin_ms, duration_ms,
            status in ('error', 'internal_error', 'unknown_error', 'unavailable', 'deadline_exceeded',
                'resource_exhausted', 'aborted', 'data_loss', 'unknown') as failed
        from window_spans where (category in ('http', 'db') or op in ('rpc', 'rpc.client', 'grpc', 'grpc.client'))
            and unit in (select unit from window_spans where status not in ('', 'ok', 'unset'))
    )
    window same as (partition by unit, service, shape, description order by begin_ms, seq)
)
select unit, arg_min(event_id, begin_ms) as event_id, route || ' ' || shape as key, shape[:300] as place,
    (max(begin_ms + duration_ms) - min(begin_ms)) / 60000 as minutes,
    json_object('attempts', count(*), 'failed', count(*) filter (where failed), 'ms',
        round(max(begin_ms + duration_ms) - min(begin_ms))) as detail
from tries
group by unit, service, route, shape, description
having count(*) filter (where not failed) <= 1 and count(*) filter (where failed) >= $attempts
    and (count(*) filter (where hasty) >= $attempts - 1 or count(*) filter (where failed) >= $patient_attempts)
"""


def told(seen: Seen, config: Config) -> Told | None:
    if seen.sightings < config.sightings:
        return None
    failed, spent = seen.detail["failed"], seen.detail["ms"]
    return Told(
        title=f"Retry storm in {seen.route or seen.service}: {failed} failed tries of {seen.place[:120]}",
        advice=f"They took {spent:g} ms of a run: give up sooner, wait longer in between, or mend what fails.",
    )
