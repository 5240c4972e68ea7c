-- What each group of errors comes to, and each hour of its last week. What was raised and logged in one trace is one
-- failure told twice: of the two ways to tell it the more frequent counts.
with groups as (
    select target, environment, grouping_version, key, collector,
        count(distinct nullif("user", '')) as users, min(occurred_at) as first_seen, max(occurred_at) as last_seen,
        bool_or(crashed) as crashed, bool_and(trust = 'server') as trusted, arg_max(service, seq) as service,
        arg_max(release, seq) as release, arg_max(exception_type, seq) as exception_type,
        arg_max(exception_value, seq) as said, arg_max(raised, seq) as raised,
        list(distinct system_key)[1:100] as system_keys, mode(nullif(route, '')) as route,
        list(event_id order by seq desc)[1:20] as evidence
    from errors group by all
), told as (
    select target, environment, key, collector, date_trunc('hour', min(occurred_at)) as hour,
        greatest(count(*) filter (where message = ''), count(*) filter (where message <> '')) as events
    from errors group by target, environment, key, collector, coalesce(nullif(trace_id, ''), event_id)
), hours as (
    select target, environment, key, collector, hour, sum(events) as events, count(*) as failures from told group by all
), weeks as (
    select target, environment, key, collector, sum(events) as events,
        list({'hour': hour, 'events': events}) filter (where hour >= timestamp '2026-11-08') as hourly,
        sum(failures) filter (where hour >= timestamp '2026-11-08') as failures
    from hours group by all
), runs as (
    select target, environment, route, count(distinct trace_id) as runs from spans
    where root and route <> '' and occurred_at >= timestamp '2026-11-08' group by all
)
select groups.*, events, hourly, failures, runs from groups join weeks using (target, environment, key, collector)
left join runs using (target, environment, route)
