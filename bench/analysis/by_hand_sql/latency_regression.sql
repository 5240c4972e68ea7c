-- The median of each hour of each route that somebody waits for; of each quarter of a day where it runs less than ten
-- times an hour.
with runs as (
    select target, environment, service, route, occurred_at, duration_ms from spans
    where root and route <> '' and occurred_at >= timestamp '2026-10-18' and op in ('http.server', 'pageload', 'navigation')
), busiest as (
    select target, environment, service, route,
        case when count(*) >= 10 * count(distinct date_trunc('hour', occurred_at)) then interval 1 hour
            else interval 6 hours end as step
    from runs group by all having count(*) >= 60
)
select target, environment, service, route, step, time_bucket(step, occurred_at) as begun, count(*) as runs,
    median(duration_ms) as median_ms
from runs join busiest using (target, environment, service, route) group by all order by all
