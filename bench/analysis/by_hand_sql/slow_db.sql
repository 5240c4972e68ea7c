-- Statements that take more than half a second in what somebody waits for, fewer than five of a kind in a trace.
select trace_id, arg_max(event_id, duration_ms) as event_id, service,
    regexp_replace(json_extract_string(data, '$.attributes."db.query.text"'), '''[^'']*''|\b\d+(\.\d+)?\b', '?', 'g')
        as shape,
    sum(duration_ms) as spent, count(*) as calls
from spans where op = 'db' and duration_ms > 500
    and trace_id in (select trace_id from spans where op in ('http.server', 'pageload', 'navigation'))
group by trace_id, service, shape having count(*) < 5
