"""Routes that became slower by what was found to be slow in them: one cause, told twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from improver.model import COMES_OF, FindingKind, Symptom

SLOWER = "latency_regression"
WHOLE_CAUSE = 0.8  # of the time that a route takes longer is spent in what it comes of
ANEW = 0.1  # as often, in an hour, what began with it was seen before, at most
ABOUT = timedelta(hours=6)
HOUR = timedelta(hours=1)


def explained(symptoms: Sequence[Symptom], now: datetime) -> list[Symptom]:
    """The same, those of routes with what they come of, where that is known."""
    told = [one for one in symptoms if one.kind == FindingKind.PERFORMANCE and one.pattern != SLOWER]
    return [_explained(one, told, now) if one.pattern == SLOWER and not one.cause else one for one in symptoms]


def _explained(slower: Symptom, told: Sequence[Symptom], now: datetime) -> Symptom:
    causes = [one for one in told if _is_why(one, slower, now)]
    if not causes:
        return slower
    most = max(causes, key=lambda one: (one.minutes_week, one.key))
    return replace(slower, system_keys=(*slower.system_keys, COMES_OF + most.key))


def _is_why(slow: Symptom, slower: Symptom, now: datetime) -> bool:
    """It is of the same route, costs nearly all of the time that was added, and began when that did."""
    if (slow.target, slow.environment, slow.route) != (slower.target, slower.environment, slower.route):
        return False
    if slow.minutes_week < WHOLE_CAUSE * slower.minutes_week or not slower.minutes_week:
        return False
    if slow.first_seen >= slower.first_seen - ABOUT:
        return True
    hours = max(0, len(slow.hourly) - int((now - slower.first_seen + ABOUT) / HOUR))
    before, since = slow.hourly[:hours], slow.hourly[hours:]
    return bool(before) and sum(before) * len(since) <= ANEW * sum(since) * len(before)
