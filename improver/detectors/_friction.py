"""What the Detectors of friction have in common: how much is enough, and how sure a share is."""

from math import sqrt

from pydantic import Field

from improver.model import Seen
from improver.model.configured import Configured

Z = 1.96
MANY_PRESSES = 20  # on end of one control: nobody goes on so long with what never answers

# What is asked for in an address and says which thing it is of, unless it says which part of a list, since when, or on
# whose recommendation.
_ID = r"^.(?:id|ID|v|slug|sku|[\w-]+(?:[_-]id|Id|ID))=|=(?:\d+|[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{2,})*)$"
_NO_ID = (
    r"(?i)^.(?:(?:\w+_)?page(?:_?(?:no|num|number|size|index))?|offset|start|from|to|since|until|skip|limit|size|count"
    r"|(?:per|rows|items)_?\w*|sort\w*|order_?by|tab|ts|time\w*|date|day|month|year|_\w*|ver\w*|rev\w*|cb|nonce"
    r"|rand\w*|utm_\w+|\w*clid|mc_\w+|(?:session|client|visitor|campaign)_?id)="
)
# Where somebody was, with the ids that `page` leaves out.
ADDRESS = rf"""(
    coalesce(nullif(regexp_extract(url, '^[^?#]*'), ''), route)
    || case when contains(url, '?') then array_to_string(list_sort(list_filter(
        regexp_extract_all(regexp_replace(url, '#.*', ''), '[?&][^=&]+=[^&]+'),
        lambda part: regexp_matches(part, '{_ID}') and not regexp_matches(part, '{_NO_ID}'))), '') else '' end)"""

# Where something stands among others, which tells those from each other that look alike.
POSITION = r"""array_to_string(regexp_extract_all(chain, 'nth-child="\d+"'), ' ')"""

# Whoever goes back to a page that the browser kept views it again, though only what is done there tells of it. Then
# they came when they left where they were. Without a window's name two windows look like one that goes to and fro.
ARRIVALS = f"""
walk as (
    select *,
        min(step) filter (where act = 'view') over (partition by unit, "window", page) as first_viewed,
        case when lag(act) over steps = 'leave' then lag(begin_ms) over steps end as left_ms,
        last_value(case when act = 'click' then element || {POSITION} end ignore nulls)
            over (steps rows between unbounded preceding and 1 preceding) as clicked_before
    from window_usage where act in ('view', 'click', 'change', 'submit', 'leave')
    window steps as (partition by unit, "window" order by step)
), arrivals as (
    select * replace (case when act = 'view' then begin_ms else coalesce(left_ms, begin_ms) end as begin_ms),
        {ADDRESS} as address
    from (select *, lag(page) over (partition by unit, "window" order by step) as page_before from walk)
    where act = 'view' or (page <> page_before and first_viewed < step and coalesce("window", '') <> '')
)
"""

# What somebody came for is done with a field, a form, an event of the app's own, or a button that did not lead away.
DEEDS = """
deeds as (
    select unit, step, act from window_usage where act in ('change', 'submit', 'event')
    union all
    select unit, step, act from (
        select *, lead(act) over steps as next_act, lead(begin_ms) over steps - begin_ms as until_ms
        from walk window steps as (partition by unit, "window" order by step)
    )
    where act = 'click' and regexp_matches(chain, '^button\\b|^[^;]*attr__role="(?:button|switch|menuitem)"')
        and not regexp_matches(chain, 'cookie|consent') and (next_act = 'click' or until_ms > 1500)
)
"""

# What is drawn, played or turned where no client looks: double clicks are use there, and answers are not seen.
SCENES = "tag in ('canvas', 'video', 'audio', 'object', 'embed')"
AROUND_SCENES = (
    r"mapboxgl-|maplibregl-|leaflet-|\bol-|cesium-|\bgm-|\bvjs-|\bplyr|\bjw-|mejs|shaka-|(?:video|audio)-?player"
)
# What was raised in a session, and what the server raised for whoever's session it is: a server knows no session.
FAILURES = """
people as (
    select distinct unit, target, "user" from window_usage where "user" <> ''
), raised as (
    select session as unit, epoch_us(occurred_at) / 1000.0 as failed_ms, exception_type, key as error_key
    from errors where session in (select unit from touched)
    union all
    select people.unit, epoch_us(occurred_at) / 1000.0, exception_type, key
    from errors join people using (target, "user")
    where session = '' and occurred_at between (select min(occurred_at) from window_usage)
        and (select max(occurred_at) + interval 2 seconds from window_usage)
)
"""


class Frictions(Configured):
    sessions: int = Field(3, ge=1)
    """Seen in fewer sessions, it is no Symptom."""
    users: int = Field(2, ge=1)
    """Seen of fewer people, where people are told apart, it is no Symptom: one may have a habit."""
    most_s: float = 120
    """What somebody lost by one of them is counted up to as many seconds: after that they did something else."""


def enough(seen: Seen, config: Frictions) -> bool:
    return seen.units >= config.sessions and (not seen.users or seen.users >= config.users)


def least_share(hits: int, of: int) -> float:
    """The lower end of Wilson's interval of a share."""
    return _middle(hits, of) - _margin(hits, of) if of else 0.0


def most_share(hits: int, of: int) -> float:
    return _middle(hits, of) + _margin(hits, of) if of else 1.0


def _middle(hits: int, of: int) -> float:
    return (hits + Z * Z / 2) / (of + Z * Z)


def _margin(hits: int, of: int) -> float:
    return Z / (of + Z * Z) * sqrt(hits * (of - hits) / of + Z * Z / 4)
