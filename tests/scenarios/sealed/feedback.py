"""What people and operators say about a clinic."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.drives import spread
from tests.scenarios.label import Expected, Scenario

said = partial(drives.said, "clinic")

LOGIN = (
    "I am logged out every few minutes and lose what I typed",
    "keeps logging me out while I fill in the form",
    "Session expires far too quickly, had to sign in five times today",
)
PRINT = ("printing the letter cuts off the last line", "last line of letters missing on paper when printed")
REMINDERS = (
    "Could patients get a reminder by SMS the day before?",
    "please send SMS reminders for appointments",
    "a text message reminder before the appointment would help",
)
CHATTER = ("ok", "very nice, thank you", "who made this?", "👍", "I like the colours")


SCENARIOS = [
    Scenario(
        name="logged_out_and_cut_off",
        family="feedback",
        drive=said(blocker=LOGIN, said=PRINT),
        plays=spread(5),
        expected=(
            Expected(kinds=("feedback",), where=("logged", "logging", "Session")),
            Expected(kinds=("feedback",), where=("print",)),
        ),
        story="Some are logged out too soon, others miss the last line on paper: two Findings.",
    ),
    Scenario(
        name="reminders_by_sms",
        family="feedback",
        drive=said(suggestion=REMINDERS),
        plays=spread(3),
        expected=(Expected(kinds=("suggestion",), where=("SMS", "remind")),),
        story="Several wish for reminders by SMS.",
    ),
    Scenario(
        name="chatter",
        family="feedback",
        drive=said(said=CHATTER),
        plays=spread(5),
        story="Praise, questions and thumbs: nothing is to be changed.",
    ),
]
