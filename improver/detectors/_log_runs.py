"""What the lines around a failing one say of it: that it only sums up, was asked for, or came while all was starting.

Patterns are DuckDB's, which knows no look-around.
"""

import re
from datetime import datetime
from typing import Any

from improver.model import Cursor

# Says that something failed, not what: how it ended, how often, or "see above".
_ENDED = (
    r"\b(exit(ed|ing|s)?|return(ed|s)?|finish(ed)?|terminated|stopped|fail(ed)?|died|ended|complete)\b.{0,80}"
    r"\b(code|status|signal)\b[\W_]{0,4}(\d{1,5}|SIG[A-Z]+|[a-z]+/)|\bnon-?zero\b|\(code \d{1,5}\)"
    r"|\*\*\* .{0,200}\berror \d{1,3}$|\bfailed with result '|\bexited prematurely\b|\bwas sent SIG[A-Z]+"
    r"|\bkilled by the oom killer\b|^failed to start [^:]{1,100}\.$"
    r"|^\W*(\w+: )?([\w.-]+ ){0,3}(build|job|run|pipeline|playbook|compilation|deploy|deployment|tests?|step|renewals?)"
    r" (has )?(failed|aborted)\b[^:]{0,60}$"
)
_COUNTED = (
    r"(^|\b(with|found|got|had|were|are|total) |[:,(=] ?)[1-9]\d{0,8} ([\w-]{1,30} ){0,1}"
    r"(errors?|failures?|problems?)\b"
    r"|(^|[:,(=] ?)[1-9]\d{0,8} (failed|failing)\b|\b[1-9]\d{0,8} ([\w-]{1,30} ){0,1}(error|failure)\(s\)"
    r"|\b[1-9]\d{0,8} (out )?of \d{1,9}\b.{0,40} failed\b|\S \((failure|failed|error)\)$"
    r"|\bbeing treated as errors\b|\bfollowing .{0,60}(failed|could not)\b.{0,60}:$"
)
_POINTS_BACK = (
    r"\b(due to|because of|see|with|after) (the |\d{1,9} )?(previous|prior|earlier|above) (errors?|failures?)\b"
    r"|\b(previous|above) errors?\b|\berrors? above\b|\bcomplete log of this run\b|\bsee above\b"
)
NOT_UP = (
    r"\b(refused|unreachable|unavailable|not available|no route to host|name or service not known|name resolution"
    r"|no such host|could not translate host|could not resolve|bad address|enotfound|eai_again|etimedout|econnrefused"
    r"|starting up|timed out|i/o timeout)\b|\b(could ?n.t|could not|can.?not|can.t|unable to|failed to)"
    r" (connect|reach|resolve|establish)|\bconnection .{0,100}\b(failed|closed)\b"
)
_STARTS = (
    r"\bwait(ing|s)?\b.{0,40}\b(for|until|on) .{0,60}(database|\bdb\b|server|service|host\b|port\b|broker|redis"
    r"|postgres|mysql|mariadb|mongo|rabbit|kafka|elastic|:\d{2,5}\b|<\*>|to (be|become|come|start|accept)\b)"
    r"|\b(starting|booting|launching|initiali[sz]ing)( up\b|.{0,40}\b(app|application|server|service|worker|process"
    r"|daemon|container|gunicorn|uvicorn|puma|celery|nest|uwsgi)\b| \w+ (v?\d|<)| \w+application\b)"
)
_READY = (
    r"\b(is|are|now|became|came|back) (now )?(up|ready|available|reachable|alive|healthy|online|running)\b"
    r"|\baccepting connections\b|\bready (to|for) (accept|handl|serv|connection|request)|\blistening (at|on|for)\b"
    r"|\bconnected( to\b|!|\.?$)|\bconnection (was )?(established|successful|succeeded|ok|acquired|opened)\b"
    r"|\bsuccessfully (connected|started)\b"
    r"|\b(server|application|app|service|worker|broker) (has |successfully )?started\b|\bstarted .{1,100} in [\d<]"
    r"|\bstart(ed|up) (complete|successful)|\bserving (at|on)\b"
    r"|\brunning (at|on) (http|<)|\bready\.?$"
)
_NO_MARK = r"\b(not|never|isn.t|wasn.t|waiting|until|once|when|if|unable|cannot|lost|again|restor\w+|come back)\b"
_STOPS = (
    r"^stop(ping|ped)\b|\bsig(term|int)\b|\bshut(ting)? ?down\b|\bsignal: (term|int|quit)\b|\bstopping\b.{0,40}"
    r"\b(app|service|server|container|worker)|\bgraceful(ly)? (stop|exit|shut)"
)
_AGAIN = r"\b(again|come back|reconnect\w*)\b"
SPAN = 300  # seconds: what is waited for longer is missing
LINES = 50  # between lines that have no time, or the same
TELLING = 20  # characters of a line that another one repeats around the same time
COMPARED = 300  # different lines of a service, the most frequent ones
_CALL = r"^(?i)((fatal )?error|fatal|err)[:!]? +"
HEADLINE = "left(trim(split_part(ltrim(body, ' \t\r\n'), chr(10), 1)), 500)"


def _says(pattern: str) -> str:
    quoted = f"(?i){pattern}".replace("'", "''")
    return f"regexp_matches(said, '{quoted}')"


# Lines near those of which it is `unsure` what they mean: what starts, is ready, or stops as it should.
_MARKS = f"""
marks as (
    select target, environment, service, occurred_at, seq, case
        when {_says(_STARTS)} and not {_says(_AGAIN)} then 'start'
        when {_says(_READY)} and not {_says(_NO_MARK)} then 'ready'
        when {_says(_STOPS)} then 'stop' end as mark
    from (
        select logs.target, logs.environment, logs.service, occurred_at, seq, {HEADLINE} as said
        from logs semi join unsure
            on unsure.target = logs.target and unsure.environment = logs.environment
            and unsure.service = logs.service and unsure.span = epoch(occurred_at)::bigint // {SPAN}
        where not fails and occurred_at >= $since
    ) where mark is not null
)
"""
# Numbers of errors and lines do not count on from each other.
_ORDER = "partition by target, environment, service order by occurred_at, kind = 'ready', kind <> 'start', seq"
_WINDOWS = """
    window before as ({} rows between unbounded preceding and 1 preceding),
        after as ({} rows between 1 following and unbounded following)
"""
_OF_LINES = _WINDOWS.replace("{}", "partition by target, environment, service order by occurred_at, seq")
_OF_ERRORS = _WINDOWS.replace("{}", _ORDER)
_UNSURE = f"""
    select distinct target, environment, service, epoch(occurred_at)::bigint // {SPAN} + side as span
    from judged, (values (-1), (0), (1)) as near(side)
"""
_STARTING = f"mark = 'start' and until_ready <= {SPAN}"
_MARKED = """
        last_value(case when kind in ('start', 'ready', 'stop') then kind end ignore nulls) over before as mark,
        epoch(min(occurred_at) filter (kind = 'ready') over after - occurred_at) as until_ready
"""
# Follows a table `untold` of failing lines with what each of them `said`, and leaves those that are `standing`.
STANDING = f"""
judged as (
    select target, environment, service, template, occurred_at, seq, event_id, {_says(_ENDED)} as ended,
        {_says(_COUNTED)} as counted, {_says(_POINTS_BACK)} as points_back, {_says(NOT_UP)} as not_up,
        ends_with(said, ':') as announces
    from untold
), phrases as (
    select target, environment, service, template, regexp_replace(template, '{_CALL}', '') as gist
    from untold where length(replace(template, '<*>', '')) >= {TELLING}
    group by target, environment, service, template
    qualify row_number() over (partition by target, environment, service order by count(*) desc, template) <= {COMPARED}
), repeating as (
    select longer.target, longer.environment, longer.service, longer.template, shorter.template as inner_template
    from phrases as longer join phrases as shorter using (target, environment, service)
    where longer.gist <> shorter.gist and contains(longer.gist, shorter.gist)
), inner_lines as (
    select distinct target, environment, service, template as inner_template, moment + side as moment
    from untold, (values (-1), (0), (1)) as near(side)
    where (target, environment, service, template) in (
        select (target, environment, service, inner_template) from repeating)
), unsure as (
    {_UNSURE} where ended or not_up
), {_MARKS}, services as (
    select distinct target, environment, service from judged
    where ended or counted or points_back or not_up or announces
), line_up as (
    select target, environment, service, occurred_at, seq, event_id, template,
        case when ended or counted or points_back then 'sum' else 'told' end as kind
    from judged semi join services using (target, environment, service)
    union all
    select target, environment, service, occurred_at, seq, null, null, 'told'
    from errors semi join services using (target, environment, service) where occurred_at >= $since
    union all
    select target, environment, service, occurred_at, seq, null, null, mark from marks
), around as (
    select event_id,
        epoch(occurred_at - max(occurred_at) filter (kind = 'told') over before) as since_told,
        epoch(occurred_at - max(occurred_at) filter (kind = 'sum') over before) as since_sum,
        seq - max(seq) filter (kind = 'told' and event_id is not null) over before as lines_since_told,
        last_value(case when kind = 'sum' then template end ignore nulls) over before as sum_before,
        epoch(min(occurred_at) filter (kind = 'told') over after - occurred_at) as until_told,
        epoch(occurred_at - max(occurred_at) filter (kind = 'stop') over before) as since_stop,
        {_MARKED}
    from line_up {_OF_LINES}
), standing as (
    select * from untold where event_id not in (
        select event_id from judged join around using (event_id) where
            (since_told > 0 or coalesce(lines_since_told, 0) <= {LINES}) and (
                ended and since_told <= 30 or counted and since_told <= 300 or points_back and since_told <= 3600)
            or (ended or counted or points_back)
                and (until_told <= 1 or since_sum <= 5 and sum_before <> template)
            or ended and mark = 'stop' and since_stop <= 90
            or announces and until_told <= 1
            or not_up and {_STARTING}
        union all
        select event_id from untold join repeating using (target, environment, service, template)
        semi join inner_lines using (target, environment, service, inner_template, moment)
    )
)
"""
WHILE_STARTING = f"""
with judged as (
    select target, environment, service, occurred_at, seq, event_id from errors
    where event_id in (select unnest($newest)) and occurred_at >= $since
), unsure as ({_UNSURE}), {_MARKS}, line_up as (
    select *, 'told' as kind from judged
    union all
    select target, environment, service, occurred_at, seq, null, mark from marks
), around as (
    select event_id, {_MARKED} from line_up {_OF_ERRORS}
)
select event_id from around where event_id is not null and {_STARTING}
"""


def without_starts(cursor: Cursor, rows: list[dict[str, Any]], since: datetime) -> list[dict[str, Any]]:
    """Errors without those that came only while all was starting, as the log says: not ready yet is no failure."""
    newest = [one for row in rows if re.search(NOT_UP, row["said"] or "", re.IGNORECASE) for one in row["evidence"]]
    asked = {"newest": newest, "since": since}
    starting = {row["event_id"] for row in cursor.rows(WHILE_STARTING, asked)} if newest else set()
    return [row for row in rows if not row["evidence"] or not starting.issuperset(row["evidence"])]
