"""Rage clicks: the same place is clicked again and again, quickly, because nothing seems to happen."""

from improver.detectors._friction import (
    ADDRESS,
    AROUND_SCENES,
    FAILURES,
    MANY_PRESSES,
    POSITION,
    SCENES,
    Frictions,
    enough,
)
from improver.model import FindingKind, Seen, Told

OVER = "sessions"
KIND = FindingKind.FRICTION
VERSION = 4
REMEDY = "Answer the click at once, or say what is missing."


class Config(Frictions):
    clicks: int = 3
    """As many clicks, each soon after and near to the one before; only asked where no client counted them itself."""
    gap_ms: float = 1000
    """How soon."""
    most: int = MANY_PRESSES
    """Who clicks as often on end gets somewhere, if slowly, unless a client says that nothing happens."""
    near_px: float = 30
    """How near, across and down together; without coordinates the same element is near."""
    says: str = (
        r"[+<>«»‹›←→↑↓▲▼−–-]+|\d{1,3}|[+±−–-] ?\d{1,3}(?: ?(?:%|\w{1,7}))?|load more|show more|zoom (?:in|out)"
        r"|[<«‹← ]*(?:next|prev|previous|earlier|later|older|newer|forwards?|backwards?)(?: \w+)?[>»›→ ]*"
        r"|(?:one )?(?:more|less|fewer)(?: \w+)?|(?:add )?another(?: \w+)?|undo|redo"
    )
    """What is written on elements that are there to be clicked many times: steppers, pages, carousels."""
    called: str = (
        r"plus|minus|increment|decrement|increase|decrease|one more|one less|stepper|spinner|quantity"
        r"|\bqty|(?:-|_)(?:more|less|fewer|later|earlier|older|newer)\b"
        r"|pagina|\bpager|carousel|slick|swiper|slide|\bnext\b|\bprev|arrow|chevron|keypad|numpad|zoom|volume"
        rf"|{AROUND_SCENES}"
    )
    """What they, or one of the two around them, are called. Where their clicks were told to be dead, that is moot."""
    not_yet: str = (
        r"\b(?:busy|loading|spinner|pending|please wait|retry|again|fail\w*|error|invalid|\w{3,}ing *(?:\.\.\.|…))"
    )
    """An element that says so has not done what it was clicked for: that is no answer."""
    once: str = (
        r"save|send|submit|pay|buy|order now|order$|book|reserve|check ?out|confirm|apply|accept|agree|approve|publish"
        r"|finish|complete|generate|download|export|print|import|upload|install|subscribe|register|join|retry|try again"
        r"|sign (?:in|up|out)|log ?(?:in|out)|connect"
    )
    """What is written first on elements that are done with after one click: that the page changed is no answer then."""


# What is made to be clicked, and all that shows in which state it is. Where it stands among others does not: a message
# that comes above moves it.
CONTROL = r"^(?:button|a|input|select|label|summary)\b|attr__role=.(?:button|switch|tab|checkbox|radio|option|menuitem)"
SHOWN = (
    r'^[a-z0-9-]+|(?:text|attr__(?:id|name|class|href|data-state|aria-(?:pressed|checked|expanded|selected|current|sort'
    r'|valuenow|label)))="[^"]*"'
)
# What ends in an exception is an error click, and what is typed into is clicked to put the cursor there. A click was
# answered when the next one meets another address, another control or the same one in another state. The client's word
# that it was rage stands unless all that we know of the clicks around it were answered; its own click comes beside it.
# A client that looks for dead clicks, and has loaded what that takes, says by its silence that the page changed after
# each: an answer, unless it was submitted, says that it is not done, or is done with after one click.
QUERY = rf"""
with {FAILURES}, beside as (
    select *, act = 'click' and (
        coalesce(lag(act) over steps = 'rage' and lag(element) over steps = element
            and begin_ms - lag(begin_ms) over steps < 50, false)
        or coalesce(lead(act) over steps = 'rage' and lead(element) over steps = element
            and lead(begin_ms) over steps - begin_ms < 50, false)) as told_twice
    from window_usage where act in ('click', 'rage') window steps as (partition by unit order by step)
    qualify act = 'rage' or begin_ms - lag(begin_ms) over steps < $gap_ms
        or lead(begin_ms) over steps - begin_ms < $gap_ms
), clicks as (
    select *, bool_or(act = 'rage') over (partition by unit) as by_client,
        coalesce(begin_ms - lag(begin_ms) over steps < $gap_ms, false) as soon,
        coalesce(abs(x - lag(x) over steps) + abs(y - lag(y) over steps) < $near_px,
            element <> '' and element = lag(element) over steps and {POSITION} = lag({POSITION}) over steps, false)
            as near,
        {ADDRESS} <> lag({ADDRESS}) over steps as moved,
        case when chain <> lag(chain) over steps then [lag(chain) over steps, chain] end as chains
    from beside where not told_twice window steps as (partition by unit order by step)
), controls as (
    select *, list_transform(case when soon then chains end, lambda told: list_transform(
        string_split(told, ';')[1:greatest(1, coalesce(list_position(list_transform(string_split(told, ';')[1:4],
            lambda part: regexp_matches(part, '{CONTROL}')), true), 1))],
        lambda part: array_to_string(regexp_extract_all(part, '{SHOWN}'), ' '))) as controls
    from clicks
), waiting as (
    select *, regexp_matches(regexp_replace(controls[1]::varchar || controls[2]::varchar, '[\w-]+:[^\s"]+', '', 'g'),
        $not_yet) as not_yet
    from controls
), answers as (
    select *, coalesce(moved, false) or coalesce(
        (controls[1][-1] <> controls[2][-1] or (controls[1] <> controls[2] and
            list_transform(controls[1], lambda part: regexp_extract(part, '^[a-z0-9-]+'))
                = list_transform(controls[2], lambda part: regexp_extract(part, '^[a-z0-9-]+'))))
        and not not_yet, false) as answered
    from waiting
), counted as (
    select *, soon and (near or by_client) as follows,
        sum((not follows)::integer) over (partition by unit order by step) as burst
    from answers
), around as (
    select unit, burst, any_value(by_client) as by_client, count(*) as clicks, arg_min(event_id, step) as event_id,
        any_value(page) as page, any_value(element) as element, any_value(tag) as tag, any_value(chain) as chain,
        any_value(device) as device, min(begin_ms) as begin_ms, max(begin_ms) as end_ms, max(next_ms) as next_ms,
        count(*) < $clicks or bool_or(follows and not answered) as in_vain, coalesce(bool_or(not_yet), false) as not_yet
    from counted group by unit, burst
), bursts as (
    select unit, counted.event_id, counted.page, counted.element, counted.tag, counted.chain, counted.device,
        counted.begin_ms, counted.next_ms, 3 as clicks, around.clicks as on_end, around.begin_ms as first_ms, end_ms,
        around.not_yet
    from counted join around using (unit, burst) where act = 'rage' and in_vain
    union all
    select unit, event_id, page, element, tag, chain, device, begin_ms, next_ms, clicks, clicks, begin_ms, end_ms,
        not_yet
    from around where not by_client and clicks >= $clicks and in_vain
), dead as (
    select unit, element, begin_ms as dead_ms from window_usage where act = 'dead'
), watchful as (
    select event_id from usage
    where seq in (select seq from window_usage where event_id in (select event_id from bursts))
        and json_extract_string(data, '$.properties."$dead_clicks_enabled_server_side"') = 'true'
        and target in (select distinct target from usage where name in ('$dead_click', '$web_vitals'))
), changed as (
    select event_id from bursts
    where event_id in (select event_id from watchful) and not not_yet
        and not regexp_matches(regexp_extract(lower(element), '"\s*(.*)"$', 1), '^(?:' || $once || ')\b')
        and not exists (from dead where dead.unit = bursts.unit and dead_ms between first_ms - 100 and end_ms + 100)
        and not exists (from window_usage as submitted where submitted.unit = bursts.unit and act = 'submit'
            and submitted.begin_ms between first_ms and end_ms + 100)
)
select unit, arg_min(event_id, begin_ms) as event_id, page || ' ' || regexp_replace(element, '\d+', '*', 'g') as key,
    element as place,
    least(max(next_ms) - min(begin_ms), $most_s * 1000) / 60000 as minutes,
    json_object('clicks', max(clicks), 'page', any_value(page), 'device', any_value(device)) as detail
from bursts
where not (tag in ('input', 'textarea', 'select') and not regexp_matches(chain,
    'type="(button|submit|image|reset|checkbox|radio)"'))
    and not {SCENES} and ((unit, element) in (select unit, element from dead) or on_end < $most and not (
        regexp_matches(lower(element), '"\s*(' || $says || ')\s*"$')
        or regexp_matches(lower(element) || ' ' || array_to_string(string_split(chain, ';')[1:3], ' '), $called)))
    and event_id not in (select event_id from changed)
    and not exists (from raised where raised.unit = bursts.unit and failed_ms between first_ms - 2000
        and end_ms + 2000)
group by unit, page, element
"""


def told(seen: Seen, config: Config) -> Told | None:
    if not enough(seen, config):
        return None
    page = seen.detail["page"]
    return Told(
        title=f"Rage clicks on {seen.place or 'one place'} at {page}",
        advice=f"In {seen.units} sessions it was clicked again and again: answer the click at once, or say what"
        " is missing.",
    )
