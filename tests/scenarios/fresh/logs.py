"""What machines of an operations room log, among lines that look like failures and are none."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.drives import Drive
from tests.scenarios.label import Play, Scenario, error
from tests.scenarios.stage import Stage

logged = partial(drives.logged, "machines.py")
DAYS = (Play(take="run", times=6, since=6),)


def ledger(what: str) -> Drive:
    def drive(stage: Stage) -> None:
        for number in range(2):
            with stage.round("run"):
                file = stage.folder / f"{number}-postgresql.log"
                stage.run("ledger_db.py", what, str(file))
                stage.file("logs", "postgresql.log", file.read_text())

    return drive


SCENARIOS = [
    Scenario(
        name="mails_given_up",
        family="logs",
        drive=logged("slog", name="mailer.log"),
        plays=DAYS,
        expected=(error("giving up on mail", "sender is not authenticated"),),
        story="Go's slog has it as a warning: a mail was tried three times and dropped. Others go out at the second"
        " try, and the queue is sometimes longer than usual.",
    ),
    Scenario(
        name="rollout_in_events",
        family="logs",
        drive=logged("rollout", name="events.log"),
        plays=DAYS,
        story="A rolling deployment in Kubernetes' events: a pod waits for a node, is not ready yet, the old one is"
        " stopped and not ready any more. Warnings, and each passes within the minute.",
    ),
    Scenario(
        name="deadlocked_transfers",
        family="logs",
        drive=ledger("deadlocks"),
        plays=DAYS,
        expected=(error("deadlock detected"),),
        story="Two transfers lock the same two accounts in opposite order. PostgreSQL tells of each deadlock in five"
        " lines, with processes, transactions and numbers of their own: one cause.",
    ),
    Scenario(
        name="database_restarted",
        family="logs",
        drive=ledger("restarted"),
        plays=DAYS,
        story="PostgreSQL: a person calls a query off, checkpoints, a restart that ends one idle session: FATAL and"
        " ERROR are its words for it, and nothing is wrong.",
    ),
    Scenario(
        name="bills_in_rails",
        family="logs",
        drive=logged("rails", name="production.log"),
        plays=DAYS,
        expected=(error("litres", "water_meter.rb", "used_since"),),
        story="Rails logs an exception of a bill as FATAL, over several lines; it does so as well for each bot that"
        " asks for /wp-admin, which is no Finding.",
    ),
    Scenario(
        name="valuations_time_out",
        family="logs",
        drive=logged("nginx_timeouts", name="nginx.log"),
        plays=DAYS,
        expected=(error("upstream timed out", "/valuations"),),
        story="One route's upstream does not answer in a minute: nginx has an error and a 504 for each, which is one"
        " cause told twice. Everything else is answered.",
    ),
    Scenario(
        name="visitors_of_nginx",
        family="logs",
        drive=logged("nginx_visitors", name="nginx.log"),
        plays=DAYS,
        story="nginx logs as errors what visitors did: too large a photo, no favicon, .git, TLS to a plain port.",
    ),
    Scenario(
        name="empty_station",
        family="logs",
        drive=logged("threads", name="batch.log"),
        plays=DAYS,
        expected=(error("mean_of"),),
        story="A batch prints what it does. Its threads die of a division by nought, and Python prints that too.",
    ),
]
