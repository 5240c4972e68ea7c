"""People at a booking desk, as posthog-js sees them."""

from tests.scenarios.drives import takes
from tests.scenarios.label import Expected, Play, Scenario, friction
from tests.scenarios.visits import Visit


def holds(visitor: Visit) -> None:
    visitor.go("booking.html")
    visitor.look(0.5)
    visitor.click("#hold")
    visitor.look(3.5)
    visitor.follow("#rates")
    visitor.look(0.5)


def hammers_card(visitor: Visit) -> None:
    visitor.go("booking.html")
    visitor.click("#room-card", times=6, gap=0.2)
    visitor.look(3.2)


def turns_back(visitor: Visit) -> None:
    visitor.go("booking.html")
    visitor.look(1)
    visitor.follow("#help")
    visitor.look(2)
    visitor.follow("#booking")
    visitor.look(1)


def to_and_fro(visitor: Visit) -> None:
    visitor.go("rates.html")
    for _ in range(5):
        visitor.look(0.7)
        visitor.follow("#seasons")
        visitor.look(0.7)
        visitor.follow("#rates")


def writes_invoice(visitor: Visit) -> None:
    visitor.go("invoice.html")
    visitor.type("#who", "Ann")
    visitor.look(1.2)
    visitor.type("#amount", "80")
    visitor.type("#code", "A-1")
    visitor.click("#make")
    visitor.look(0.4)


def hunts_for_code(visitor: Visit) -> None:
    visitor.go("invoice.html")
    visitor.type("#who", "Ann")
    visitor.type("#amount", "80")
    for code in ("A1", "a-1", "A 1", "A-01"):
        visitor.look(8)
        visitor.type("#code", code)
    visitor.click("#make")
    visitor.look(0.4)


def leaves_invoice(visitor: Visit) -> None:
    visitor.go("invoice.html")
    visitor.type("#who", "Ann")
    visitor.type("#amount", "80")
    visitor.look(3)


def books(visitor: Visit) -> None:
    visitor.go("booking.html")
    visitor.look(1)
    visitor.follow("#rates")
    visitor.look(1)


def finds_groups(visitor: Visit) -> None:
    visitor.go("booking.html")
    visitor.look(1)
    visitor.follow("#groups")
    visitor.look(1)


def through_the_months(visitor: Visit) -> None:
    visitor.go("booking.html")
    visitor.click("#later", times=8, gap=0.2)
    visitor.click("#guests-more", times=5, gap=0.15)
    visitor.look(2.8)
    visitor.follow("#rates")


def next_next(visitor: Visit) -> None:
    visitor.go("guests.html")
    visitor.click("#next", times=10, gap=0.35)
    visitor.look(2.8)


def refreshes(visitor: Visit) -> None:
    visitor.go("booking.html")
    for _ in range(4):
        visitor.click("#refresh")
        visitor.look(1.6)


def reads_help(visitor: Visit) -> None:
    visitor.go("booking.html")
    visitor.look(0.5)
    visitor.follow("#help")
    visitor.look(12)


SCENARIOS = [
    Scenario(
        name="hold_is_dead",
        family="usage",
        drive=takes(2, holds=holds),
        plays=(Play(take="holds", times=30, since=7, visitors=26),),
        expected=(friction("dead_click", "hold"),),
        story="The button that holds a room does nothing; people click, wait, and go elsewhere.",
    ),
    Scenario(
        name="card_looks_like_a_button",
        family="usage",
        drive=takes(2, hammers=hammers_card, books=books),
        plays=(
            Play(take="hammers", times=25, since=7, visitors=20),
            Play(take="books", times=60, since=7, visitors=60, first_visitor=100),
        ),
        expected=(friction("rage_click", "room", "Room 12"),),
        allowed=(friction("dead_click", "room", "Room 12"),),
        story="A card has a border and a pointer but no click; people click six times.",
    ),
    Scenario(
        name="help_does_not_help",
        family="usage",
        drive=takes(2, back=turns_back, books=books),
        plays=(
            Play(take="back", times=40, since=7, visitors=36),
            Play(take="books", times=40, since=7, visitors=40, first_visitor=100),
        ),
        expected=(friction("u_turn", "help"),),
        story='Half of the visitors look for help, see "Call us" and are back after two seconds.',
    ),
    Scenario(
        name="rates_and_seasons",
        family="usage",
        drive=takes(2, fro=to_and_fro),
        plays=(Play(take="fro", times=24, since=7, visitors=20),),
        expected=(friction("thrashing", "rates", "seasons"),),
        allowed=(friction("u_turn", "rates", "seasons"),),
        story="Prices stand on one page and when they hold on another: everybody goes to and fro.",
    ),
    Scenario(
        name="code_of_the_invoice",
        family="usage",
        drive=takes(3, quick=writes_invoice, slow=hunts_for_code),
        plays=(
            Play(take="quick", times=90, since=7, visitors=80),
            Play(take="slow", times=14, since=7, visitors=14, first_visitor=100),
        ),
        expected=(friction("slow_task", "invoice"),),
        story="An invoice takes a few seconds; for one in eight it takes half a minute, since the code's"
        " form is a riddle.",
    ),
    Scenario(
        name="invoice_left",
        family="usage",
        drive=takes(2, makes=writes_invoice, leaves=leaves_invoice),
        plays=(
            Play(take="makes", times=30, since=7, visitors=30),
            Play(take="leaves", times=45, since=7, visitors=40, first_visitor=100),
        ),
        expected=(friction("form_abandonment", "invoice"),),
        allowed=(friction("funnel_drop_off", "invoice"),),
        story="More than half leave the invoice at the code, which they do not know.",
    ),
    Scenario(
        name="groups_never_found",
        family="usage",
        drive=takes(2, books=books, finds=finds_groups),
        plays=(
            Play(take="books", times=140, since=21, visitors=120),
            Play(take="finds", times=2, since=21, visitors=2, first_visitor=300),
        ),
        expected=(Expected(kinds=("friction", "suggestion"), pattern="undiscovered_feature", where=("group",)),),
        story="Group booking is shown to 120 people in three weeks; two have ever opened it.",
    ),
    Scenario(
        name="through_the_months",
        family="usage",
        drive=takes(2, months=through_the_months),
        plays=(Play(take="months", times=30, since=7, visitors=26),),
        story="Eight months ahead and six guests: later, later, later, more, more.",
    ),
    Scenario(
        name="next_next_next",
        family="usage",
        drive=takes(2, pages=next_next),
        plays=(Play(take="pages", times=30, since=7, visitors=20),),
        story="The list of guests is leafed through, ten pages at a time.",
    ),
    Scenario(
        name="looks_again",
        family="usage",
        drive=takes(2, refreshes=refreshes),
        plays=(Play(take="refreshes", times=30, since=7, visitors=20),),
        story="Availability is looked at every two seconds; each time the number changes.",
    ),
    Scenario(
        name="one_noisy_visitor",
        family="usage",
        drive=takes(1, hammers=hammers_card, books=books),
        plays=(
            Play(take="hammers", times=25, since=7, visitors=1),
            Play(take="books", times=60, since=7, visitors=60, first_visitor=100),
        ),
        story="One visitor of some sixty hammers on everything, every day.",
    ),
    Scenario(
        name="help_is_read",
        family="usage",
        drive=takes(2, reads=reads_help),
        plays=(Play(take="reads", times=25, since=7, visitors=25),),
        story="Help is opened and read, and then the phone is taken.",
    ),
]
