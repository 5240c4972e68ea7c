"""One cause that several sources tell of is one Finding, and counted once."""

from tests.scenarios.label import Expected, Play, Scenario
from tests.scenarios.stage import Stage


def booking(stage: Stage) -> None:
    clinic = stage.python("clinic.py", "clinic")
    for visitor in range(5):
        with stage.round("fails"):
            clinic.post("/save", {"day": visitor}, visitor)
    for text in ("I get an error when I save a booking", "saving the booking fails with an error page"):
        with stage.round("said"):
            stage.remark(said=text, about="/save", service="clinic", user="visitor-1")


def span_and_log(stage: Stage) -> None:
    clinic = stage.python("clinic.py", "clinic")
    for visitor in range(6):
        clinic.post("/save", {"day": visitor}, visitor)


SCENARIOS = [
    Scenario(
        name="span_and_log",
        family="across",
        drive=span_and_log,
        expected=(Expected(kinds=("error",), where=("calendar_of", "/save", "calendar"), events=(6, 6)),),
        story="A failed booking is in a span and in a log record of the same trace: six failures, not"
        " twelve or eighteen.",
    ),
    Scenario(
        name="said_and_seen",
        family="across",
        drive=booking,
        plays=(Play(take="fails", times=30, since=5, visitors=20), Play(take="said", times=4, since=5, visitors=4)),
        expected=(Expected(kinds=("error", "feedback"), where=("calendar_of", "/save", "booking")),),
        story="Saving a booking fails, and people say so: one Finding with both.",
    ),
]
