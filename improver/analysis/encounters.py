"""Who met what, how often, and whether it was a person: kept up with the Events that came in."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from improver.analysis import sightings
from improver.analysis.impact import Crowd, Exposed
from improver.config import Artificial
from improver.model.ids import digest
from improver.statistics import week_before
from improver.warehouse import Database, Reader, Writer, portions

NAME, VERSION = "encounters", 1
KEPT = timedelta(days=8)
AT_ONCE = 200_000
LOOK_BACK = 100_000  # Events before the new ones, among which what was seen anew may have begun

# Matches no text. Not "a^": DuckDB takes that for "ends in a".
NOTHING = r"[^\s\S]"
PATTERNS = ("crawlers", "monitors", "probes", "programs")

Key = tuple[str, str, str]  # target, environment, key

# Where SDKs say what asked: headers of the request, the browser, what OpenTelemetry and PostHog call it.
AGENT = """
concat_ws(chr(10),
    regexp_extract(coalesce(said[1], ''), '(?i)"user-agent"\\s*[:,]\\s*"([^"]*)"', 1), said[2], said[3], said[4],
    said[5], said[6], said[7], said[8], said[9], case when said[10] = 'true' or said[11] = 'true' then 'webdriver' end)
"""
PATHS = """[
    '$.request.headers', '$.contexts.browser.name', '$.properties."$raw_user_agent"', '$.properties."$user_agent"',
    '$.properties."$browser"', '$.attributes."user_agent.original"', '$.attributes."http.user_agent"',
    '$.around."user_agent.original"', '$.around."http.user_agent"', '$.tags.webdriver', '$.properties.webdriver',
    '$.extra."sys.argv"', '$.argv', '$.attributes."user_agent.synthetic.type"', '$.properties."$browser_type"',
    '$.around."user_agent.synthetic.type"']"""
TRAFFIC = f"""
case
    when list_contains($environments, lower(environment)) then 'test'
    when regexp_matches(concat_ws(' ', said[12], said[13]), $programs) then 'test'
    when 'test' in (said[14], said[16]) then 'test'
    when 'bot' in (said[14], said[15], said[16]) then 'bot'
    when regexp_matches(route, $probes) then 'monitor'
    when regexp_matches({AGENT}, $monitors) then 'monitor'
    when regexp_matches({AGENT}, $crawlers) then 'bot'
    else ''
end
"""

# What the first span says of each trace that is asked about below: its JSON is what takes time, and is read once.
# All that was ever seen does not fit in memory: of it only what is of these Events.
BEGUN = f"""
create or replace temp table begun as
select trace_id as unit, arg_min(environment, seq) as environment, arg_min(route, seq) as route,
    json_extract_string(arg_min(data, seq), {PATHS}) as said
from spans
where root and trace_id <> '' and seq > $near and seq <= $upto and trace_id in (
    select unit from sightings where unit in (select trace_id from spans where root and seq > $near and seq <= $upto)
    union select trace_id from errors where seq > $since and seq <= $upto and occurred_at >= $oldest
    union select trace_id from logs where fails and seq > $since and seq <= $upto and occurred_at >= $oldest)
group by all
"""
# Where nothing says who it was, all of a minute count as one's: a loop is no crowd.
# What an error does not say itself, the span says that its trace began with.
MET = f"""
insert into encounters by name
with own as (
    select target, environment, collector, key, route, date_trunc('hour', occurred_at) as hour,
        coalesce(nullif("user", ''), nullif(session, '')) as named, nullif(trace_id, '') as trace,
        date_trunc('minute', occurred_at)::varchar as minute, json_extract_string(data, {PATHS}) as own
    from {{met}} where seq > $since and seq <= $upto and occurred_at >= $oldest
), fresh as (
    select own.*, list_transform(own, lambda word, place: coalesce(word, begun.said[place])) as said
    from own left join begun on begun.unit = own.trace
)
select target, environment, collector, key, hash(coalesce(named, trace, minute))::ubigint as who,
    named is not null as named, {TRAFFIC} as traffic, hour, count(*) as times
from fresh group by all
"""
FAILING_LINES = """(
    select logs.*, known.key from logs join log_templates as known
        on known.target = logs.target and known.service = logs.service and known.message = logs.template
    where logs.fails)"""
# Only of what a Detector saw something in is it asked who did it.
ARTIFICIAL = f"""
insert into artificial_units by name
with told as (
    select * from begun where unit in (select unit from sightings where unit in (select unit from begun))
    union all by name
    select session as unit, arg_min(environment, seq) as environment, '' as route,
        json_extract_string(arg_min(data, seq), {PATHS}) as said
    from usage where seq > $near and seq <= $upto and session in (
        select unit from sightings
        where unit in (select session from usage where seq > $near and seq <= $upto)) group by all
)
select unit, {TRAFFIC} as traffic from told
where traffic <> '' and unit not in (select unit from artificial_units)
"""
VISITED = """
insert into visitors by name
with fresh as (
    select distinct target, environment, route, hash(coalesce(nullif("user", ''), session))::ubigint as who,
        occurred_at::date as day
    from (
        select * from (select seq, target, environment, route, "user", session, occurred_at from spans
            where root and seq > $since and seq <= $upto)
        union all select seq, target, environment, route, "user", session, occurred_at from usage
            where seq > $since and seq <= $upto
        union all select seq, target, environment, route, "user", session, occurred_at from errors
            where seq > $since and seq <= $upto
    ) where ("user" <> '' or session <> '') and occurred_at >= $oldest
)
from fresh anti join (from visitors where day in (select day from fresh)) using (target, environment, route, who, day)
"""

STATEMENTS = (BEGUN, MET.format(met="errors"), MET.format(met=FAILING_LINES), ARTIFICIAL, VISITED)
NEWEST = """
select greatest((select max(seq) from errors), (select max(seq) from logs), (select max(seq) from spans),
    (select max(seq) from usage))
"""

# How many met it once, twice, …: few rows, however many met it.
CROWDS = """
with by_one as (
    select target, environment, collector, key, who, named, traffic, sum(times)::bigint as times
    from encounters where hour >= $week group by all
)
select target, environment, collector, key, traffic, named, times, count(*) as people, 0::double as minutes
from by_one group by all
"""
SEEN_BY = """
with by_one as (
    select detector, service, key, target, environment, collector, coalesce(nullif("user", ''), unit) as who,
        "user" <> '' as named, coalesce(traffic, '') as traffic, count(*) as times, sum(minutes) as minutes
    from sightings left join artificial_units using (unit)
    where occurred_at >= $week and detail::varchar <> 'null' group by all
)
select detector, service, key, target, environment, collector, traffic, named, times,
    count(*) as people, sum(minutes) as minutes
from by_one group by all
"""
EXPOSED = """
select target, environment, route, count(distinct who) as users from visitors
where day >= $week::date
    and (environment, who) not in (select (environment, who) from encounters where traffic <> '')
group by grouping sets ((target, environment, route), (target, environment))
"""


def fold(telemetry: Database, rules: Artificial, now: datetime) -> None:
    """Count what came in since the last time. What is replayed counts twice: only proportions are made of it."""
    since = sightings.looked_up_to(telemetry, NAME, VERSION)
    oldest = (now - KEPT).replace(tzinfo=None)

    def count(since: int, upto: int) -> None:
        asked = {"since": since, "upto": upto, "near": max(0, since - LOOK_BACK), "oldest": oldest}
        with telemetry.transaction() as writer:
            for statement in STATEMENTS:
                writer.apply(ruled(statement, rules), asked | {"environments": rules.environments})
            _drop(writer, oldest)
            sightings.looked(writer, {NAME: VERSION}, upto, now)

    portions.go_through(telemetry, since, telemetry.value(NEWEST) or 0, AT_ONCE, count)


def ruled(statement: str, rules: Artificial) -> str:
    """With the patterns written out: DuckDB compiles one that is a parameter anew for every row."""
    for name in PATTERNS:
        pattern = f"(?i){'|'.join(getattr(rules, name)) or NOTHING}".replace("'", "''")
        statement = statement.replace(f"${name}", f"'{pattern}'")
    return statement


def _drop(writer: Writer, oldest: datetime) -> None:
    writer.execute("delete from encounters where hour < $oldest", {"oldest": oldest})
    writer.execute("delete from visitors where day < $oldest::date", {"oldest": oldest})
    writer.execute("delete from artificial_units where unit not in (select unit from sightings)")


def forget(writer: Writer, users: list[str]) -> None:
    """Also a number that was made of a name goes with it."""
    for table in ("encounters", "visitors"):
        writer.execute(
            f"delete from {table} where list_contains(list_transform($users, lambda name: hash(name)::ubigint), who)",
            {"users": users},
        )


def crowds(reader: Reader, now: datetime) -> Mapping[Key, Mapping[str, list[Crowd]]]:
    """Of each grouping key, by Collector."""
    found: dict[Key, dict[str, list[Crowd]]] = defaultdict(lambda: defaultdict(list))
    week = {"week": week_before(now)}
    for row in reader.rows(CROWDS, week):
        found[row["target"], row["environment"], row["key"]][row["collector"]].append(_crowd(row))
    for row in reader.rows(SEEN_BY, week):
        key = digest(row["detector"], row["service"], row["key"])
        found[row["target"], row["environment"], key][row["collector"]].append(_crowd(row))
    return found


def _crowd(row: dict[str, Any]) -> Crowd:
    return Crowd(
        traffic=row["traffic"],
        named=row["named"],
        times=row["times"],
        people=row["people"],
        minutes=row["minutes"],
    )


def exposed(reader: Reader, now: datetime) -> Mapping[tuple[str, str], Mapping[str, Exposed]]:
    """Of each Target and environment, by route; all routes together are under ''."""
    rows = reader.rows(EXPOSED, {"week": week_before(now)})
    everywhere = {(row["target"], row["environment"]): row["users"] for row in rows if row["route"] is None}
    found: dict[tuple[str, str], dict[str, Exposed]] = defaultdict(dict)
    for place, users in everywhere.items():
        found[place][""] = Exposed(route=users, everywhere=users)
    for row in rows:
        if row["route"]:
            place = row["target"], row["environment"]
            found[place][row["route"]] = Exposed(route=row["users"], everywhere=everywhere[place])
    return found
