-- What people do in the shop: sessions of twenty events. One in forty clicks the same button in anger, one in thirty goes
-- there and back.
insert into hot_usage by name
with events_of as (
    select $seq + n as seq, $first + n as number, ($first + n) // 20 as visit, (($first + n) % 20)::integer as place,
        hash($first + n) as dice
    from range($count) as numbers(n)
), timed as (
    select *, timestamp '2026-11-01' + to_microseconds((visit * ($seconds * 20000000.0 / $total))::bigint)
            + to_milliseconds(case when visit % 40 = 3 and place > 15 then 30000 + place * 200 else place * 2000 end) as began,
        case when visit % 30 = 5 and place % 8 = 4 then 'help' else 'page' || ((visit + place // 4) % 30) end as page,
        case when visit % 40 = 3 and place > 15 then 'save' else 'control' || (dice % 9) end as button
    from events_of
)
select
    seq, 'u' || number as event_id, 'up' || (number // 1000) as payload_id, 'posthog' as collector, began as occurred_at,
    began as received_at, 'shop' as target, 'public' as trust, printf('%032x', number) as client_id, 'site' as service,
    'production' as environment, 'r' || (began::date - date '2026-11-01') // 7 as release, 'u' || (visit % 5000) as "user",
    'visit' || visit as session, '' as trace_id, '' as span_id, '/' || page as route,
    case when place % 4 = 0 then '$pageview' when place = 19 then 'order sent' else '$autocapture' end as name,
    'https://shop.example/' || page as url,
    case when place % 4 = 0 or place = 19 then '' else 'form > button#' || button || ' "' || button || '"' end as element,
    'w' || visit as "window", case when visit % 3 = 0 then 'Mobile' else 'Desktop' end as device,
    '{"properties":{"$event_type":"' || case when place % 4 = 3 then 'change' else 'click' end
        || '","$elements_chain":"button:attr__id=\"' || button || '\"text=\"' || button
        || '\"nth-child=\"1\";form:nth-child=\"1\"","$x":' || (100 + dice % 5) || ',"$y":200,"$browser":"Firefox","$lib":"web"}}'
        as data
from timed
