"""Errors that only a log tells of, at whatever level: lines that say so, grouped by what they have in common."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from improver.detectors._log_runs import HEADLINE, STANDING
from improver.model import Cursor, FindingKind, Symptom, TrustLabel
from improver.model.configured import Configured
from improver.statistics import by_hour, week_before

EVERY = 0  # every pass of the pipeline
FURTHER = "further"  # the key of what is left where a service logs more different failures than are told apart


class Config(Configured):
    window_days: int = Field(28, ge=7)
    """How far back lines count."""
    ignored_environments: list[str] = ["improver-doctor"]
    """Environments whose lines are stored but never become Findings."""


# A request's end, as servers and frameworks write it: its status is all that it tells.
ANSWER = (
    r'" 5\d\d\b|\b([Cc]ompleted|Sent|[Rr]esponded|[Rr]eturned|[Aa]nswered)( with)?:? 5\d\d\b'
    r'|\| 5\d\d \||\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) "?\S{1,1000}( HTTP/[\d.]{1,3})?"?[ :=|>-]{1,5}5\d\d\b'
)
# The same in a record's fields, with words that any request's end has.
STATUS = r'(?i)"[\w.]{0,40}status([._]?code)?" ?: ?"?5\d\d\b'
END = (
    r"(?i)\W*((https?|api|web|access|incoming|log(ged)?|requests?|responses?|calls?|completed?|finish(ed)?|end(ed)?|handled"
    r"|served|processed|done|sent|received|returned|responded|answered|errored|failed|error|with|in|for|of|from|to|status"
    r"|code|GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|/\S*|[\d.]+ ?(ms|s)?)\W+)*"
)
# What an error tells better: a line of its trace, the message that it came with, one that quotes it around the same
# time, or then an answer that only has its status.
GROUPS = f"""
with heard as (
    select distinct target, epoch(occurred_at)::bigint // 10 + side as moment, exception_value as said
    from errors, (values (-1), (0), (1)) as near(side)
    where occurred_at >= $since
), telling as (
    select seq, event_id, target, environment, service, collector, occurred_at, trust, "user", release, route, template,
        body, epoch(occurred_at)::bigint // 10 as moment,
        regexp_matches(body, '{ANSWER}')
            or regexp_full_match(body || ' ', '{END}') and regexp_matches(data::varchar, '{STATUS}') as answers
    from logs
    where fails and occurred_at >= $since and not list_contains($ignored, environment)
        and (trace_id = '' or not exists (
            from errors where errors.target = logs.target and errors.trace_id = logs.trace_id))
        and not exists (
            from errors where errors.target = logs.target and errors.message = logs.body
            and abs(epoch(errors.occurred_at - logs.occurred_at)) <= 5)
), untold as (
    select * exclude (body, answers), {HEADLINE} as said from telling where not exists (
        from heard where heard.target = telling.target and heard.moment = telling.moment
        and (telling.answers or length(said) >= 8 and contains(telling.body, said)))
), {STANDING}
select standing.target, standing.environment, standing.service, coalesce(known.key, $further) as key, collector,
    count(*) as events,
    count(*) filter (where occurred_at >= $week) as events_week,
    count(distinct nullif("user", '')) as users,
    min(occurred_at) as first_seen,
    max(occurred_at) as last_seen,
    bool_and(trust = 'server') as trusted,
    arg_max(release, seq) as release,
    arg_max(coalesce(known.template, standing.template), seq) as template,
    coalesce(mode(nullif(route, '')), '') as route,
    list(event_id order by seq desc)[1:20] as evidence,
    list(date_diff('hour', $week, occurred_at)::integer) filter (where occurred_at >= $week) as hours
from standing left join log_templates as known
    on known.target = standing.target and known.service = standing.service and known.message = standing.template
group by all
order by events desc, key
"""


def detect(cursor: Cursor, config: Config, now: datetime) -> list[Symptom]:
    since = now.replace(tzinfo=None) - timedelta(days=config.window_days)
    asked = {"week": week_before(now), "since": since, "ignored": config.ignored_environments, "further": FURTHER}
    return [_symptom(row, now) for row in cursor.rows(GROUPS, asked)]


def _symptom(row: dict[str, Any], now: datetime) -> Symptom:
    return Symptom(
        detector="logged_errors",
        kind=FindingKind.ERROR,
        pattern="logged_errors",
        grouping_version=1,
        key=row["key"],
        target=row["target"],
        environment=row["environment"],
        service=row["service"],
        source=row["collector"],
        title=_title(row),
        first_seen=row["first_seen"].replace(tzinfo=now.tzinfo),
        last_seen=row["last_seen"].replace(tzinfo=now.tzinfo),
        events=row["events"],
        events_week=row["events_week"],
        users=row["users"],
        hourly=by_hour((hour, 1) for hour in row["hours"] or ()),
        route=row["route"],
        evidence=tuple(row["evidence"]),
        trust=TrustLabel.SERVER if row["trusted"] else TrustLabel.PUBLIC,
        release=row["release"],
    )


def _title(row: dict[str, Any]) -> str:
    if row["key"] == FURTHER:
        return f"further failures in the log of {row['service'] or 'this Target'}"
    return str(row["template"])[:160]
