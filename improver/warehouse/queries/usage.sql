-- What people did in whole sessions, in its order. `act` says what it was, whoever instrumented it: a view, click, change,
-- submit, rage, dead, leave, vitals, or an event of the app's own (event); '' is bookkeeping. `page` is the route without
-- the ids in it, `tag` the element's, `chain` what its author called it and all around it. `gap_ms` is the time since what
-- they did before, `next_ms` when they got on (the next view, change, submit or event; else the session's last moment),
-- `ended` whether the session is over. Only rows of some acts have their JSON looked into; what else is known of them is in
-- `usage`, by their `seq`.
with touched_rows as (
    select
        seq, event_id, occurred_at, target, service, "user", route, session,
        session as unit, name, url, element, "window", device, epoch_us(occurred_at) / 1000.0 as begin_ms,
        case
            when name in ('$autocapture', '$rageclick', '$dead_click', '$web_vitals')
                or (name not like '$%' and regexp_matches(name, '(?i)search|find|quer|lookup'))
                then json_extract_string(data, [
                    '$.properties."$event_type"', '$.properties."$elements_chain"',
                    '$.properties."$x"', '$.properties.x', '$.properties."$y"', '$.properties.y',
                    '$.properties.query', '$.properties.search_query', '$.properties.search_term', '$.properties.term',
                    '$.properties.q', '$.properties.keyword', '$.properties.search',
                    '$.properties."$web_vitals_LCP_value"', '$.properties."$web_vitals_INP_value"',
                    '$.properties."$web_vitals_CLS_value"', '$.properties."$elements"'])
        end as said
    from usage
    where seq > $oldest and seq <= $upto and session in (select unit from touched)
), acts as (
    select
        * exclude (said),
        case name
            when '$pageview' then 'view' when '$screen' then 'view' when '$pageleave' then 'leave'
            when '$autocapture' then case said[1] when 'touch' then 'click' else coalesce(said[1], 'click') end
            when '$rageclick' then 'rage' when '$dead_click' then 'dead' when '$web_vitals' then 'vitals'
            else case when starts_with(name, '$') then '' else 'event' end
        end as act,
        regexp_replace(coalesce(nullif(route, ''), regexp_extract(url, '^[a-z]+://[^/]+([^?#]*)', 1)),
            '/(\d+|[0-9a-fA-F]{8,}(-[0-9a-fA-F]{2,})*|[0-9a-fA-F-]{36})(/|$)', '/*\3', 'g') as page,
        regexp_extract(element, '(?:^|> )([a-zA-Z0-9-]+)[^>"]*(?:"[^"]*")?$', 1) as tag,
        lower(coalesce(said[2], said[17], '')[:1500]) as chain,
        try_cast(coalesce(said[3], said[4]) as double) as x, try_cast(coalesce(said[5], said[6]) as double) as y,
        coalesce(said[7], said[8], said[9], said[10], said[11], said[12], said[13]) as query,
        try_cast(said[14] as double) as lcp_ms, try_cast(said[15] as double) as inp_ms, try_cast(said[16] as double) as cls
    from touched_rows
)
select
    *,
    coalesce(begin_ms - lag(begin_ms) over steps, 0) as gap_ms,
    row_number() over steps as step,
    coalesce(
        min(case when act in ('view', 'change', 'submit', 'event') then begin_ms end)
            over (steps rows between 1 following and unbounded following),
        max(begin_ms) over (partition by session)) as next_ms,
    max(occurred_at) over (partition by session) <= $ended_by as ended
from acts
window steps as (partition by session order by occurred_at, seq)
