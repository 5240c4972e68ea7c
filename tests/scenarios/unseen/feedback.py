"""What members of a sports club and operators say, and what forms get that is no remark at all."""

from functools import partial

from tests.scenarios import drives
from tests.scenarios.drives import spread
from tests.scenarios.label import Expected, Play, Scenario

said = partial(drives.said, "club")
TWO_PAYMENTS = (
    "I was charged twice for November",
    "my bank statement shows two payments to you this month, I have only one membership",
    "You took the monthly fee two times!",
    "double charge on my credit card on the 1st",
)
WAITING = (
    "The waiting list for yoga never moves, though people cancel",
    "someone cancelled and the place stayed empty while I was first on the waiting list",
    "waitlist is useless, I'm number 1 since Tuesday and saw three free spots in the class",
)
THANKS = ("Great trainers", "nice that booking works from the phone", "Love the new rowing machines!")
CALENDARS = (
    "It would be great to have my classes in Google Calendar",
    "could you offer an ics feed I can subscribe to, so that my bookings show up in Outlook?",
    "Please sync my booked classes with my phone's calendar",
    "add to calendar button after booking a class",
)
HAPPY = (
    "Insanely fast, I'm blown away",
    "the killer feature for me is the class finder",
    "This is sick!! my friends are all hooked",
    "I'd be lost without it",
    "Stupidly simple. Booked in ten seconds, no trouble whatsoever",
    "used to hate booking by phone, this is so much better",
)
FREE_OF_BLOCKERS = (
    "nothing, everything went through at the first attempt",
    "No blockers today.",
    "none - all five bookings were made as asked",
    "I did not run into any obstacles",
    "Nothing blocked me; the tools did what they say",
)
ADVERTISING = (
    "Dear Sir/Madam, we can get your website to page 1 of Google, reply for our SEO packages",
    "Earn $500 a day from home!!! visit http://easy-money.example",
    "Buy followers cheap, 10000 for 9.99",
    "We noticed errors on your website that hurt your ranking, our experts will fix them for only $99",
    "crypto casino bonus 200% no deposit http://lucky.example",
)


def once(count: int) -> tuple[Play, ...]:
    return tuple(Play(take=f"said {n}", times=1, since=6, first_visitor=10 * n) for n in range(1, count + 1))


SCENARIOS = [
    Scenario(
        name="charged_twice_and_waiting",
        family="feedback",
        drive=said(blocker=TWO_PAYMENTS + WAITING, said=THANKS),
        plays=spread(10),
        # Why: money was taken twice, and places stay empty: two things to mend, and thanks are none.
        expected=(
            Expected(kinds=("feedback",), where=("charge", "payments", "fee")),
            Expected(kinds=("feedback",), where=("waiting list", "waitlist")),
        ),
        story="Members were charged twice, others wait on a list that does not move; some say thank you.",
    ),
    Scenario(
        name="classes_in_my_calendar",
        family="feedback",
        drive=said(suggestion=CALENDARS, said=THANKS),
        plays=spread(7),
        # Why: four ways to ask for the same thing.
        expected=(Expected(kinds=("suggestion",), where=("calendar", "ics", "outlook")),),
        story="Members wish for their classes in a calendar: Google's, Outlook's, the phone's.",
    ),
    Scenario(
        name="insanely_good",
        family="feedback",
        drive=said(said=HAPPY),
        plays=spread(6),
        # Why: strong words, and all of them are happy.
        story="Praise in words that are trouble elsewhere: insane, killer, sick, lost, hate.",
    ),
    Scenario(
        name="no_blockers_today",
        family="feedback",
        drive=said(blocker=FREE_OF_BLOCKERS),
        plays=spread(5),
        # Why: the field asks what was in the way, and the answer is nothing.
        story="Operators fill in what blocked them after every session: nothing did.",
    ),
    Scenario(
        name="seo_and_casinos",
        family="feedback",
        drive=said(said=ADVERTISING),
        plays=once(5),
        # Why: advertising tells nothing of the app, also where it speaks of errors and fixing.
        story="What an open form gets: offers for ranking, followers, money and casinos.",
    ),
]
