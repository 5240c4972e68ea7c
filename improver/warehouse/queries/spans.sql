-- The spans of whole traces. `category` says what kind of work a span is, whoever instrumented it; `description` what
-- exactly (a statement, an address, a file); `shape` the same without the values in it.
with named as (
    select
        span.*,
        trace_id as unit,
        epoch_us(occurred_at) / 1000.0 as begin_ms,
        coalesce(data->'$.attributes', data->'$.data', '{}'::json) as attributes,
        case
            when op = 'db' or starts_with(op, 'db.') then 'db'
            when op = 'http.client' or (op = 'http' and (data->>'$.kind') = 'client') then 'http'
            when op = 'http.server' or (op = 'http' and (data->>'$.kind') = 'server') then 'server'
            when starts_with(op, 'resource.') then 'resource'
            when op = 'file' or starts_with(op, 'file.') then 'file'
            when starts_with(op, 'queue') then 'queue'
            when op in ('pageload', 'navigation', 'mark', 'paint') or starts_with(op, 'ui.') or starts_with(op, 'browser')
                then 'browser'
            else ''
        end as category
    from spans as span
    where seq > $oldest and seq <= $upto and trace_id in (select unit from touched)
), described as (
    select
        *,
        case category
            when 'db' then coalesce(
                attributes->>'$."db.query.text"', attributes->>'$."db.statement"', data->>'$.description', name)
            when 'http' then coalesce(
                attributes->>'$."url.full"', attributes->>'$."http.url"', data->>'$.description', name)
            else coalesce(data->>'$.description', name)
        end as description,
        coalesce(attributes->>'$."code.file.path"', attributes->>'$."code.filepath"', '') as code_file,
        coalesce(attributes->>'$."code.function.name"', attributes->>'$."code.function"', '') as code_function
    from named
)
select
    * exclude (description),
    description[:2000] as description,
    case category
        when 'db' then regexp_replace(
            regexp_replace(description[:2000], '''[^'']*''|"[^" ]* [^"]*"|[$:@][a-zA-Z_0-9]+|%\(?[a-z_]*\)?s|\b\d+(\.\d+)?\b|\?', '?', 'g'),
            '\(\s*\?(\s*,\s*\?)+\s*\)', '(?)', 'g')
        when 'http' then regexp_replace(
            regexp_replace(description[:2000], '[?#].*$', ''),
            '/(\d+|[0-9a-fA-F]{8,}(-[0-9a-fA-F]{2,})*)(/|$)', '/*\3', 'g')
        else regexp_replace(description[:2000], '\d+', '*', 'g')
    end as shape
from described
order by unit, begin_ms, seq
