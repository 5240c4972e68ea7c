"""What the Detectors of friction have in common: how much is enough, and how sure a share is."""

from math import sqrt

from pydantic import Field

from improver.model import Seen
from improver.model.configured import Configured

Z = 1.96

# Where somebody was, with the ids that `page` leaves out, and without what is asked for there.
ADDRESS = r"coalesce(nullif(regexp_extract(url, '^[^?#]*'), ''), route)"

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
