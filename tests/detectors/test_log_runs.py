"""What the lines around an error say of it: that all was only starting."""

from datetime import timedelta

import pytest

from improver.config import Settings
from improver.detectors import _log_runs
from improver.model import ErrorEvent, LogEvent, Payload, Raised, TrustLabel
from improver.warehouse import Warehouse, events
from tests.world import NOW

REFUSED = "connect ECONNREFUSED 172.18.0.2:5432"


@pytest.fixture
def telemetry():
    warehouse = Warehouse.in_memory(Settings().warehouse)
    yield warehouse.telemetry
    warehouse.close()


def left(telemetry, *happened, said=REFUSED):
    """Whether the errors of a log are left; an error is `None` among its lines."""
    common = {"payload_id": "p", "service": "shop", "environment": "production"}
    told = [
        LogEvent(**common, body=one, occurred_at=NOW - timedelta(minutes=5, seconds=-n), severity=9)
        if one
        else ErrorEvent(
            **common, raised=(Raised(type="Error", value=said),), occurred_at=NOW - timedelta(minutes=5, seconds=-n)
        )
        for n, one in enumerate(happened)
    ]
    payload = Payload(id="p", collector="logs", path="/", received_at=NOW, body=b"", trust=TrustLabel.SERVER)
    placed = [events.Placed(event=one, payload=payload, ordinal=n, target="shop") for n, one in enumerate(told)]
    with telemetry.transaction() as writer:
        events.append(writer, events.tables(placed), events.next_seq(writer))
    with telemetry.reading() as cursor:
        evidence = [row["event_id"] for row in cursor.rows("select event_id from errors")]
        group = {"said": said, "evidence": evidence}
        return _log_runs.without_starts(cursor, [group], (NOW - timedelta(days=1)).replace(tzinfo=None)) == [group]


@pytest.mark.parametrize(
    "happened",
    [
        ("Starting Nest application...", None, None, "Nest application successfully started"),
        ("Starting ShopApplication v1.4.0", None, "Starting ShopApplication v1.4.0", "Tomcat started on port 8080",
         "Started ShopApplication in 4.1 seconds"),
        ("waiting for db:5432", None, "db is up"),
    ],
)  # fmt: skip
def test_errors_only_of_what_starts_and_comes_up_are_left_out(telemetry, happened):
    assert not left(telemetry, *happened)


@pytest.mark.parametrize(
    "happened",
    [
        (None,),
        ("Starting Nest application...", None, "12 orders sold"),
        ("Starting Nest application...", "Nest application successfully started", None, "Connected to db"),
        ("Starting Nest application...", None, "Nest application successfully started", None),
    ],
)
def test_errors_of_what_was_up_or_never_is_stay(telemetry, happened):
    assert left(telemetry, *happened)


def test_another_failure_at_the_start_stays(telemetry):
    happened = ("Starting Nest application...", None, "Nest application successfully started")
    assert left(telemetry, *happened, said="Cannot read properties of undefined")
