"""A gym's site, its members and its staff: what is in their way, and what only looks so."""

from tests.scenarios.drives import takes
from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.visits import Visit


def reads_classes(visitor: Visit) -> None:
    visitor.go("gym-home.html")
    visitor.look(1.5)
    visitor.follow("#to-classes")
    visitor.look(2)
    visitor.follow("#class-yoga")
    visitor.look(6)


def cannot_book(visitor: Visit) -> None:
    visitor.go("gym-classes.html")
    visitor.look(0.8)
    visitor.follow("#class-spinning")
    visitor.look(1.2)
    visitor.click("#book", times=4, gap=0.3)
    visitor.look(1.5)
    visitor.click("#book", times=3, gap=0.35)
    visitor.look(3.5)


def books(visitor: Visit) -> None:
    visitor.go("gym-classes.html")
    visitor.follow("#class-spinning")
    visitor.look(2.5)
    visitor.run("document.getElementById('terms').scrollIntoView()")
    visitor.click("#terms")
    visitor.look(0.5)
    visitor.run("window.scrollTo(0, 0)")
    visitor.click("#book")
    visitor.look(2)


def turned_away(visitor: Visit) -> None:
    visitor.go("gym-home.html")
    visitor.look(1)
    visitor.follow("#nav-prices")
    visitor.look(1.4)
    visitor.back()
    visitor.look(1.2)
    visitor.follow("#to-classes")
    visitor.look(2)


def signs_in(visitor: Visit) -> None:
    visitor.go("gym-home.html")
    visitor.look(1)
    visitor.follow("#nav-prices")
    visitor.type("#mail", "member@example.org")
    visitor.type("#password", "stronger")
    visitor.follow("#sign-in")
    visitor.look(6)


def born_long_ago(visitor: Visit) -> None:
    visitor.go("gym-join.html")
    visitor.look(0.6)
    visitor.type("#name", "Lena Brandt")
    visitor.click("#earlier", times=36, gap=0.12)
    visitor.look(0.8)
    visitor.click("#earlier", times=12, gap=0.12)
    visitor.look(1.5)


def a_baby_that_swims(visitor: Visit) -> None:
    visitor.go("gym-join.html")
    visitor.type("#name", "Mia Brandt")
    visitor.click("#earlier", times=9, gap=0.3)
    visitor.click("#day-8")
    visitor.type("#mail", "brandt@example.org")
    visitor.click("#send")
    visitor.look(2)


def asks(visitor: Visit, phone: str) -> None:
    visitor.type("#name", "Jo Marsh")
    visitor.type("#mail", "jo@example.org")
    visitor.type("#phone", phone)
    visitor.type("#text", "Is there a place for a pram, and may my sister come along on Sundays?")


def emptied(visitor: Visit) -> None:
    visitor.go("gym-contact.html")
    visitor.look(0.8)
    asks(visitor, "0221 9980")
    visitor.follow("#send")
    visitor.look(2.5)


def emptied_and_patient(visitor: Visit) -> None:
    emptied(visitor)
    asks(visitor, "+49 221 9980")
    visitor.follow("#send")
    visitor.look(1.5)


def sends(visitor: Visit) -> None:
    visitor.go("gym-contact.html")
    visitor.look(0.8)
    asks(visitor, "+49 221 4711")
    visitor.follow("#send")
    visitor.look(1.5)


def signs(visitor: Visit) -> None:
    visitor.go("gym-contract.html")
    visitor.look(2)
    for number in range(1, 5):
        visitor.drag(f"#p{number}", f"#p{number + 1}")
    visitor.click("#clear")
    visitor.look(0.4)
    for number in range(1, 6):
        visitor.drag(f"#p{number}", f"#p{number + 1}")
    # The dots of an umlaut.
    visitor.click("#p6", times=3, gap=0.15)
    visitor.look(0.6)
    visitor.click("#agree")
    visitor.look(3)


def downloads(visitor: Visit) -> None:
    visitor.go("gym-account.html")
    visitor.look(1)
    for month in ("07", "08", "09", "10"):
        visitor.click(f"#statement-{month}", gap=0.9)
    visitor.look(3)
    visitor.click("#call")
    visitor.look(3.5)


def decides(visitor: Visit) -> None:
    visitor.go("gym-requests.html")
    visitor.look(0.8)
    for number in range(1, 7):
        visitor.follow(f"#request-{number}")
        visitor.look(0.7)
        visitor.click("#decline" if number == 4 else "#approve")
        visitor.look(0.3)
        visitor.follow("#to-list")
        visitor.look(0.4)
    visitor.look(1)


def begins_a_trial(visitor: Visit, street: str) -> None:
    visitor.go("gym-home.html")
    visitor.look(0.7)
    visitor.follow("#to-trial")
    visitor.click("#stronger")
    visitor.look(0.5)
    visitor.follow("#on")
    visitor.type("#name", "Ole Dahl")
    visitor.type("#street", street)
    visitor.follow("#on")
    visitor.look(1.4)


def tries(visitor: Visit) -> None:
    begins_a_trial(visitor, "7 Mill Lane")
    visitor.follow("#on")
    visitor.look(2)


def corrects(visitor: Visit) -> None:
    begins_a_trial(visitor, "7 Mill Lnae")
    visitor.follow("#edit")
    visitor.type("#street", "7 Mill Lane")
    visitor.follow("#on")
    visitor.look(1.1)
    visitor.follow("#on")
    visitor.look(2)


READERS = Play(take="reads", times=60, since=7, visitors=50, first_visitor=500)


SCENARIOS = [
    Scenario(
        name="rules_below_the_fold",
        family="usage",
        drive=takes(2, stuck=cannot_book, books=books, reads=reads_classes),
        plays=(
            Play(take="stuck", times=30, since=7, visitors=28),
            Play(take="books", times=24, since=7, visitors=24, first_visitor=100),
            READERS,
        ),
        expected=(Expected(kinds=("friction",), where=("book", "gym-class.html")),),
        story="A button that books looks as if it worked, and does not before a box is ticked that stands a screen and"
        " a half below it. More than half press it seven times and leave.",
        # Why: it costs bookings every day, and a word beside the button would do. Rage or dead: one cause.
    ),
    Scenario(
        name="prices_behind_a_login",
        family="usage",
        drive=takes(2, away=turned_away, members=signs_in, reads=reads_classes),
        plays=(
            Play(take="away", times=48, since=7, visitors=45),
            Play(take="members", times=16, since=7, visitors=14, first_visitor=100),
            READERS,
        ),
        expected=(Expected(kinds=("friction",), where=("prices", "login")),),
        story="Three of four who ask for the prices are asked to sign in instead, and are back at home after a second.",
        # Why: whoever asks what it costs would become a member, and is turned away at the door.
    ),
    Scenario(
        name="born_480_months_ago",
        family="usage",
        drive=takes(2, grown=born_long_ago, babies=a_baby_that_swims, reads=reads_classes),
        plays=(
            Play(take="grown", times=36, since=7, visitors=34),
            Play(take="babies", times=14, since=7, visitors=14, first_visitor=100),
            READERS,
        ),
        expected=(Expected(kinds=("friction",), where=("earlier", "birth", "gym-join.html", "join")),),
        story="A date of birth is chosen month by month, backwards from today. Adults press 48 times and leave; parents"
        " of babies press nine times and join.",
        # Why: only babies can become members. The clicks and the form that is left are one cause.
    ),
    Scenario(
        name="emptied_by_an_error",
        family="usage",
        drive=takes(2, emptied=emptied, patient=emptied_and_patient, sends=sends, reads=reads_classes),
        plays=(
            Play(take="emptied", times=30, since=7, visitors=30),
            Play(take="patient", times=8, since=7, visitors=8, first_visitor=100),
            Play(take="sends", times=18, since=7, visitors=18, first_visitor=200),
            READERS,
        ),
        expected=(Expected(kinds=("friction",), where=("gym-contact.html", "question", "phone", "contact")),),
        story="A phone number without its country is refused, and the form comes back empty. Four of five who meet that"
        " leave; few type all of it again.",
        # Why: more than half of all questions are lost to it; keeping what was typed is a line.
    ),
    Scenario(
        name="signed_on_a_canvas",
        family="usage",
        drive=takes(2, signs=signs, reads=reads_classes),
        plays=(Play(take="signs", times=40, since=7, visitors=38), READERS),
        story="A contract is signed with the mouse on a canvas: strokes, once more, three dots. All sign.",
        # Why: every stroke is seen at once by whoever draws; that the page's elements do not change means nothing.
    ),
    Scenario(
        name="statements_downloaded",
        family="usage",
        drive=takes(2, downloads=downloads, reads=reads_classes),
        plays=(Play(take="downloads", times=40, since=7, visitors=36), READERS),
        story="Four statements are downloaded, one click each, and a telephone number is called: the page stays as it"
        " is, as it should.",
        # Why: each click did its work, outside of the page.
    ),
    Scenario(
        name="requests_decided",
        family="usage",
        drive=takes(2, decides=decides, reads=reads_classes),
        plays=(Play(take="decides", times=40, since=7, visitors=6), READERS),
        story="Staff decide six requests in a row: open, approve, back to the list, the next one, two seconds each.",
        # Why: quick and to and fro is what this work is; every one is decided.
    ),
    Scenario(
        name="corrected_in_the_review",
        family="usage",
        drive=takes(2, tries=tries, corrects=corrects, reads=reads_classes),
        plays=(
            Play(take="tries", times=36, since=7, visitors=36),
            Play(take="corrects", times=22, since=7, visitors=22, first_visitor=100),
            READERS,
        ),
        story="A trial is asked for in three steps. Four of ten see a slip in the review, go back, mend it and finish;"
        " all finish.",
        # Why: a review is there for that, and it costs them three seconds.
    ),
]
