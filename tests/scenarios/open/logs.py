"""Errors that stand in log files only, and log lines that merely speak of errors."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.label import Play, Scenario, error

logged = partial(drives.logged, "chatty.py", name="worker.log")

DAYS = (Play(take="run", times=6, since=6),)

SCENARIOS = [
    Scenario(
        name="saved_at_info",
        family="logs",
        drive=logged("hidden"),
        plays=DAYS,
        expected=(error("could not save order"),),
        story="Every fourth order is lost since the disk is full, and the log says so at INFO.",
    ),
    Scenario(
        name="one_logged_exception",
        family="logs",
        drive=logged("parallel"),
        plays=DAYS,
        expected=(error("save", "No space left", "saving order"),),
        story="The same exception is logged with other numbers and addresses each time: one bug.",
    ),
    Scenario(
        name="harmless_words",
        family="logs",
        drive=logged("harmless"),
        plays=DAYS,
        story="0 errors, a template named error_page, a retry that succeeded: nothing is wrong.",
    ),
]
