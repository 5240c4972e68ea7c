-- What each group of errors comes to, and each hour of its last week.
with groups as (
    select target, environment, grouping_version, key, collector, count(*) as events,
        count(distinct nullif("user", '')) as users, min(occurred_at) as first_seen, max(occurred_at) as last_seen,
        bool_or(crashed) as crashed, bool_and(trust = 'server') as trusted, arg_max(service, seq) as service,
        arg_max(release, seq) as release, arg_max(exception_type, seq) as exception_type,
        arg_max(exception_value, seq) as said, arg_max(raised, seq) as raised,
        list(distinct system_key)[1:100] as system_keys, mode(nullif(route, '')) as route,
        list(event_id order by seq desc)[1:20] as evidence
    from errors group by all
), hours as (
    select target, environment, key, collector, date_trunc('hour', occurred_at) as hour, count(*) as events,
        count(distinct coalesce(nullif(trace_id, ''), event_id)) as failures
    from errors where occurred_at >= timestamp '2026-11-08' group by all
), weeks as (
    select target, environment, key, collector, list({'hour': hour, 'events': events}) as hourly, sum(failures) as failures
    from hours group by all
), runs as (
    select target, environment, route, count(distinct trace_id) as runs from spans
    where root and route <> '' and occurred_at >= timestamp '2026-11-08' group by all
)
select groups.*, hourly, failures, runs from groups left join weeks using (target, environment, key, collector)
left join runs using (target, environment, route)
