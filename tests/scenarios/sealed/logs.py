"""Errors that stand in JSON logs only, and lines that merely speak of errors."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.label import Play, Scenario, error

logged = partial(drives.logged, "importer.py", name="importer.log")

DAYS = (Play(take="run", times=6, since=6),)

SCENARIOS = [
    Scenario(
        name="dropped_at_debug",
        family="logs",
        drive=logged("hidden"),
        plays=DAYS,
        expected=(error("refused", "dropped"),),
        story="Rows are dropped because the ledger cannot be reached, and the log says so at DEBUG.",
    ),
    Scenario(
        name="two_kinds_of_line",
        family="logs",
        drive=logged("two"),
        plays=DAYS,
        expected=(error("rejected", "tax id"), error("bounced", "mail to")),
        story="Unknown tax ids and bounced mails, with other numbers and addresses each time: two Findings.",
    ),
    Scenario(
        name="mere_talk",
        family="logs",
        drive=logged("harmless"),
        plays=DAYS,
        story='An error rate of zero, cancelled answers, 404s, a search for the words "fatal error".',
    ),
]
