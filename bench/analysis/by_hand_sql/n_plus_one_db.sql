-- The same query again and again below one span, after another one.
with queries as (
    select trace_id, parent_id, route, occurred_at, duration_ms,
        regexp_replace(json_extract_string(data, '$.attributes."db.query.text"'), '''[^'']*''|\b\d+(\.\d+)?\b', '?', 'g') as shape
    from spans where op = 'db'
), often as (
    select trace_id, parent_id, shape, any_value(route) as route, count(*) as calls, sum(duration_ms) as spent,
        min(occurred_at) as began
    from queries group by trace_id, parent_id, shape having count(*) >= 5 and sum(duration_ms) >= 50
)
select route, shape, count(*) as traces, sum(spent) as spent from often
where exists (from queries as source where source.trace_id = often.trace_id and source.shape <> often.shape
    and source.occurred_at < often.began)
group by route, shape
