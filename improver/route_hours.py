"""Routes by the hour: kept up with the spans that came in, so that no Detector reads weeks of them."""

from datetime import datetime, timedelta

from improver import sightings, windows
from improver.model import FAILED_STATUSES
from improver.warehouse import Database

NAME, VERSION = "route_hours", 1
KEPT = timedelta(days=60)

FOLD = f"""
insert into route_hours
with fresh as (
    select target, environment, service, route, release,
        ends_with(op, '.server') or op in ('server', 'pageload', 'navigation') or starts_with(op, 'ui.') as awaited,
        date_trunc('hour', occurred_at) as hour,
        case when duration_ms > 0.001 and duration_ms < 1e9 then floor(8 * log2(duration_ms)) else -80 end::smallint
            as bucket,
        1 as runs,
        (status in {FAILED_STATUSES})::integer as failures
    from spans where root and route <> '' and seq > $since and seq <= $upto and occurred_at >= $oldest
)
select target, environment, service, route, release, awaited, hour, bucket, sum(runs), sum(failures), $upto
from (
    select * from fresh
    union all
    select * exclude (upto) from route_hours where hour in (select hour from fresh)
)
group by all
"""
FOLDED = "delete from route_hours where upto < $upto and hour in (select hour from route_hours where upto = $upto)"


def fold(telemetry: Database, now: datetime) -> None:
    """Count what came in since the last time; one transaction, so that nothing counts twice."""
    last = sightings.last_look(telemetry, NAME, VERSION)
    since, upto = last.seq if last else 0, windows.newest(telemetry, windows.SCOPES["traces"])
    if upto <= since:
        return
    with telemetry.transaction() as writer:
        oldest = (now - KEPT).replace(tzinfo=None)
        writer.execute(FOLD, {"since": since, "upto": upto, "oldest": oldest})
        writer.execute(FOLDED, {"upto": upto})
        sightings.looked(writer, NAME, VERSION, upto, now)
