"""Where a Finding is met: how its occurrences are shared out among pages, elements, releases and devices."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from improver.analysis import recurrence
from improver.model import Finding, FindingKind
from improver.runtime import Runtime

WINDOW = timedelta(days=28)
MOST = 5  # of one kind that are told apart

# What Detectors saw, and otherwise the Events of a Finding's keys.
OF_SIGHTINGS = """
select release, coalesce(detail->>'$.device', '') as device, coalesce(detail->>'$.page', route) as page,
    place as element
from sightings where detector = $pattern and target = $target and environment = $environment and occurred_at >= $since
    and detail::varchar <> 'null' and list_contains($sighted, {'service': service, 'key': key})
"""
# What only all sessions together show is no Sighting: of that there is its newest evidence.
OF_EVIDENCE = """
select release, device, route as page, element from usage
where target = $target and environment = $environment and occurred_at >= $since and list_contains($evidence, event_id)
"""
OF_ERRORS = """
select release, '' as device, route as page, '' as element from errors
where target = $target and environment = $environment and occurred_at >= $since and list_contains($keys, key)
"""
SHARES = """
select aspect, named, count(*) as events, sum(count(*)) over (partition by aspect)::bigint as whole
from (
    select unnest(['page', 'element', 'release', 'device']) as aspect,
        unnest([page, element, release, device]) as named
    from ({occurrences})
)
where named <> '' group by aspect, named order by aspect, events desc, named
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """`part` of all occurrences that say their `by` (page, element, release or device) named this one."""

    by: str
    named: str
    events: int
    part: float


def shares(runtime: Runtime, found: Finding) -> tuple[Share, ...]:
    """The greatest of each kind; of what has no name none."""
    asked: dict[str, object] = {
        "target": found.target,
        "environment": found.environment,
        "since": (runtime.clock() - WINDOW).replace(tzinfo=None),
    }
    if sighted := recurrence.sighted(runtime, found):
        occurrences, asked = OF_SIGHTINGS, asked | {"pattern": found.pattern, "sighted": sighted}
    elif found.kind == FindingKind.FRICTION:
        occurrences, asked = OF_EVIDENCE, asked | {"evidence": list(found.evidence)}
    else:
        occurrences, asked = OF_ERRORS, asked | {"keys": list(found.keys)}
    rows = runtime.warehouse.telemetry.rows(SHARES.replace("{occurrences}", occurrences), asked)
    return tuple(
        Share(by=row["aspect"], named=row["named"], events=row["events"], part=row["events"] / row["whole"])
        for _, same in groupby(rows, key=lambda row: row["aspect"])
        for row in list(same)[:MOST]
    )
