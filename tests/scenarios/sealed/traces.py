"""Traces of a clinic: what costs its people time, and what only looks as if it did."""

import json

from tests.scenarios.label import Play, Scenario, error, performance
from tests.scenarios.stage import Stage

WEEK = (Play(take="visit", times=60, since=6, visitors=25),)


def asked(*paths: str, script: str = "clinic.py", times: int = 7):
    def drive(stage: Stage) -> None:
        clinic = stage.node(script, "desk") if script.endswith(".js") else stage.python(script, "clinic")
        for path in paths:
            clinic.get(path)
        stage.forget()
        for visitor in range(times):
            with stage.round("visit"):
                for path in paths:
                    clinic.get(path, visitor)

    return drive


def opened(name: str, times: int = 4):
    """A page of the front, under Sentry's tracing in a real browser."""

    def drive(stage: Stage) -> None:
        pages = stage.pages("pages")
        stage.bundle("front.js", "front.min.js")
        scans = [{"scan": n, "points": [n * 7 % 251 for _ in range(40)]} for n in range(9000)]
        (stage.folder / "pages" / "scans.json").write_text(json.dumps(scans))
        with stage.browser() as page:
            for _ in range(times):
                with stage.round("visit"):
                    page.open(f"{pages}/{name}.html")
                    stage.until(page, "!!window.flushed && document.readyState == 'complete'", 30)
                    page.run("new Promise(done => setTimeout(() => flushed().then(done), 5500))")

    return drive


def releases(path: str, before: dict[str, str], after: dict[str, str], method: str = "GET", times: int = 25):
    def drive(stage: Stage) -> None:
        for take, release, env in (("before", "2.0.0", before), ("after", "2.1.0", after)):
            clinic = stage.python("clinic.py", "clinic", release, **env)
            clinic.get("/slots")
            stage.forget()
            for visitor in range(times):
                with stage.round(take):
                    clinic.ask(method, path, visitor)
                    clinic.get("/slots", visitor)

    return drive


def hooks(stage: Stage) -> None:
    clinic = stage.python("clinic.py", "clinic")
    stage.forget()
    for visitor in range(6):
        with stage.round("hook"):
            clinic.post("/hook", {}, visitor)
        with stage.round("slots"):
            clinic.get("/slots", visitor)


def pages_on(stage: Stage) -> None:
    clinic = stage.python("clinic.py", "clinic")
    stage.forget()
    for visitor in range(4):
        with stage.round("visit"):
            for number in range(1, 13):
                clinic.get(f"/list?page={number}", visitor)


def cancelled(stage: Stage) -> None:
    clinic = stage.python("clinic.py", "clinic")
    stage.forget()
    for visitor in range(5):
        with stage.round("visit"):
            clinic.leave_early("/letters", 0.05)
            clinic.get("/slots", visitor)


def deployed(stage: Stage) -> None:
    """While it starts, a release answers late and sometimes not at all; then it is as quick as the one before."""
    for take, env in (("usual", {}), ("starting", {"SLOWER": "8", "BROKEN": "0.5"})):
        clinic = stage.python("clinic.py", "clinic", "2.0.0" if take == "usual" else "2.1.0", **env)
        stage.forget()
        for visitor in range(12):
            with stage.round(take):
                clinic.get("/book", visitor)
                clinic.post("/cancel", {}, visitor)


RELEASED = (
    Play(take="before", times=700, since=21, until=6, visitors=180),
    Play(take="after", times=330, since=6, visitors=180),
)

SCENARIOS = [
    Scenario(
        name="visits_of_each_patient",
        family="traces",
        drive=asked("/patients"),
        plays=WEEK,
        expected=(performance("n_plus_one_db", "/patients", "from visits"),),
        story="The visits of each of fifteen patients are a query of their own.",
    ),
    Scenario(
        name="shifts_of_each_doctor",
        family="traces",
        drive=asked("/doctors", script="clinic_sentry.py"),
        plays=WEEK,
        expected=(performance("n_plus_one_db", "doctors", "from shifts"),),
        story="The same mistake in the older part, as Sentry's SDK reports it.",
    ),
    Scenario(
        name="wards_in_turns",
        family="traces",
        drive=asked("/wards"),
        plays=WEEK,
        expected=(performance("m_x_n_plus_one", "/wards", "from beds", "from nurses"),),
        story="Beds and nurses of each of seven wards are asked for in turns.",
    ),
    Scenario(
        name="samples_one_by_one",
        family="traces",
        drive=asked("/samples"),
        plays=WEEK,
        expected=(performance("n_plus_one_api", "/samples"),),
        story="The laboratory is asked for eight samples in eight requests.",
    ),
    Scenario(
        name="overview_in_a_row",
        family="traces",
        drive=asked("/overview", times=5),
        plays=WEEK,
        expected=(performance("consecutive_db", "/overview", "invoices", "alerts", "stock", "nurses"),),
        story="Four long queries of an overview know nothing of each other and run one after the other.",
    ),
    Scenario(
        name="archives_in_a_row",
        family="traces",
        drive=asked("/file", times=5),
        plays=WEEK,
        expected=(performance("consecutive_http", "/file", "/archive"),),
        story="Four independent archives are asked one after the other, 0.6 seconds each.",
    ),
    Scenario(
        name="history_without_an_index",
        family="traces",
        drive=asked("/history", times=5),
        plays=WEEK,
        expected=(performance("slow_db", "/history", "visits"),),
        story="One query takes seconds on every view.",
    ),
    Scenario(
        name="mail_again_and_again",
        family="traces",
        drive=asked("/mail", script="desk.js"),
        plays=WEEK,
        expected=(performance("retry_storm", "/mail", "/outbox"),),
        allowed=(error("/mail", "/outbox"),),
        story="An Express route asks a mail service that answers 503 seven times without a pause.",
    ),
    Scenario(
        name="scans_all_at_once",
        family="traces",
        drive=opened("scans"),
        plays=WEEK,
        expected=(performance("large_payload", "scans"),),
        allowed=(performance("uncompressed_asset", "scans"),),
        story="A page fetches all scans there are, a megabyte and more, to show the first.",
    ),
    Scenario(
        name="beds_wait_in_line",
        family="traces",
        drive=opened("beds"),
        plays=WEEK,
        expected=(performance("http_queueing", "beds", "queue"),),
        allowed=(performance("n_plus_one_api", "beds", "queue"),),
        story="Fourteen requests at once over HTTP/1.1: eight of them wait for a connection.",
    ),
    Scenario(
        name="plan_waits_for_a_script",
        family="traces",
        drive=opened("plan", times=3),
        plays=WEEK,
        expected=(performance("render_blocking_asset", "plan", "slow-plan.js"),),
        story="Nothing is shown before a script in the head has come, five seconds later.",
    ),
    Scenario(
        name="booking_got_slower",
        family="traces",
        drive=releases("/book", {}, {"SLOWER": "1.9"}),
        plays=RELEASED,
        expected=(performance("latency_regression", "/book"),),
        story="Since release 2.1.0 booking takes nearly twice as long; looking for slots does not.",
    ),
    Scenario(
        name="cancelling_fails_more",
        family="traces",
        drive=releases("/cancel", {"BROKEN": "0.03"}, {"BROKEN": "0.35"}, method="POST", times=40),
        plays=RELEASED,
        expected=(performance("error_rate_regression", "/cancel"),),
        allowed=(error("/cancel"),),
        story="Release 2.1.0 answers a third of the cancellations with 503.",
    ),
    Scenario(
        name="hooks_stopped_coming",
        family="traces",
        drive=hooks,
        plays=(
            Play(take="hook", times=1100, since=21, until=2),
            Play(take="hook", times=8, since=2),
            Play(take="slots", times=600, since=21, visitors=150),
        ),
        expected=(performance("throughput_drop", "/hook"),),
        story="The calls of a partner, 58 a day for weeks, have been four a day since the day before yesterday.",
    ),
    Scenario(
        name="archives_at_once",
        family="traces",
        drive=asked("/file-at-once", times=5),
        plays=WEEK,
        story="The same four archives, asked at the same time: nothing to save.",
    ),
    Scenario(
        name="through_all_pages",
        family="traces",
        drive=pages_on,
        plays=(Play(take="visit", times=30, since=6, visitors=10),),
        story="Somebody reads a list page by page: one query for each request.",
    ),
    Scenario(
        name="downloads_cancelled",
        family="traces",
        drive=cancelled,
        plays=(Play(take="visit", times=60, since=6, visitors=30),),
        story="People change their minds about a long download.",
    ),
    Scenario(
        name="release_warms_up",
        family="traces",
        drive=deployed,
        plays=(
            Play(take="usual", times=700, since=14, until=3, visitors=150),
            Play(take="starting", times=12, since=3, until=2.998, visitors=12),
            Play(take="usual", times=190, since=2.99, visitors=150),
        ),
        story="For three minutes a new release was slow and refused some; before and since all is well.",
    ),
    Scenario(
        name="small_answer",
        family="traces",
        drive=opened("doors", times=3),
        plays=WEEK,
        story="A page, a bundle that is served compactly enough, and one small request.",
        allowed=(performance("uncompressed_asset", "front.min.js"),),
    ),
]
