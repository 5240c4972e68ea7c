-- The median of each route and hour.
select service, route, date_trunc('hour', occurred_at) as hour, count(*) as runs, median(duration_ms) as median_ms
from spans where root and route <> '' group by all order by all
