"""One cause that several sources tell of, and two that only sound alike."""

from tests.scenarios.drives import sessions
from tests.scenarios.label import Expected, Play, Scenario, error
from tests.scenarios.operators import Operator, as_transcript
from tests.scenarios.stage import Stage
from tests.scenarios.visits import visit

WAIT_AND_FLUSH = "new Promise(done => setTimeout(() => flushed().then(done), 2500))"


def page_and_server(stage: Stage) -> None:
    fleet = stage.python("fleet.py", "fleet")
    pages = stage.pages("pages")
    stage.bundle("tour.js", "tour.min.js")
    with stage.browser() as page:
        for _ in range(4):
            page.open(f"{pages}/tour.html?server={fleet.port}")
            stage.until(page, "!!window.flushed && document.readyState == 'complete'")
            page.run(WAIT_AND_FLUSH)
            page.open("about:blank")


def span_and_json_log(stage: Stage) -> None:
    routes = stage.node("routes.js", "routes")
    for visitor in range(1, 6):
        assert routes.post("/loads", {"number": visitor}, visitor) == 500
        assert routes.post("/loads", {"number": visitor, "pallets": [{"weight": 300}]}, visitor) == 200
    stage.flush()
    stage.file("logs", "routes.log", (stage.folder / "routes.log").read_text())


def same_words(stage: Stage) -> None:
    fleet, gate = stage.python("fleet.py", "fleet"), stage.python("gate.py", "gate")
    for visitor in range(1, 5):
        fleet.post(f"/vans/{visitor}", {}, visitor)
        gate.post("/barrier", {"lane": visitor}, visitor)


def barrier_and_invoices(stage: Stage) -> None:
    gate = stage.python("gate.py", "gate")
    for visitor in range(1, 6):
        with stage.round("fails"):
            gate.post("/barrier", {"lane": 1}, visitor)
    for text in (
        "My invoice goes to my old address",
        "the invoice is still sent to the old address",
        "old address on the invoice though I changed it",
    ):
        with stage.round("said"):
            stage.remark(blocker=text, about="/invoices", service="office", user="visitor-1")


async def guesses_dates(operator: Operator) -> None:
    await operator.call("open_sheet", name="budget")
    for due in ("2026-12-01", "1 Dec 2026", "12/01/2026", "1.12.26"):
        await operator.call("set_due", row=4, due=due)
    await operator.call("set_due", row=4, due="01.12.2026")


def guessed_and_said(stage: Stage) -> None:
    sessions(guesses_dates, as_transcript, "sheets")(stage)
    for text in ('set_due only says "bad value", I had to guess the format', "which format does set_due want?"):
        with stage.round("said"):
            stage.remark(blocker=text, about="set_due", calls_wasted=4, user="visitor-1")


def all_is_well(stage: Stage) -> None:
    fleet = stage.python("fleet.py", "fleet")
    for visitor in range(1, 5):
        with stage.round("works"):
            assert fleet.post("/parcels", {"number": visitor, "weight": 2}, visitor) == 201
            assert fleet.get("/me", visitor, X_Password="right") == 200
    site = stage.pages("pages")
    with stage.browser() as page, visit(stage, page, site, "cooks", 1) as visitor_:
        visitor_.go("planner.html")
        visitor_.look(1)
        visitor_.follow("#recipe-3")
        visitor_.look(3)
    with stage.round("said"):
        stage.remark(said="It simply does what it should, thank you", service="fleet", user="visitor-1")
    with stage.round("log"):
        file = stage.folder / "library.log"
        stage.run("night.py", "words", str(file))
        stage.file("logs", "library.log", file.read_text())


SCENARIOS = [
    Scenario(
        name="page_and_server",
        family="across",
        drive=page_and_server,
        expected=(error("stops_of", "the tour could not be loaded", events=(4, 4)),),
        story="The server fails with 500, and the page that asked it throws, in the same trace: one cause, four times.",
    ),
    Scenario(
        name="load_in_span_and_log",
        family="across",
        drive=span_and_json_log,
        expected=(error("tonnes", events=(5, 5)),),
        story="An Express app records an exception in its span and logs it as a line of JSON: five failures, not ten.",
    ),
    Scenario(
        name="same_words_two_services",
        family="across",
        drive=same_words,
        expected=(error("reserve_van", events=(4, 4)), error("raise_barrier", "/barrier", events=(4, 4))),
        story='Two services say "upstream timed out" in the same seconds, for reasons of their own: two causes.',
    ),
    Scenario(
        name="said_of_something_else",
        family="across",
        drive=barrier_and_invoices,
        plays=(Play(take="fails", times=24, since=5, visitors=20), Play(take="said", times=6, since=5, visitors=6)),
        expected=(
            error("raise_barrier", "/barrier"),
            Expected(kinds=("feedback",), where=("old address", "invoice")),
        ),
        story="The barrier fails, and people complain of the address on their invoices: what is said and what is seen"
        " differ, and are two Findings.",
    ),
    Scenario(
        name="guessed_and_said",
        family="across",
        drive=guessed_and_said,
        plays=(Play(take="session", times=20, since=13, visitors=8), Play(take="said", times=5, since=12, visitors=5)),
        expected=(Expected(kinds=("agent_friction", "feedback"), where=("set_due",)),),
        story="Operators guess the format of a date until one is right, and say so: one Finding.",
    ),
    Scenario(
        name="all_is_well",
        family="across",
        drive=all_is_well,
        plays=(
            Play(take="works", times=60, since=6, visitors=30),
            Play(take="cooks", times=40, since=6, visitors=30),
            Play(take="said", times=3, since=6, visitors=3),
            Play(take="log", times=4, since=6),
        ),
        story="Parcels are taken, meals are found, thanks are said, a log speaks of errors in books: nothing is wrong.",
    ),
]
