"""Error-retry loops: an agent calls a tool again and again, and gets the same error."""

from pydantic import Field

from improver.detectors._agent_calls import COST, Calls, enough, wasted
from improver.model import FindingKind, Seen, Told

OVER = "conversations"
KIND = FindingKind.AGENT_FRICTION
VERSION = 1
REMEDY = "Let the error say what the tool takes instead, or take what was meant."


class Config(Calls):
    errors: int = Field(3, ge=2)
    """As many times the same error, with nothing changed in between, at least."""


# Whoever changes something and tries again works, as with a test that fails until the code is right.
QUERY = rf"""
with failed as (
    select *, {COST} as cost, trim(regexp_replace(regexp_replace(lower(error[:300]), '(''[^'']*''|"[^"]*"|`[^`]*`)',
        '*', 'g'),
        '[0-9a-f]{{8,}}|[0-9]+', '#', 'g')) as said
    from window_calls where error <> ''
), totals as (
    select unit, count(*) as of from window_calls group by unit
)
select unit, arg_min(event_id, step) as event_id, tool || ' ' || said as key, short as place, sum(cost) as minutes,
    json_object('calls', count(*), 'of', any_value(of), 'tokens', sum(tokens)::bigint,
        'error', arg_max(error[:200], step)) as detail
from failed join totals using (unit)
where not list_contains($ignore::varchar[], tool)
group by unit, epoch, tool, short, said
having count(*) >= $errors
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    return Told(
        title=f"`{seen.place}` is retried into the same error: {seen.detail['error']}",
        advice=f"{wasted(seen)}: let the error of `{seen.place}` name what it takes instead.",
    )
