"""Jobs of a tide service at the command line, under sentry-sdk; cron asks for them, and Sentry's crons watch them."""

import random
import sys
import time

import sentry_sdk
from sentry_sdk.crons import monitor
from telemetry import sentry

sentry()
CONFIG = {
    "schedule": {"type": "crontab", "value": "15 * * * *"}, "timezone": "UTC", "checkin_margin": 120, "max_runtime": 30,
}  # fmt: skip
FEET = {"harbour": 12.5, "pier": "9.1 ft", "bridge": 3.75}


class BadReading(Exception):
    """A gauge said something that is no height."""


def metres(feet):
    return round(float(feet) * 0.3048, 2)


def height_at(gauge):
    try:
        return metres(FEET[gauge])
    except ValueError as error:
        raise BadReading(f"gauge {gauge} in run {random.randrange(10**6)}: {FEET[gauge]!r} is no height") from error


@monitor(monitor_slug="tide-tables", monitor_config=CONFIG)
def tables():
    for gauge in FEET:
        height_at(gauge)


@monitor(monitor_slug="buoy-sync", monitor_config=CONFIG)
def buoys():
    """It takes as long as the sea is rough; what was synced already is passed over."""
    time.sleep(random.uniform(0.02, 0.3))
    sentry_sdk.add_breadcrumb(message="3 buoys skipped, error count 0")


def height():
    """What a person asks for at a terminal: `height GAUGE`."""
    print(height_at(sys.argv[2]))


{"tables": tables, "buoys": buoys, "height": height}[sys.argv[1]]()
sentry_sdk.flush(5)
