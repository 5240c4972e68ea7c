-- Traces of a shop, ten spans each: what instrumentations of a web server, a database and an HTTP client send. One in
-- fifty has an N+1 in it, one in a hundred a slow query; two in a thousand failed.
insert into hot_spans
with spans_of as (
    select
        $first + n as seq, ($first + n) // 10 as trace, (($first + n) % 10)::integer as place,
        hash($first + n) as dice
    from range($spans) as numbers(n)
), timed as (
    select *, timestamp '2026-11-01' + to_microseconds((trace * ($seconds * 10000000.0 / $total))::bigint) as began,
        trace % 50 = 7 as looped, 'route' || (trace % 40) as name_of_route
    from spans_of
)
select
    seq, 'e' || seq, 'p' || (seq // 1000), 'otlp', began + to_milliseconds(place * 12), began + to_milliseconds(place * 12),
    'shop', 'server', '', 'shop' || (trace % 4), 'production', 'r' || (began::date - date '2026-11-01') // 7,
    'u' || (trace % 5000), '', printf('%032x', trace), printf('%016x', seq), '/' || name_of_route,
    case when place = 0 then 'GET /' || name_of_route when place < 8 then 'SELECT' else 'GET' end,
    case when place = 0 then 'http.server' when place < 8 then 'db' else 'http.client' end,
    case when place = 0 then '' else printf('%016x', trace * 10) end,
    case when place = 0 then 120 when trace % 100 = 3 and place = 2 then 700 else 5 + dice % 6 end,
    case when place = 0 and trace % 500 = 1 then 'error' else '' end,
    place = 0,
    case
        when place = 0 then '{"attributes":{"http.request.method":"GET","url.path":"/' || name_of_route || '","http.route":"/'
            || name_of_route || '","http.response.status_code":200,"client.address":"10.0.0.1","user_agent.original":'
            || '"Mozilla/5.0 (X11; Linux x86_64; rv:151.0) Gecko/20100101 Firefox/151.0"},"kind":"server"'
        when place < 8 then '{"attributes":{"db.system.name":"postgresql","db.namespace":"shop","db.query.text":"SELECT id, name, '
            || 'price FROM ' || case when looped and place > 1 then 'items' else 'table' || place end || ' WHERE id = '
            || (dice % 1000000) || ' AND kind = ''a'' ORDER BY name LIMIT 10","server.address":"db"},"kind":"client"'
        else '{"attributes":{"http.request.method":"GET","url.full":"http://stock.local/api/things/' || (dice % 100000)
            || '?verbose=1","http.response.status_code":200,"server.address":"stock.local"},"kind":"client"'
    end || ',"resource":{"service.name":"shop","telemetry.sdk.language":"python","telemetry.sdk.version":"1.45.1",'
        || '"service.instance.id":"4d1f8f2e"},"scope":{"name":"opentelemetry.instrumentation.asgi"}}'
from timed
