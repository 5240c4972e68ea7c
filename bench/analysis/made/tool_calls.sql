-- What operator agents do with the shop's tools: conversations of twenty calls. One in ten asks for the same list again
-- and again, one in fifteen fails until another tool was called.
insert into hot_tool_calls by name
with calls_of as (
    select $seq + n as seq, $first + n as number, ($first + n) // 20 as talk, (($first + n) % 20)::integer as place,
        hash($first + n) as dice
    from range($count) as numbers(n)
), timed as (
    select *, timestamp '2026-11-01' + to_microseconds((talk * ($seconds * 20000000.0 / $total))::bigint)
            + to_milliseconds(place * 5000) as began,
        talk % 15 = 4 and place in (8, 10) as tries, talk % 15 = 4 and place = 9 as unlocks, talk % 10 = 2 and place > 14 as lists
    from calls_of
)
select
    seq, 't' || number as event_id, 'tp' || (number // 1000) as payload_id, 'agent_sessions' as collector,
    began as occurred_at, began as received_at, 'shop' as target, 'server' as trust, printf('%032x', number) as client_id,
    'desk' as service, 'production' as environment, '' as release, 'op' || (talk % 50) as "user", '' as session,
    '' as trace_id, '' as span_id, '' as route, '{}' as data, 'claude' as agent, 'talk' || talk as conversation,
    'c' || number as call_id,
    'mcp__desk__' || case when tries then 'publish_page' when unlocks then 'unlock_page' when lists then 'list_pages'
        else ['get_page', 'update_page', 'set_theme', 'search_items', 'create_order', 'get_order'][1 + (dice % 6)::integer] end as tool,
    case when lists then '{"folder":"/"}' when tries then '{"page":"' || talk || '"}'
        else '{"page":"' || (dice % 1000) || '","value":"' || (dice % 31) || '"}' end as arguments,
    case when lists then '["home","news","contact"]' else '{"ok":true,"title":"page ' || (dice % 1000) || '"}' end as result,
    case when tries and place = 8 then 'the page ' || talk || ' is locked' else '' end as error,
    200 + dice % 300 as duration_ms, '' as model, 0 as input_tokens, 0 as output_tokens, 0 as usd
from timed
