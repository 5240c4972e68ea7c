"""What programs of a night shift log: failures out of sight, and lines that are no failure."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.label import Play, Scenario, error
from tests.scenarios.stage import Stage

logged = partial(drives.logged, "night.py")
DAYS = (Play(take="run", times=6, since=6),)
# As Spring Boot's console has it.
JAVA_LINE = "-Djava.util.logging.SimpleFormatter.format=%1$tF %1$tT.%1$tL %4$-7s 1 --- [main] %3$s : %5$s%6$s%n"


def reads_meters(stage: Stage) -> None:
    for _ in range(2):
        with stage.round("run"):
            stage.file("logs", "meters.log", stage.ran("java", JAVA_LINE, "Meters.java"))


SCENARIOS = [
    Scenario(
        name="invoices_in_celery",
        family="logs",
        drive=logged("celery", name="celery.log"),
        plays=DAYS,
        expected=(error("rate_of", "billing.invoice", "vat"),),
        story="Every third task raises a KeyError, and the worker's log has the traceback with the task's id: one bug.",
    ),
    Scenario(
        name="payouts_in_logfmt",
        family="logs",
        drive=logged("logfmt", name="payouts.log"),
        plays=DAYS,
        expected=(error("payout not delivered", "i/o timeout"),),
        story="Every fifth payout is not delivered; a line of logfmt says so at level info, with err=.",
    ),
    Scenario(
        name="meters_in_java",
        family="logs",
        drive=reads_meters,
        plays=DAYS,
        expected=(error("kilowattHours", "could not be read", "skipping meter"),),
        story="A Java program logs an exception and what caused it, for another meter and reading each time: one bug.",
    ),
    Scenario(
        name="snapshots_in_syslog",
        family="logs",
        drive=logged("syslog", name="snapd.log"),
        plays=DAYS,
        expected=(error("snapshot of volume", "snapshot"),),
        story="Snapshots of the databases fail night after night; syslog has it at the severity of a notice.",
    ),
    Scenario(
        name="asked_to_stop",
        family="logs",
        drive=logged("gunicorn", name="gunicorn.log"),
        plays=DAYS,
        story="With every deploy the old workers are sent SIGTERM, drain and exit, and new ones boot.",
    ),
    Scenario(
        name="warned_of_nothing",
        family="logs",
        drive=logged("warnings", name="store.log"),
        plays=DAYS,
        story="A deprecation, a default, an unknown key, a disk that is far from full: warnings, and nothing is wrong.",
    ),
    Scenario(
        name="titles_and_drills",
        family="logs",
        drive=logged("words", name="library.log"),
        plays=DAYS,
        story="A book on exceptions, a handbook of errors, failed=0, a failover drill, a browser's favicon.",
    ),
    Scenario(
        name="leases_held_by_others",
        family="logs",
        drive=logged("leases", name="leases.log"),
        plays=DAYS,
        story="A lease is held by another and had at the fourth attempt; a batch is sent at the second.",
    ),
]
