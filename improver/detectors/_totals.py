"""Symptoms of what only all sessions together show: what a Detector's own SQL has summed up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from improver.model import FindingKind, Symptom, Told, TrustLabel
from improver.model.ids import digest
from improver.statistics import by_hour


def symptom(row: Mapping[str, Any], detector: str, version: int, told: Told, now: datetime) -> Symptom:
    """Of a row with key, place, times, events and all that Events say themselves; `hours` count from `week_before`."""
    return Symptom(
        detector=detector,
        kind=FindingKind.FRICTION,
        pattern=detector,
        grouping_version=version,
        key=digest(detector, row["service"], row["key"]),
        target=row["target"],
        environment=row["environment"],
        service=row["service"],
        source=row["collector"],
        title=told.title,
        advice=told.advice,
        first_seen=row["first_seen"].replace(tzinfo=now.tzinfo),
        last_seen=row["last_seen"].replace(tzinfo=now.tzinfo),
        events=row["events"],
        events_week=row["events_week"],
        users=row["users"],
        minutes_week=row["minutes"] or 0.0,
        hourly=by_hour((hour, 1) for hour in row["hours"] or ()),
        route=row["place"] if row["place"].startswith("/") else "",
        place=row["place"],
        evidence=tuple(row["evidence"]),
        trust=TrustLabel.SERVER if row["trusted"] else TrustLabel.PUBLIC,
        release=row["release"],
    )
