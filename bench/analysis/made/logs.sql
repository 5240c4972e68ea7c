-- Lines that the shop's services log: two hundred templates, one in twenty a warning, one in a hundred an error.
insert into hot_logs by name
with lines as (
    select $seq + n as seq, $first + n as number, hash($first + n) as dice,
        timestamp '2026-11-01' + to_microseconds((($first + n) * ($seconds * 1000000.0 / $total))::bigint) as began,
        (hash($first + n) % 200)::bigint as kind
    from range($count) as numbers(n)
)
select
    seq, 'l' || number as event_id, 'lp' || (number // 1000) as payload_id, 'otlp' as collector, began as occurred_at,
    began as received_at, 'shop' as target, 'server' as trust, '' as client_id, 'shop' || (kind % 4) as service,
    'production' as environment, 'r' || (began::date - date '2026-11-01') // 7 as release, '' as "user", '' as session,
    printf('%032x', (dice % 10000000)) as trace_id, '' as span_id, '' as route,
    '{"attributes":{"logger":"shop.' || kind || '","code.line.number":' || kind || '}}' as data,
    case when kind = 7 then 17 when kind % 20 = 3 then 13 else 9 end as severity,
    'step ' || kind || ' of order ' || (dice % 100000) || ' took ' || (dice % 97) || ' ms' as body,
    'shop.module' || (kind % 20) as logger, 'step ' || kind || ' of order <int> took <int> ms' as template
from lines
