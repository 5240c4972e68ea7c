-- The spans of whole traces. `category` says what kind of work a span is, whoever instrumented it; `description` what
-- exactly (a statement, an address, a file); `shape` the same without the values in it. Only spans of a category have
-- their JSON looked into: that, and sorting, is what costs time.
with entered as (
    -- A span that came in another request than the one its service was entered by was not told the route.
    select trace_id, service, arg_min(route, occurred_at) as entry
    from spans
    where root and route <> '' and seq > $oldest and seq <= $upto and trace_id in (select unit from touched)
    group by all
), sorted as (
    select
        seq, event_id, collector, occurred_at, target, trust, service, environment, release, "user", name, op,
        case when route = '' then coalesce(entry, '') else route end as route,
        trace_id as unit, span_id, parent_id, root, status, data,
        epoch_us(occurred_at) / 1000.0 as begin_ms,
        case when isfinite(duration_ms) then greatest(0, least(duration_ms, 86400000)) else 0 end as duration_ms,
        case
            when op = 'db.redis' or starts_with(op, 'cache') then 'cache'
            when op = 'db' or starts_with(op, 'db.') then 'db'
            when op = 'http.client' then 'http'
            when op = 'http' then case data->>'$.kind' when 'client' then 'http' when 'server' then 'server' else '' end
            when ends_with(op, '.server') or op = 'server' then 'server'
            when starts_with(op, 'resource.') or name = 'resourceFetch' then 'resource'
            when op = 'file' or starts_with(op, 'file.') or (op = '' and starts_with(name, 'fs ')) then 'file'
            when starts_with(op, 'queue') then 'queue'
            when op in ('pageload', 'navigation', 'mark', 'paint') or starts_with(op, 'ui.') or starts_with(op, 'browser')
                or name = 'documentLoad'
                then 'browser'
            else ''
        end as category
    from spans left join entered using (trace_id, service)
    where seq > $oldest and seq <= $upto and trace_id in (select unit from touched)
), looked_into as (
    select
        * exclude (data),
        case when category in ('http', 'resource', 'file') or root then
            coalesce(data->'$.attributes', data->'$.data', data->'$.contexts.trace.data') end as attributes,
        case when root then data->'$.measurements' end as measurements,
        case
            when category in ('db', 'cache') then json_extract_string(data, [
                '$.attributes."db.query.text"', '$.attributes."db.system.name"', '$.attributes."db.statement"',
                '$.attributes."db.system"', '$.description', '$.data."db.system"'])
            when category = 'http' then json_extract_string(data, [
                '$.attributes."url.full"', '$.attributes."http.url"', '$.data."url.full"', '$.data."http.url"',
                '$.data.url', '$.data."http.query"', '$.description', '$.attributes."server.address"',
                '$.attributes."net.peer.name"', '$.attributes."url.path"', '$.attributes."http.target"'])
            when category = 'resource' then json_extract_string(data, [
                '$.attributes."url.full"', '$.attributes."http.url"', '$.description'])
            when category = 'file' then json_extract_string(data, ['$.description', '$.data.path_argument'])
        end as said
    from sorted
), described as (
    select
        * exclude (said, category),
        case
            when category <> 'db' then category
            when coalesce(said[2], said[4], said[6]) in ('redis', 'memcached', 'valkey') then 'cache'
            -- What keeps a connection is no question to the database.
            when regexp_matches(coalesce(said[1], said[3], said[5], name),
                '(?i)^\s*(begin|commit|rollback|savepoint|release|set|show|pragma|[\w.-]*connect)\b') then 'connection'
            else 'db'
        end as category,
        case category
            when 'db' then coalesce(said[1], said[3], said[5], name)
            when 'cache' then coalesce(said[1], said[3], said[5], name)
            when 'http' then coalesce(
                said[1], said[2], said[3], said[4], said[5], coalesce(said[8], said[9]) || coalesce(said[10], said[11]),
                said[7], name) || case when said[6] <> '' then '?' || ltrim(said[6], '?') else '' end
            when 'resource' then coalesce(said[1], said[2], said[3], name)
            when 'file' then concat_ws(' ', coalesce(said[1], name), said[2])
            else ''
        end[:2000] as description
    from looked_into
)
select
    *,
    case category
        when 'db' then regexp_replace(
            regexp_replace(description, '''[^'']*''|"[^" ]* [^"]*"|[$:@][a-zA-Z_0-9]+|%\(?[a-z_]*\)?s|\b\d+(\.\d+)?\b|\?', '?', 'g'),
            '\(\s*\?(\s*,\s*\?)+\s*\)', '(?)', 'g')
        when 'http' then regexp_replace(
            regexp_replace(description, '[?#].*$', ''),
            '/(\d+|[0-9a-fA-F]{8,}(-[0-9a-fA-F]{2,})*)(/|$)', '/*\3', 'g')
        when 'resource' then regexp_replace(regexp_replace(description, '[?#].*$', ''),
            '([.-])(?:[0-9a-f]{8,}|[A-Za-z0-9_]*\d[A-Za-z0-9_]{7,})\.', '\1*.')
        when 'file' then regexp_replace(description, '\d+', '*', 'g')
        else ''
    end as shape
from described
