"""Routes by the hour: kept up with the spans that came in, so that no Detector reads weeks of them."""

from datetime import datetime

from improver.analysis import folding
from improver.model import FAILED_STATUSES, REFUSED_STATUSES, TURNED_AWAY_STATUSES
from improver.warehouse import Database

REFUSED = f"""(status in {REFUSED_STATUSES} or status in {TURNED_AWAY_STATUSES} and "user" <> '')"""
FRESH = f"""
create or replace temp table fresh_routes as
select target, environment, service, route, release,
    ends_with(op, '.server') or op in ('server', 'pageload', 'navigation') or starts_with(op, 'ui.') as awaited,
    date_trunc('hour', occurred_at) as hour,
    case when duration_ms > 0.001 and duration_ms < 1e9 then floor(8 * log2(duration_ms)) else -80 end::smallint
        as bucket,
    count(*) as runs,
    count(*) filter (where status in {FAILED_STATUSES}) as failures,
    count(*) filter (where {REFUSED}) as refusals
from spans
where root and route <> '' and seq > $behind and seq <= $upto and occurred_at >= $oldest
    and (seq > $since or date_trunc('hour', occurred_at) in (from spans_taken_back))
group by all
"""
HOURS = """
create or replace temp table fresh_hours as
select target, environment, service, route, release, awaited, hour, bucket, sum(runs)::bigint as runs,
    sum(failures)::bigint as failures, sum(refusals)::bigint as refusals, $upto as upto
from (
    from fresh_routes union all by name
    select * exclude (upto) from route_hours where hour in (select hour from fresh_routes)
)
group by all
"""

ROUTE_HOURS = folding.Fold(
    name="route_hours",
    version=2,
    table="spans",
    into=("route_hours",),
    taken_back="spans_taken_back",
    statements=(
        "delete from route_hours where hour in (from spans_taken_back)",
        FRESH,
        HOURS,
        "delete from route_hours where hour in (select hour from fresh_hours)",
        "insert into route_hours by name from fresh_hours",
    ),
)


def fold(telemetry: Database, now: datetime) -> None:
    folding.fold(telemetry, ROUTE_HOURS, now)
