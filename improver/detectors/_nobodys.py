"""What is raised and is nobody's failure: who was asked to end, a script of the visitor's browser, a refusal."""

import re
from collections.abc import Sequence
from typing import Any

from improver.grouping import raising
from improver.model import Cursor, Frame

Group = tuple[str, str, str, str]

MOST = 200  # groups that are asked about at once, those with most events first

_NOWHERE = ("", "<anonymous>", "[native code]", "native code", "native")
# How browsers and their extensions say so where they name no script: of each other, and of what they put into pages.
_BROWSERS = re.compile(
    r"Extension context invalidated|Receiving end does not exist|message (?:port|channel) closed before a response"
    r"|\bdisconnected port object\b|\bInvalid call to runtime\.sendMessage\b|\b__(?:gCrWeb|firefox__)\b"
    r"|\bObject Not Found Matching Id:\d{1,9}, MethodName:|\b_AutofillCallbackHandler\b|\binstantSearchSDKJSBridge"
    r"|\bredefine (?:non-configurable )?property:? \"?(?:ethereum|solana|tronLink|tronWeb|phantom|BinanceChain)\b"
    r"|^Java (?:object is gone|exception was raised during method invocation)$"
    # It goes on in the next frame.
    r"|^ResizeObserver loop "
)
# A code that says nothing, signals that ask a process to end, and what shells make of these.
_ENDED = {
    "SystemExit": re.compile(r"(?:None|exit|-?\d{1,10})?"),
    "SignalException": re.compile(r"(?:SIG)?(?:INT|TERM|HUP)"),
    "": re.compile(r"ended with exit code (?:129|130|143)\b.*", re.DOTALL),
}
# The first are Go's, which has other words for what took too long.
_SAYS_SO = re.compile(
    r"(?:.{0,1000}\W)?context canceled"
    r"|(?:\w{1,30} )?(?:(?:received|got|caught) (?:a )?(?:signal )?)?SIG(?:TERM|INT|HUP)(?: signal)?(?: received)?\.?"
)
_WATCHDOGS = ("handle_abort",)  # gunicorn's, where a request took too long

# HTTP's answers, and gRPC's where the argument, what is asked for, or who asks, was not right.
_REFUSED = r"4\d\d|grpc (3|5|6|7|9|11|16)"
# How the requests ended on whose spans it was recorded, and nowhere else.
ANSWERS = f"""
with told as (
    select target, environment, key, collector, service, trace_id, message from errors
    where event_id in (select unnest($evidence))
), answers as (
    select target, environment, service, trace_id, bool_and(regexp_full_match(answer, '{_REFUSED}')) as refused
    from (
        select *, coalesce(
            data->>'$.attributes."http.response.status_code"', data->>'$.attributes."http.status_code"',
            'grpc ' || (data->>'$.attributes."rpc.grpc.status_code"')
        ) as answer
        from spans where root and trace_id in (select trace_id from told where trace_id <> '')
    ) where answer is not null group by all
)
select target, environment, key, collector from told left join answers using (target, environment, service, trace_id)
group by all
having bool_and(message = '') and coalesce(bool_and(refused), false) and 2 * count(refused) >= count(*)
"""


def was_ended(name: str, said: str, frames: Sequence[Frame]) -> bool:
    """Somebody wanted the process, or what it was asked for, to end, and it did."""
    if _SAYS_SO.fullmatch(said.strip()):
        return True
    ended = _ENDED.get(name)
    if ended is None or not ended.fullmatch(said.strip()):
        return False
    return not any(frame.function in _WATCHDOGS for frame in frames)


def is_browsers(said: str, frames: Sequence[Frame], injected: Sequence[str]) -> bool:
    """Whether the innermost script was put into the page by the visitor's browser, or an extension of it."""
    if not injected:
        return False
    scripts = [place for frame in frames if (place := frame.abs_path or frame.filename) not in _NOWHERE]
    return "".join(scripts[-1:]).startswith(tuple(injected)) or bool(_BROWSERS.search(said))


def refused(cursor: Cursor, rows: list[dict[str, Any]]) -> set[Group]:
    """What the app raised on purpose, and answered with 4xx each time: whoever asked caused it."""
    asked = [
        row
        for row in rows
        if row["collector"] == "otlp" and raising.refuses(row["frames"], row["exception_type"] or "")
    ]
    evidence = [event for row in asked[:MOST] for event in row["evidence"]]
    found = cursor.rows(ANSWERS, {"evidence": evidence}) if evidence else []
    return {(row["target"], row["environment"], row["key"], row["collector"]) for row in found}
