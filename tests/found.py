"""A Finding for tests, of which only what matters is said."""

from datetime import UTC, datetime, timedelta

from improver.model import Finding, FindingKind, FindingStatus, Location

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PLACE = Location(file="shop.py", revision="r", line=6)


def finding(**said):
    plain = {
        "id": "f1", "kind": FindingKind.ERROR, "target": "shop", "environment": "production", "service": "shop",
        "fingerprint": "v2:k1", "title": "ZeroDivisionError: division by zero", "status": FindingStatus.OPEN,
        "first_seen": NOW - timedelta(days=30), "last_seen": NOW, "updated_at": NOW, "events": 40, "events_week": 40,
        "hourly": (0, 1, 0, 1) * 42, "exception": "ZeroDivisionError", "location": PLACE, "keys": ("k1",),
    }  # fmt: skip
    return Finding(**plain | said)
