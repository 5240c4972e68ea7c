-- What people did in whole sessions, in its order; `gap_ms` is the time since what they did before, `ended` whether
-- the session is over.
select
    *,
    session as unit,
    epoch_us(occurred_at) / 1000.0 as begin_ms,
    coalesce(begin_ms - lag(begin_ms) over steps, 0) as gap_ms,
    row_number() over steps as step,
    max(occurred_at) over (partition by session) <= $ended_by as ended
from usage
where seq > $oldest and seq <= $upto and session in (select unit from touched)
window steps as (partition by session order by occurred_at, seq)
order by unit, step
