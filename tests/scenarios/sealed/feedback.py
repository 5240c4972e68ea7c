"""What people and operators say about a clinic."""

from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.stage import Stage

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


def said(**fields: tuple[str, ...]):
    def drive(stage: Stage) -> None:
        number = 0
        for field, texts in fields.items():
            for text in texts:
                number += 1
                with stage.round(f"said {number}"):
                    stage.remark(**{field.rstrip("_"): text, "user": f"visitor-{number}", "service": "clinic"})

    return drive


def spread(count: int) -> tuple[Play, ...]:
    return tuple(
        Play(take=f"said {n}", times=2, since=6, visitors=2, first_visitor=10 * n) for n in range(1, count + 1)
    )


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
