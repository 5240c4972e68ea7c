-- The same read again in one conversation with nothing changed in between: word by word, or nearly, one soon after the
-- other and with nearly the same answer.
with calls as (
    select conversation, event_id, tool, arguments, result, epoch_ms(occurred_at) as ms, duration_ms, error,
        regexp_matches(tool, '__(get|list|search|find|read)_') as reads
    from tool_calls where tool <> ''
), counted as (
    select *, coalesce(sum((not reads and error = '')::integer) over (partition by conversation order by ms
        rows between unbounded preceding and 1 preceding), 0) as epoch
    from calls
), reading as (
    select *, list_distinct(regexp_split_to_array(lower(arguments), '[^\w]+')) as asked,
        list_distinct(regexp_split_to_array(lower(result), '[^\w]+')) as words
    from counted where reads and error = ''
), exact as (
    select conversation, tool, list(event_id order by ms)[2:] as again from reading
    group by conversation, epoch, tool, arguments having count(*) > 1 and count(distinct result) = 1
), compared as (
    select *, coalesce(ms - lag(ms + duration_ms) over same <= 60000 and len(list_intersect(asked, lag(asked) over same))
            >= 0.5 * len(list_distinct(list_concat(asked, lag(asked) over same))), false) as follows,
        len(list_intersect(words, lag(words) over same))
            >= 0.8 * len(list_distinct(list_concat(words, lag(words) over same))) as same_words
    from reading window same as (partition by conversation, epoch, tool order by ms)
), runs as (
    select *, sum((not follows)::integer) over (partition by conversation, epoch, tool order by ms) as run from compared
), alike as (
    select conversation, tool, list(event_id order by ms)[2:] as again from runs
    group by conversation, epoch, tool, run having count(*) >= 3
        and count(*) filter (where follows and same_words) * 2 >= count(*) - 1 and arg_max(same_words, ms)
), wasted as (
    select distinct conversation, tool, unnest(again) as event_id from (from exact union all from alike)
)
select conversation, tool, count(*) as wasted, sum(duration_ms) as spent
from wasted join tool_calls using (conversation, tool, event_id) group by conversation, tool
