"""One cause that several sources tell of, and busy days on which nothing is wrong."""

from tests.scenarios.drives import sessions
from tests.scenarios.label import Expected, Play, Scenario, error
from tests.scenarios.operators import Operator, as_transcript
from tests.scenarios.stage import Stage
from tests.scenarios.visits import visit


def log_and_sentry(stage: Stage) -> None:
    """What the site's own log has of it is the log's file."""
    stays = stage.python("stays.py", "stays", "2026.11.2")
    for visitor in range(1, 7):
        stays.get("/huts", visitor)
        assert stays.get("/huts/99", visitor) == 404
        assert stays.post("/huts/3/book", {"bed": visitor, "night": "2027-04-01"}, visitor) == 201
        assert stays.post("/huts/3/book", {"bed": visitor, "night": "2027-04-01"}, visitor + 30) == 500
    stage.flush()
    (log,) = stage.folder.glob("stays-*.log")
    stage.file("logs", "stays.log", log.read_text())


def said_of_the_booking(stage: Stage) -> None:
    stays = stage.python("stays.py", "stays", "2026.11.2")
    for visitor in range(1, 7):
        with stage.round("books"):
            stays.get("/huts", visitor)
            assert stays.post("/huts/4/book", {"bed": visitor, "night": "2027-05-01"}, visitor) == 201
            assert stays.post("/huts/4/book", {"bed": visitor, "night": "2027-05-01"}, visitor) == 500
    for text in (
        "I pressed book and got a server error page, was it booked or not?",
        "error 500 when reserving a bed in the Stoana",
        "could not book the hut, only says Server Error",
    ):
        with stage.round("said"):
            stage.remark(blocker=text, about="/huts/4/book", service="stays", user="visitor-1")


def pays_in_vain(stage: Stage) -> None:
    till = stage.node("till.js", "till", "12.0.0")
    site = stage.pages("pages")
    with stage.browser() as page:
        for number in range(1, 4):
            with visit(stage, page, site, "pays", number) as visitor:
                visitor.go(f"desk.html?server={till.port}")
                visitor.look(0.5)
                visitor.follow("#invoice-7004")
                visitor.look(0.6)
                visitor.click("#pay", times=4, gap=0.3)
                visitor.look(3.2)
    for number in range(1, 7):
        with stage.round("shops"):
            till.get("/plants", number)
            assert till.post("/orders", {}, number) == 201


async def wants_a_zone(operator: Operator) -> None:
    for title, start, wanted in (("Review", "T10:00", "T09:00"), ("Retro", "T16:00", "T15:00")):
        day = "2027-07-05"
        event = (await operator.call("create_event", title=title, start=day + start, zone="Europe/Lisbon")).split()[0]
        await operator.call("move_event", event=event, start=day + wanted)


def done_and_said(stage: Stage) -> None:
    sessions(wants_a_zone, as_transcript, "diary")(stage)
    for text in (
        "create_event ignores the zone, I move every event by an hour afterwards",
        "zone is not honoured: events land an hour late and have to be moved",
    ):
        with stage.round("said"):
            stage.remark(blocker=text, about="create_event", calls_wasted=2, user="visitor-2")


def sells(stage: Stage) -> None:
    till = stage.node("till.js", "till", "12.0.0")
    till.get("/plants")
    till.post("/orders", {})
    stage.forget()
    for visitor in range(1, 9):
        with stage.round("sells"):
            till.get("/plants", visitor)
            assert till.post("/orders", {"plants": ["rose"]}, visitor) == 201
            till.get(f"/orders/{visitor}", visitor)
            till.ask("GET", "/healthz", headers={"User-Agent": "kube-probe/1.31", "X-User": ""})
    for number in range(2):
        with stage.round("log"):
            file = stage.folder / f"{number}-plots.log"
            stage.run("machines.py", "structured", str(file))
            stage.file("logs", "plots.log", file.read_text())
    with stage.round("said"):
        stage.remark(said="Quick even on the day of the sale, thanks", service="till", user="visitor-1")


SCENARIOS = [
    Scenario(
        name="told_by_log_and_sentry",
        family="across",
        drive=log_and_sentry,
        expected=(error("reserve"),),
        story="Each failure reaches Sentry, and stands as a traceback in the site's own log too, without any id that"
        " would join them: one cause. The log has warnings of every 404 besides.",
    ),
    Scenario(
        name="said_of_the_booking",
        family="across",
        drive=said_of_the_booking,
        plays=(Play(take="books", times=24, since=6, visitors=20), Play(take="said", times=6, since=6, visitors=6)),
        expected=(error("reserve"),),
        story="Booking fails with an exception, and guests say that booking that hut gives them an error: one cause.",
    ),
    Scenario(
        name="pays_again_and_again",
        family="across",
        drive=pays_in_vain,
        plays=(
            Play(take="pays", times=26, since=6, visitors=24),
            Play(take="shops", times=120, since=6, visitors=60, first_visitor=100),
        ),
        expected=(Expected(kinds=("error", "friction"), where=("loyaltyOf", "/checkout")),),
        story="Paying fails in the server; the page says to try again, and people do, four times. The exception and"
        " the clicks of the same people in the same seconds are one cause.",
    ),
    Scenario(
        name="zone_done_and_said",
        family="across",
        drive=done_and_said,
        plays=(Play(take="session", times=20, since=13, visitors=8), Play(take="said", times=5, since=12, visitors=5)),
        expected=(
            Expected(kinds=("agent_friction", "feedback", "error"), where=("create_event", "move_event", "zone")),
        ),
        story="What operators do after every create_event, and what they say of it, is one Finding.",
    ),
    Scenario(
        name="day_of_the_sale",
        family="across",
        drive=sells,
        plays=(
            Play(take="sells", times=260, since=13, until=0.4, visitors=90),
            Play(take="sells", times=240, since=0.4, visitors=220, first_visitor=200),
            Play(take="log", times=6, since=6),
            Play(take="said", times=2, since=0.3, visitors=2),
        ),
        story="Thirty times as much is sold as on any other day, as quickly and as well; logs have what they always"
        " have.",
    ),
]
