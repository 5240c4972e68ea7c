"""What errors come to by group: hours, users and the newest, kept up with those that came in."""

from datetime import datetime

from improver.analysis import folding
from improver.warehouse import Database, Writer

GROUP = "target, environment, grouping_version, key, collector"
HOURLY = f"{GROUP}, route, system_key, hour"

# An Event is the first of its run that failed so, unless another of the same trace came before it. Who logs what was
# raised and who saw it raised tell of the same failure: of a trace the more of the two count, in the order they came.
# `run` is the group and the trace as one number: to sort and to join by six texts takes twice as long.
RUN = f"hash({GROUP}, trace_id)"
FRESH = f"""
create or replace temp table fresh_errors as
with fresh as (
    select {GROUP}, seq, event_id, occurred_at, route, system_key, "user", trace_id, crashed, message <> '' as said,
        trust = 'server' as trusted, case when trace_id <> '' then {RUN} end as run
    from errors
    where seq > $behind and seq <= $upto and occurred_at >= $oldest
        and (seq > $since or ({GROUP}) in (from errors_taken_back))
), before as (
    select {RUN} as run, count(*) filter (where message <> '') as said, count(*) filter (where message = '') as seen
    from errors
    where seq > $near and seq <= $since and trace_id <> '' and trace_id in (select trace_id from fresh)
        and ({GROUP}) not in (from errors_taken_back)
    group by 1
), runs as (
    select run, min(seq) as first, bool_or(said) as said, bool_and(said) as only_said
    from fresh where run is not null group by run
), mixed as (
    select run, coalesce(before.said, 0) as said_before, coalesce(before.seen, 0) as seen_before
    from runs left join before using (run)
    where (runs.said or before.said > 0) and (not only_said or before.seen > 0)
), echoes as (
    select seq from (
        select seq, said, said_before + count(*) filter (where said) over told as said_by_then,
            seen_before + count(*) filter (where not said) over told as seen_by_then
        from fresh join mixed using (run) window told as (partition by run order by seq)
    ) where case when said then said_by_then <= seen_by_then else seen_by_then <= said_by_then end
)
select fresh.* exclude (run), date_trunc('hour', occurred_at) as hour,
    fresh.run is null or (before.run is null and seq in (select first from runs)) as first,
    seq not in (from echoes) as counts
from fresh left join before on before.run = fresh.run
"""
# Only hours that are counted already are put together with what is known of them.
HOURS = f"""
create or replace temp table fresh_hours as
select {HOURLY}, sum(events)::bigint as events, sum(runs)::bigint as runs, bool_or(crashed) as crashed,
    bool_and(trusted) as trusted, min(first_seen) as first_seen, max(last_seen) as last_seen
from (
    select {HOURLY}, counts::bigint as events, first::bigint as runs, crashed, trusted, occurred_at as first_seen,
        occurred_at as last_seen
    from fresh_errors
    union all by name
    from error_hours semi join fresh_errors using ({HOURLY})
)
group by {HOURLY}
"""
USERS = f"""
create or replace temp table fresh_users as
select {GROUP}, "user", max(occurred_at) as last_seen from fresh_errors where "user" <> '' group by all
"""
# Most users who are known met it again later than before: those who did not keep what is known of them.
KNOWN_USERS = f"""
update fresh_users set last_seen = greatest(fresh_users.last_seen, known.last_seen) from error_users as known
where {" and ".join(f"fresh_users.{name} = known.{name}" for name in (*GROUP.split(", "), '"user"'))}
"""
NEWEST = f"""
create or replace temp table fresh_newest as
with fresh as (
    select {GROUP}, arg_max(seq, {{'at': occurred_at, 'seq': seq}}) as seq,
        max({{'occurred_at': occurred_at, 'seq': seq, 'event_id': event_id}}, 20) as evidence
    from fresh_errors group by all
), told as (
    select seq, occurred_at, service, release, exception_type,
        case when exception_value <> '' then exception_value else message end as said, raised
    from errors where seq > $behind and seq <= $upto and seq in (select seq from fresh)
), candidates as (
    select {GROUP}, occurred_at, seq, service, release, exception_type, said, raised, evidence
    from fresh join told using (seq)
    union all by name
    from error_newest semi join fresh using ({GROUP})
)
select * exclude (evidence, evidences, place), list_reverse_sort(flatten(evidences))[1:20] as evidence
from (
    select *, list(evidence) over (partition by {GROUP}) as evidences,
        row_number() over (partition by {GROUP} order by occurred_at desc, seq desc) as place
    from candidates
) where place = 1
"""


def _replaced(table: str, fresh: str, columns: str) -> tuple[str, str]:
    return (
        f"delete from {table} where ({columns}) in (select ({columns}) from {fresh})",
        f"insert into {table} by name from {fresh}",
    )


ERROR_HOURS = folding.Fold(
    name="error_hours",
    version=2,
    table="errors",
    into=("error_hours", "error_users", "error_newest"),
    taken_back="errors_taken_back",
    statements=(
        *(
            f"delete from {table} where ({GROUP}) in (from errors_taken_back)"
            for table in ("error_hours", "error_users", "error_newest")
        ),
        FRESH,
        HOURS,
        *_replaced("error_hours", "fresh_hours", HOURLY),
        USERS,
        KNOWN_USERS,
        *_replaced("error_users", "fresh_users", f'{GROUP}, "user"'),
        NEWEST,
        *_replaced("error_newest", "fresh_newest", GROUP),
    ),
)

# What says who it was, or what was said, is kept as long as Events are.
MOMENTS = {"error_hours": "hour", "error_users": "last_seen", "error_newest": "occurred_at"}


def fold(telemetry: Database, now: datetime) -> None:
    folding.fold(telemetry, ERROR_HOURS, now)


def drop(writer: Writer, before: datetime) -> None:
    """Of whole days before this one, as Events are: what happened then and came in later stops counting as well."""
    day = datetime.combine(before.date(), datetime.min.time())
    for table, moment in MOMENTS.items():
        writer.execute(f"delete from {table} where {moment} < $day", {"day": day})
    gone = "list_filter(evidence, lambda one: one.occurred_at >= $day)"
    writer.execute(f"update error_newest set evidence = {gone} where evidence <> {gone}", {"day": day})
