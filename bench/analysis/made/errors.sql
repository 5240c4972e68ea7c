-- Errors of the shop's web services: a thousand groups, the first of them the most frequent, of five thousand people. Each
-- belongs to a trace that failed so.
insert into hot_errors by name
with errors_of as (
    select $seq + n as seq, $first + n as number, hash($first + n) as dice,
        timestamp '2026-11-01' + to_microseconds((($first + n) * ($seconds * 1000000.0 / $total))::bigint) as began,
        floor(1000 * pow((hash($first + n) % 10000) / 10000.0, 3))::bigint as kind
    from range($count) as numbers(n)
)
select
    seq, 'e' || number as event_id, 'ep' || (number // 1000) as payload_id, 'sentry' as collector, began as occurred_at,
    began as received_at, 'shop' as target, 'server' as trust, printf('%032x', number) as client_id,
    'shop' || (kind % 4) as service, 'production' as environment,
    'r' || (began::date - date '2026-11-01') // 7 as release, 'u' || (dice // 7 % 5000) as "user", '' as session,
    printf('%032x', (dice % 10000000)) as trace_id, printf('%016x', number) as span_id, '/route' || (kind % 40) as route,
    'python' as platform, 'error' as level, '' as message, 'Error' || (kind % 50) as exception_type,
    'no item ' || (dice % 1000) as exception_value, false as handled, kind % 97 = 0 as crashed, 2 as grouping_version,
    md5('group' || kind) as key, md5('system' || kind) as system_key, 'no item <int>' as template,
    '[{"type":"Error' || (kind % 50) || '","value":"no item ' || (dice % 1000) || '","frames":['
        || array_to_string([
            '{"filename":"shop/module' || place || '.py","abs_path":"/srv/shop/module' || place || '.py","module":"shop.module'
            || place || '","function":"step' || kind || '","lineno":' || (10 * place) || ',"colno":null,"in_app":true,'
            || '"context_line":"    return items[number]"}' for place in range(12)], ',')
        || '],"synthetic":false}]' as raised,
    '{"contexts":{"runtime":{"name":"CPython","version":"3.13.1"}},"tags":{"host":"web' || (dice % 8) || '"}}' as data,
    '[]' as client_fingerprint
from errors_of
