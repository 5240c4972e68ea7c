"""Errors of pages that only say that a request failed, and the server's that made it fail, in the same traces."""

import re
from typing import Any

from improver.model import Cursor

Group = tuple[str, str, str, str]

MOST = 200  # groups that are asked about at once, those with most events first
TRACES = 2
SHARE = 0.8  # a page that says so of many failures comes of none of them

_STATUS = r"5(?:0\d|1[01]|2\d|30)"
_ENDS = r"(?=\s{0,3}(?:$|[^\w\s]|(?:from|for|on|at|by|when|while|internal|bad|service|gateway|server|error)\b))"
_FAILED = re.compile(
    rf"\b(?:status|code|http|fail\w{{0,3}}|error|load\w{{0,3}}|respon\w{{2,5}}|answer\w{{0,2}}|got|return\w{{0,2}}"
    rf"|request|fetch\w{{0,3}}|server)\b[^\n]{{0,60}}?\b{_STATUS}\b{_ENDS}"
    rf"|\b{_STATUS}\b[\s:(,\u2013-]{{0,3}}(?:internal|bad gateway|service|gateway|server|error)"
    r"|\b(?:internal server error|bad gateway|service unavailable|gateway time-?out)\b",
    re.IGNORECASE,
)

# An error that nobody caught answers a request with 5xx sooner than one that somebody did.
SHARED = """
with page as (
    select distinct target, environment, key, collector, trace_id from errors
    where event_id in (select unnest($evidence)) and platform = 'javascript' and trace_id <> ''
), server as (
    select target, environment, trace_id, key as cause, bool_or(not handled) as surfaced from errors
    where trace_id in (select trace_id from page) and platform <> 'javascript' group by all
)
select target, environment, page.key as key, page.collector as collector, cause,
    count(distinct trace_id) as shared,
    any_value(traces) as traces,
    bool_or(surfaced) as surfaced
from page join server using (target, environment, trace_id)
join (select target, environment, key, collector, count(*) as traces from page group by all) as whole
    using (target, environment, key, collector)
group by target, environment, page.key, page.collector, cause
"""


def says_request_failed(said: str) -> bool:
    return bool(_FAILED.search(said[:1000]))


def causes(cursor: Cursor, rows: list[dict[str, Any]]) -> dict[Group, str]:
    """The key of the server's error by the group of the page's."""
    asked = [row for row in rows if says_request_failed(row["said"] or "")][:MOST]
    evidence = [event for row in asked for event in row["evidence"]]
    found: dict[Group, list[dict[str, Any]]] = {}
    for row in cursor.rows(SHARED, {"evidence": evidence}) if evidence else ():
        if row["shared"] >= max(TRACES, SHARE * row["traces"]):
            group = row["target"], row["environment"], row["key"], row["collector"]
            found.setdefault(group, []).append(row)
    return {group: cause for group, shared in found.items() if (cause := _one(shared))}


def _one(shared: list[dict[str, Any]]) -> str:
    """The one that surfaced; of several nobody knows which."""
    surfaced = [row for row in shared if row["surfaced"]] or shared
    return str(surfaced[0]["cause"]) if len(surfaced) == 1 else ""
