"""What people say of calendars and of a help desk, in notes, in forms, and in what is no word at all."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.drives import spread
from tests.scenarios.label import Expected, Play, Scenario

said = partial(drives.said, "calendar")
HOUR = (
    "Since the clocks changed all my appointments show one hour late",
    "invites arrive with the wrong time, off by an hour",
    "meeting said 10:00 but everybody else had 9:00, it is an hour out",
    "my whole week moved by 60 minutes after daylight saving",
)
KIND = ("Lovely tool, thanks!", "does the job", "quick answer from your support, much appreciated")
KEYS = (
    "A keyboard shortcut to jump to the next ticket would be great",
    "please let me go to the next ticket with a key",
    "hotkeys for next/previous ticket, like j and k",
)
BULK = (
    "I'd like to close many tickets at once",
    "bulk close: tick twenty tickets, close them all",
    "closing a batch of tickets in one go would save me an hour on Fridays",
)
NOISE = ("n/a", "test", "asdfghjkl", "-", "ok", "no comment", "...", "hi")
MOODS = (
    "The spring weather is terrible this year, but you can't help that",
    "My boss is a pain, the tool is fine",
    "Used to be broken on my old phone, all good since I bought a new one",
    "Had a problem at first, found the answer in your docs within a minute",
)


def once(count: int) -> tuple[Play, ...]:
    return tuple(Play(take=f"said {n}", times=1, since=6, first_visitor=10 * n) for n in range(1, count + 1))


SCENARIOS = [
    Scenario(
        name="an_hour_out",
        family="feedback",
        drive=said(blocker=HOUR, said=KIND),
        plays=spread(7),
        expected=(Expected(kinds=("feedback",), where=("hour", "60 minutes", "wrong time")),),
        story="Appointments are an hour out since the clocks changed, which people say with four different words for"
        " an hour and for an appointment; others say thank you.",
    ),
    Scenario(
        name="keys_and_bulk",
        family="feedback",
        drive=said(suggestion=KEYS + BULK),
        plays=spread(6),
        expected=(
            Expected(kinds=("suggestion",), where=("shortcut", "hotkeys", "next ticket")),
            Expected(kinds=("suggestion",), where=("bulk", "at once", "batch")),
        ),
        story="Two wishes, both about tickets: keys to get to the next one, and to close many at once.",
    ),
    Scenario(
        name="nothing_was_said",
        family="feedback",
        drive=said(said=NOISE),
        plays=once(8),
        story="What a field gets that must not be empty: n/a, test, asdfghjkl.",
    ),
    Scenario(
        name="troubles_of_others",
        family="feedback",
        drive=said(said=MOODS),
        plays=once(4),
        story="Weather, a boss, an old phone, a problem that the docs solved: words of trouble, and none is ours.",
    ),
]
