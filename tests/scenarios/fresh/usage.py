"""People at a freight forwarder's desk, which is one page: by mouse, by keyboard, by dragging."""

from tests.scenarios.drives import takes
from tests.scenarios.label import Expected, Play, Scenario, friction
from tests.scenarios.visits import Visit


def reads_an_invoice(visitor: Visit) -> None:
    visitor.go("desk.html")
    visitor.look(1)
    visitor.follow("#invoice-7003")
    visitor.look(2)


def copies(visitor: Visit) -> None:
    visitor.go("desk.html")
    visitor.look(0.8)
    visitor.follow("#invoice-7001")
    visitor.look(0.7)
    visitor.click("#copy-iban", times=4, gap=0.3)
    visitor.look(1)
    visitor.double_click("#iban")
    visitor.look(2.5)


def begins_expenses(visitor: Visit, vat: str) -> None:
    visitor.go("desk.html?at=/expenses")
    visitor.type("#place", "Porto")
    visitor.click("#continue")
    visitor.look(0.4)
    visitor.type("#amount", "184.20")
    visitor.type("#vat", vat)
    visitor.click("#continue")
    visitor.look(0.8)


def claims(visitor: Visit) -> None:
    begins_expenses(visitor, "PT501964843")
    visitor.look(2)


def claims_with_blanks(visitor: Visit) -> None:
    begins_expenses(visitor, "PT 501 964 843")
    visitor.click("#continue", times=4, gap=0.25)
    visitor.look(1.2)
    visitor.type("#vat", "PT 501964843")
    visitor.click("#continue", times=3, gap=0.3)
    visitor.look(3)


def generates(visitor: Visit) -> None:
    visitor.go("desk.html")
    visitor.follow("#nav-report")
    visitor.look(0.5)
    visitor.click("#generate", times=5, gap=0.25)
    visitor.look(1.5)
    visitor.click("#generate", times=3, gap=0.3)
    visitor.look(5.5)


def saves_under_the_assistant(visitor: Visit) -> None:
    visitor.go("desk.html")
    visitor.follow("#nav-team")
    visitor.look(0.5)
    visitor.type("#team-name", "Early shift")
    visitor.click("#save", times=5, gap=0.3)
    visitor.look(3.2)


def filters_tariffs(visitor: Visit) -> None:
    visitor.go("desk.html?at=/tariffs")
    visitor.look(1)
    for mode in ("rail", "sea", "air"):
        visitor.click(f"#chip-{mode}")
        visitor.look(1.6)
    visitor.look(4)
    visitor.go("desk.html?at=/help")
    visitor.look(1)


def reads_help(visitor: Visit) -> None:
    visitor.go("desk.html?at=/help")
    visitor.look(7)
    visitor.go("desk.html?at=/board")
    visitor.look(0.6)


def sorts_and_shows_more(visitor: Visit) -> None:
    visitor.go("desk.html")
    visitor.look(0.6)
    visitor.click("#by-amount", times=3, gap=0.3)
    visitor.click("#by-client", times=2, gap=0.4)
    for _ in range(5):
        visitor.run("document.getElementById('more').scrollIntoView()")
        visitor.click("#more", gap=0.3)
    visitor.run("window.scrollTo(0, 0)")
    visitor.keys("#filter", "cargo")
    visitor.look(0.8)
    visitor.follow("#invoice-7002")
    visitor.look(3)


def works_by_keyboard(visitor: Visit) -> None:
    visitor.go("desk.html?at=/timesheet")
    visitor.look(0.5)
    visitor.run("document.getElementById('add-line').focus()")
    visitor.press("Enter", times=7)
    visitor.press("ArrowDown", times=5)
    visitor.press("ArrowUp", times=2)
    visitor.press("Tab", times=3)
    visitor.look(3)


def drags_loads(visitor: Visit) -> None:
    visitor.go("desk.html?at=/board")
    visitor.look(0.6)
    for city in ("Hamburg", "Porto", "Gdansk"):
        visitor.drag(f"#card-{city}", "#lane-done")
        visitor.look(0.5)
    visitor.drag("#card-Oslo", "#lane-todo")
    visitor.look(3)


def watches(visitor: Visit) -> None:
    visitor.go("desk.html?at=/training")
    visitor.look(0.4)
    visitor.click("#play")
    visitor.look(1.2)
    visitor.click("#ahead-10", times=6, gap=0.2)
    visitor.click("#back-10", times=2, gap=0.2)
    visitor.click("#captions", times=2, gap=0.5)
    visitor.click("#mute")
    visitor.look(2)
    visitor.click("#play")
    visitor.look(3)


def looks_up_metres(visitor: Visit) -> None:
    visitor.go("desk.html?at=/quote")
    visitor.type("#from", "Braga")
    visitor.follow("#to-metres")
    visitor.look(3.5)
    visitor.follow("#to-quote")
    visitor.look(0.5)
    visitor.type("#metres", "2.4")
    visitor.follow("#ask")
    visitor.look(1.5)


def asks_for_a_quote(visitor: Visit) -> None:
    visitor.go("desk.html?at=/quote")
    visitor.type("#from", "Faro")
    visitor.type("#metres", "0.8")
    visitor.follow("#ask")
    visitor.look(1)


READERS = Play(take="reads", times=50, since=7, visitors=45, first_visitor=100)


SCENARIOS = [
    Scenario(
        name="iban_not_copied",
        family="usage",
        drive=takes(2, copies=copies, reads=reads_an_invoice),
        plays=(Play(take="copies", times=26, since=7, visitors=24), READERS),
        expected=(Expected(kinds=("friction",), where=("copy",)),),
        story="The button that copies an IBAN does nothing at all; people click it four times, and select the number"
        " by hand. Rage or dead: one cause.",
    ),
    Scenario(
        name="number_with_blanks",
        family="usage",
        drive=takes(2, blanks=claims_with_blanks, claims=claims, reads=reads_an_invoice),
        plays=(
            Play(take="blanks", times=30, since=7, visitors=28),
            Play(take="claims", times=40, since=7, visitors=40, first_visitor=300),
            READERS,
        ),
        expected=(Expected(kinds=("friction",), where=("continue", "vat", "receipt", "/expenses")),),
        story="A VAT number with blanks in it is not taken, and the page does not say so: people press Continue again"
        " and again, and leave. Rage, dead clicks and an abandoned form are one cause.",
    ),
    Scenario(
        name="report_without_a_sign",
        family="usage",
        drive=takes(2, waits=generates, reads=reads_an_invoice),
        plays=(Play(take="waits", times=25, since=7, visitors=24), READERS),
        expected=(Expected(kinds=("friction",), where=("generate", "/report")),),
        story="A report takes eight seconds, and nothing tells that it was begun: people press the button eight times.",
    ),
    Scenario(
        name="covered_by_the_assistant",
        family="usage",
        drive=takes(2, saves=saves_under_the_assistant, reads=reads_an_invoice),
        plays=(Play(take="saves", times=25, since=7, visitors=24), READERS),
        expected=(Expected(kinds=("friction",), where=("assistant", "save", "/team")),),
        story="The empty box of a chat assistant lies over the button that saves: every click goes into it.",
    ),
    Scenario(
        name="tariffs_freeze",
        family="usage",
        drive=takes(3, filters=filters_tariffs, helped=reads_help),
        plays=(
            Play(take="filters", times=50, since=7, visitors=45),
            Play(take="helped", times=50, since=7, visitors=45, first_visitor=100),
        ),
        expected=(friction("web_vitals", "/tariffs"),),
        story="Each choice of a tariff freezes the page for a second: its interactions are slow for everybody.",
    ),
    Scenario(
        name="sorted_and_shown_more",
        family="usage",
        drive=takes(2, sorts=sorts_and_shows_more, reads=reads_an_invoice),
        plays=(Play(take="sorts", times=35, since=7, visitors=32), READERS),
        story="A table is sorted up, down and up again, five times more of it is shown, letter by letter filtered, and"
        " the invoice is opened.",
    ),
    Scenario(
        name="by_keyboard_alone",
        family="usage",
        drive=takes(2, keys=works_by_keyboard, reads=reads_an_invoice),
        plays=(Play(take="keys", times=35, since=7, visitors=30), READERS),
        story="Somebody without a mouse: seven lines are added with Enter on one button, a list is walked by arrows.",
    ),
    Scenario(
        name="loads_are_dragged",
        family="usage",
        drive=takes(2, drags=drags_loads, reads=reads_an_invoice),
        plays=(Play(take="drags", times=35, since=7, visitors=30), READERS),
        story="Cards are dragged from lane to lane, and one of them back.",
    ),
    Scenario(
        name="six_times_ten_seconds",
        family="usage",
        drive=takes(2, watches=watches, reads=reads_an_invoice),
        plays=(Play(take="watches", times=35, since=7, visitors=30), READERS),
        story="In a video somebody skips ten seconds six times, goes back twice, looks at the captions, and pauses.",
    ),
    Scenario(
        name="what_are_loading_metres",
        family="usage",
        drive=takes(2, looks=looks_up_metres, asks=asks_for_a_quote),
        plays=(
            Play(take="looks", times=20, since=7, visitors=20),
            Play(take="asks", times=40, since=7, visitors=40, first_visitor=100),
        ),
        story="Half way in a form some look up a word in the help, come back, and send it, as everybody does.",
    ),
]
