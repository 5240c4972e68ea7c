-- Clicks that the client counted, or three on one spot, each within a second; not what is there to be clicked many times,
-- not what is typed into, and not what ended in an error.
with told as (
    select session, event_id, name, route, element, epoch_ms(occurred_at) as ms, json_extract_string(data, [
        '$.properties."$event_type"', '$.properties."$elements_chain"', '$.properties."$x"', '$.properties."$y"']) as said
    from usage where name in ('$autocapture', '$rageclick', '$dead_click')
), clicks as (
    select *, try_cast(said[3] as double) as x, try_cast(said[4] as double) as y from told
    where name = '$autocapture' and said[1] = 'click' and session not in (select session from told where name = '$rageclick')
), followed as (
    select *, coalesce(ms - lag(ms) over steps < 1000 and abs(x - lag(x) over steps) + abs(y - lag(y) over steps) < 30,
        false) as follows
    from clicks window steps as (partition by session order by ms)
), numbered as (
    select *, sum((not follows)::integer) over (partition by session order by ms) as burst from followed
), bursts as (
    select session, arg_min(event_id, ms) as event_id, any_value(route) as route, any_value(element) as element,
        any_value(said[2]) as chain, min(ms) as began, max(ms) as ended, count(*) as clicks
    from numbered group by session, burst having count(*) >= 3
    union all
    select session, event_id, route, element, said[2], ms, ms, 3 from told where name = '$rageclick'
)
select session, route, element, min(began) as began, max(ended) as ended, max(clicks) as clicks from bursts
where not regexp_matches(element, '(^|> )(input|textarea|select)[^>]*$')
    and ((session, element) in (select session, element from told where name = '$dead_click')
        or not regexp_matches(lower(element || chain), '"[+<>-]"|plus|minus|stepper|quantity|pagina|carousel|next|prev|arrow'))
    and not exists (from errors where errors.session = bursts.session
        and epoch_ms(errors.occurred_at) between began - 2000 and began + 2000)
group by session, route, element
