"""What cron and people ask of a sports club's machine: reminders, an import of members, a report; under sentry-sdk."""

import random
import sys
import time

import sentry_sdk
from a_renewal import JOINED, next_renewal
from telemetry import sentry

sentry()


def reminders():
    """The night's mails to everybody whose membership ends within a month."""
    due = [number for number, joined in JOINED.items() if next_renewal(joined, 2027).month == 3]
    print(f"{len(due)} reminders")


def members():
    """From the federation's list; most of them are here already."""
    with sentry_sdk.start_transaction(op="task", name="import members"):
        seen, new = random.randrange(300, 420), random.randrange(9)
        time.sleep(random.uniform(0.02, 0.08))
        sentry_sdk.capture_message(
            f"import of members finished: {seen} rows, {new} new, {seen - new} skipped as they exist, 0 failed",
            level="info",
        )


def report():
    """Attendance of a year, class by class: a person waits for it, or does not."""
    for name in ("yoga", "rowing", "boxing", "judo", "swimming", "chess") * 40:
        visits = [random.gauss(14, 3) for _ in range(20000)]
        time.sleep(0.1)
        print(f"{name}: {sum(visits) / len(visits):.1f} on average", flush=True)


{"reminders": reminders, "members": members, "report": report}[sys.argv[1]]()
sentry_sdk.flush(5)
