"""What a courier's customers and drivers say, in free words and in a form."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.drives import spread
from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.stage import Stage

said = partial(drives.said, "courier")
BLANK = (
    "The invoice PDF opens blank",
    "my invoice is an empty page when I open it",
    "blank pdf when I download the invoice",
)
TWICE = (
    "I got every invoice twice by mail",
    "two copies of the same invoice mail arrive each month",
    "Duplicate invoice e-mails again, one would do",
)
OFFLINE = (
    "Maps should work offline",
    "offline maps please",
    "let drivers download the map before the tour, there is no signal in the mountains",
    "It would help to have the map without a connection",
)
QUESTIONS = (
    "How do I change my address?",
    "What are your opening hours?",
    "Is there somebody I can call?",
    "Do you deliver to the islands?",
    "Which of the two apps is for drivers?",
)
NEGATED = (
    "No problem at all, it just works",
    "never had an error, bravo",
    "I can't complain",
    "not bad, not bad at all",
    "Nothing is broken, for once",
)
FORMS = (
    {
        "goal": "change my address",
        "attempted": "typed Jürgenstraße 5",
        "blocker": "the street is refused because of the ü",
    },
    {
        "goal": "move to Köln",
        "attempted": "entered the new address",
        "blocker": "the address form says invalid characters in street",
    },
    {
        "goal": "another delivery address",
        "attempted": "Åkervägen 3",
        "blocker": "invalid characters, though my street is written like that",
    },
)


def filled_in(stage: Stage) -> None:
    for number, form in enumerate(FORMS, 1):
        with stage.round(f"said {number}"):
            stage.remark(**form, user=f"visitor-{number}", service="courier")


def once(count: int) -> tuple[Play, ...]:
    return tuple(Play(take=f"said {n}", times=1, since=6, first_visitor=10 * n) for n in range(1, count + 1))


SCENARIOS = [
    Scenario(
        name="invoices_blank_and_twice",
        family="feedback",
        drive=said(blocker=BLANK + TWICE),
        plays=spread(6),
        expected=(
            Expected(kinds=("feedback",), where=("blank", "empty")),
            Expected(kinds=("feedback",), where=("twice", "two copies", "duplicate")),
        ),
        story="Some invoices are blank, others come twice: both are about invoices, and they are two causes.",
    ),
    Scenario(
        name="street_with_umlaut",
        family="feedback",
        drive=filled_in,
        plays=spread(3),
        expected=(Expected(kinds=("feedback",), where=("street", "invalid characters", "address")),),
        story="Three people fill in a form: what they wanted, tried, and what was in the way: streets with ü and å.",
    ),
    Scenario(
        name="maps_without_signal",
        family="feedback",
        drive=said(suggestion=OFFLINE),
        plays=spread(4),
        expected=(Expected(kinds=("suggestion",), where=("map", "offline")),),
        story="Drivers wish for maps that work offline, in words of their own.",
    ),
    Scenario(
        name="five_questions",
        family="feedback",
        drive=said(said=QUESTIONS),
        plays=once(5),
        story="Five people ask five things, once each: a word with them, and nothing is to be changed.",
    ),
    Scenario(
        name="no_problem_at_all",
        family="feedback",
        drive=said(said=NEGATED),
        plays=spread(5),
        story="Errors that never were, problems there are none of: praise in words that sound like trouble.",
    ),
]
