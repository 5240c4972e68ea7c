-- The tool calls of whole conversations, in their order; calls of a model are not among them, but their tokens are:
-- `tokens` and `wait_ms` are what lies between a call and the one before.
with told as (
    select
        *,
        conversation as unit,
        epoch_us(occurred_at) / 1000.0 as begin_ms,
        sum(input_tokens + output_tokens) over turns as tokens_so_far
    from tool_calls
    where seq > $oldest and seq <= $upto and conversation in (select unit from touched)
    window turns as (partition by conversation order by occurred_at, seq)
)
select
    * exclude (tokens_so_far),
    row_number() over steps as step,
    coalesce(tokens_so_far - lag(tokens_so_far) over steps, tokens_so_far)::bigint as tokens,
    greatest(0, coalesce(begin_ms - lag(begin_ms + duration_ms) over steps, 0)) as wait_ms,
    max(occurred_at) over (partition by conversation) <= $ended_by as ended
from told
where tool <> ''
window steps as (partition by conversation order by occurred_at, seq)
order by unit, step
