-- The spans of whole traces. `category` says what kind of work a span is, whoever instrumented it; `description` what
-- exactly (a statement, an address, a file); `shape` the same without the values in it. To look into JSON is what costs
-- time, and so does each text that is kept: only requests, assets, files and loads of pages have their `attributes`.
-- `siblings` is one number for those of one trace below one span: quicker to look for than two texts, and nothing to tell.
-- Who did it, where, and whatever else a span says is in `spans`, by its `seq`.
with entered as (
    -- A span that came in another request than the one its service was entered by was not told the route.
    select trace_id, service, arg_min(route, occurred_at) as entry
    from spans
    where root and route <> '' and seq > $oldest and seq <= $upto and trace_id in (select unit from touched)
    group by all
), sorted as (
    select
        seq, event_id, trace_id as unit, parent_id, hash(trace_id, parent_id) as siblings, root, service, name, op, status, data,
        case when route = '' then coalesce(entry, '') else route end as route,
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
        case when category in ('http', 'resource', 'file') or (root and category = 'browser') then
            coalesce(data->'$.attributes', data->'$.data', data->'$.contexts.trace.data') end as attributes,
        case when root and category = 'browser' then data->'$.measurements' end as measurements,
        from_json(case when category not in ('', 'server', 'browser', 'queue') then data end, '{
            "attributes": {
                "db.query.text": "varchar", "db.statement": "varchar", "db.system.name": "varchar", "db.system": "varchar",
                "url.full": "varchar", "http.url": "varchar", "server.address": "varchar", "net.peer.name": "varchar",
                "url.path": "varchar", "http.target": "varchar"
            },
            "data": {
                "db.system": "varchar", "url.full": "varchar", "http.url": "varchar", "url": "varchar",
                "http.query": "varchar", "path_argument": "varchar"
            },
            "description": "varchar"
        }') as said
    from sorted
), described as (
    select
        * exclude (said, category, name),
        case
            when category <> 'db' then category
            when coalesce(said.attributes."db.system.name", said.attributes."db.system", said.data."db.system")
                in ('redis', 'memcached', 'valkey') then 'cache'
            -- What keeps a connection is no question to the database.
            when regexp_matches(
                coalesce(said.attributes."db.query.text", said.attributes."db.statement", said.description, name),
                '(?i)^\s*(begin|commit|rollback|savepoint|release|set|show|pragma|[\w.-]*connect)\b') then 'connection'
            else 'db'
        end::enum('', 'db', 'cache', 'connection', 'http', 'server', 'resource', 'file', 'queue', 'browser') as category,
        case
            when category in ('db', 'cache') then
                coalesce(said.attributes."db.query.text", said.attributes."db.statement", said.description, name)
            when category = 'http' then coalesce(
                said.attributes."url.full", said.attributes."http.url", said.data."url.full", said.data."http.url",
                said.data.url,
                coalesce(said.attributes."server.address", said.attributes."net.peer.name")
                    || coalesce(said.attributes."url.path", said.attributes."http.target"),
                said.description, name)
                || case when said.data."http.query" <> '' then '?' || ltrim(said.data."http.query", '?') else '' end
            when category = 'resource' then
                coalesce(said.attributes."url.full", said.attributes."http.url", said.description, name)
            when category = 'file' then concat_ws(' ', coalesce(said.description, name), said.data.path_argument)
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
        -- A port that the system gave out names nothing: it is another one the next time.
        when 'http' then regexp_replace(regexp_replace(
            regexp_replace(description, '[?#].*$', ''),
            '/(\d+|[0-9a-fA-F]{8,}(-[0-9a-fA-F]{2,})*)(/|$)', '/*\3', 'g'),
            '^([a-z]+://[^/]+):(3276[89]|327[7-9]\d|32[89]\d\d|3[3-9]\d{3}|[456]\d{4})(/|$)', '\1:*\3')
        when 'resource' then regexp_replace(regexp_replace(description, '[?#].*$', ''),
            '([.-])(?:[0-9a-f]{8,}|[A-Za-z0-9_]*\d[A-Za-z0-9_]{7,})\.', '\1*.')
        when 'file' then regexp_replace(description, '\d+', '*', 'g')
        else ''
    end as shape
from described
