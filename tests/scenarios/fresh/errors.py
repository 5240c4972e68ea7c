"""Errors of a booking site in Django, a programme by GraphQL, a consumer of webhooks, and jobs that cron runs."""

import json
import time

from tests.scenarios.label import Play, Scenario, error
from tests.scenarios.stage import App, Stage
from tests.scenarios.visits import Visit

WAIT_AND_FLUSH = "new Promise(done => setTimeout(() => flushed().then(done), 2200))"
PROBE = {"User-Agent": "GoogleHC/1.0", "X-User": ""}


def ask(app: App, query: str, visitor: int) -> None:
    assert app.post("/graphql", {"query": query}, visitor) == 200


def browses(stays: App, visitor: int) -> None:
    """What goes on beside any story: guests who look around, a probe, a slip or two."""
    said = [
        stays.ask("GET", "/healthz", headers=PROBE),
        stays.get("/huts", visitor),
        stays.get(f"/huts/{1 + visitor % 4}", visitor),
        stays.get("/huts/404", visitor),
        stays.post("/huts/1/review", {}, visitor),
        stays.post("/huts/1/book", {}, visitor),
    ]
    assert said == [200, 200, 200, 404, 403, 400], said


def takes_a_bed_twice(stage: Stage) -> None:
    stays = stage.python("stays.py", "stays", "2026.11.2")
    for visitor in range(1, 9):
        browses(stays, visitor)
        assert stays.post("/huts/2/book", {"bed": visitor, "night": "2027-02-03"}, visitor) == 201
    for visitor in range(1, 6):
        assert stays.post("/huts/2/book", {"bed": visitor, "night": "2027-02-03"}, visitor + 20) == 500


def bank_is_down(stage: Stage) -> None:
    stays = stage.python("stays.py", "stays", "2026.11.2", BANK_DOWN="1")
    for visitor in range(1, 7):
        browses(stays, visitor)
        assert stays.get(f"/pay/{7000 + visitor}", visitor) == 500
    for visitor in range(1, 4):
        assert stays.get(f"/refund/{6000 + visitor}", visitor) == 500


def database_is_gone(stage: Stage) -> None:
    well = stage.python("stays.py", "stays", "2026.11.2")
    for visitor in range(1, 5):
        browses(well, visitor)
    gone = stage.python("stays.py", "stays", "2026.11.2", NO_DATABASE="1")
    for visitor in range(1, 4):
        said = [
            gone.ask("GET", "/healthz", headers=PROBE),
            gone.get("/huts", visitor),
            gone.get("/huts/1", visitor),
            gone.get("/search?q=valley", visitor),
            gone.post("/huts/1/book", {"bed": 1, "night": "2027-03-01"}, visitor),
        ]
        assert said == [200, 500, 500, 500, 500], said


def asks_for_rooms(stage: Stage) -> None:
    programme = stage.python("programme.py", "programme", "3.3.0", UNDER="sentry")
    for visitor, talk in enumerate((2, 21, 5, 20, 23, 7, 24, 11), 1):
        ask(programme, "{ talks(first: 5) { name host { name } } }", visitor)
        ask(programme, f"query Room {{ talk(id: {talk}) {{ name room }} }}", visitor)
        programme.ask("GET", "/healthz", headers=PROBE)


def prints_badges(stage: Stage) -> None:
    programme = stage.python("programme.py", "programme", "3.3.0", UNDER="sentry")
    for visitor in range(1, 5):
        ask(programme, "{ talks(first: 5) { name } }", visitor)
        programme.get(f"/badges/{visitor}.csv", visitor)


def told(hooks: App, kind: str, number: int, signature: str = "good", **more: object) -> int:
    body = {"id": f"evt_{number:05}", "type": kind, **more}
    headers = {"Content-Type": "application/json", "X-Signature": signature, "User-Agent": "PayWire-Hookshot/2"}
    return hooks.ask("POST", "/hooks/payments", body=json.dumps(body).encode(), headers=headers)


def redelivers(stage: Stage) -> None:
    """Five deliveries of each event that is not taken, as the provider's own backoff has it."""
    hooks = stage.node("hooks.js", "hooks", "1.9.0")
    for number in range(1, 13):
        assert told(hooks, "invoice.paid", number) == 200
        hooks.ask("GET", "/healthz", headers=PROBE)
    lines = [{"sku": "setup", "quantity": 1, "price": {"amount": 900}}, {"sku": "goodwill", "quantity": 1}]
    for attempt in range(5):
        for number in (51, 52, 53):
            assert told(hooks, "invoice.adjusted", number, lines=lines) == 500
        time.sleep(0.1 * 2**attempt)


def accepts_in_the_end(stage: Stage) -> None:
    hooks = stage.node("hooks.js", "hooks", "1.9.0")
    for number in range(1, 9):
        said = [
            told(hooks, "invoice.paid", number),
            told(hooks, "invoice.paid", number),
            told(hooks, "payout.created", 100 + number),
            told(hooks, "mandate.seen", 200 + number),
            told(hooks, "invoice.paid", 300 + number, signature="stale"),
            told(hooks, "payout.created", 100 + number),
            told(hooks, "payout.created", 100 + number),
        ]
        assert said == [200, 200, 503, 202, 401, 503, 200], said


def makes_tables(stage: Stage) -> None:
    for _ in range(5):
        stage.run("nightly.py", "tables", service="tides", release="0.4.1")
    for gauge in ("harbour", "bridge", "pier", "harbour"):
        stage.run("nightly.py", "height", gauge, service="tides", release="0.4.1")


def syncs_buoys(stage: Stage) -> None:
    for _ in range(4):
        with stage.round("sync"):
            stage.run("nightly.py", "buoys", service="tides", release="0.4.1")


def looks_at_photos(visitor: Visit) -> None:
    """To the end of the page, bit by bit, and a search that is typed."""
    for _ in range(5):
        visitor.look(0.3)
        visitor.run("window.scrollTo(0, document.body.scrollHeight)")
    visitor.run("window.scrollTo(0, 0)")
    visitor.keys("#q", "oak l")
    visitor.look(0.3)


def opens_a_scan(stage: Stage) -> None:
    release = "gallery@8"
    pages = stage.pages("pages")
    stage.bundle("gallery.js", "gallery.min.js", release)
    with stage.browser() as page:
        for number in (1, 2, 4, 2, 3, 2, 2):
            page.open(f"{pages}/gallery.html?release={release}")
            stage.until(page, "!!window.flushed && document.querySelectorAll('#wall img').length > 4")
            visitor = Visit(stage, page, pages)
            looks_at_photos(visitor)
            visitor.click(f"#wall img:nth-child({number})")
            page.run(WAIT_AND_FLUSH)
            page.open("about:blank")


SCENARIOS = [
    Scenario(
        name="bed_taken_twice",
        family="errors",
        drive=takes_a_bed_twice,
        expected=(error("reserve", events=(5, 5)),),
        story="Two guests want the same bed: the database's constraint ends the second in a 500, behind two chained"
        " exceptions. Around it 404s, a 403, forms that are refused and a load balancer's probe.",
    ),
    Scenario(
        name="bank_answers_502",
        family="errors",
        drive=bank_is_down,
        expected=(error("ask_bank", "outside", events=(9, 9)),),
        story="The bank answers 502; paying and paying back both ask it in one function: one cause, nine times.",
    ),
    Scenario(
        name="database_unmounted",
        family="errors",
        drive=database_is_gone,
        expected=(error("unable to open database file", "OperationalError"),),
        story="The database's volume is not mounted for some minutes, and each of four views that read it fails: one"
        " cause, not four.",
    ),
    Scenario(
        name="errors_in_a_200",
        family="errors",
        drive=asks_for_rooms,
        expected=(error("room_of", events=(4, 4)),),
        story="Talks that were added late have no room in the plan. GraphQL answers 200 with errors in it.",
    ),
    Scenario(
        name="badges_break_off",
        family="errors",
        drive=prints_badges,
        expected=(error("badge_lines", events=(4, 4)),),
        story="A CSV is streamed by an async generator, which fails half way, when 200 was said long since.",
    ),
    Scenario(
        name="hook_never_taken",
        family="errors",
        drive=redelivers,
        expected=(error("lineTotal", events=(15, 15)),),
        story="A line without a price is an exception, and the provider delivers the same three events five times:"
        " one bug. Twelve events beside them are taken.",
    ),
    Scenario(
        name="hook_taken_later",
        family="errors",
        drive=accepts_in_the_end,
        story="The ledger is closed, 503 with Retry-After, and the third delivery is taken; duplicates are passed"
        " over, what is of no interest gets 202, an old signature 401: that is what webhooks do.",
    ),
    Scenario(
        name="gauge_in_feet",
        family="errors",
        drive=makes_tables,
        expected=(error("metres", "height_at", events=(6, 6)),),
        story="A reading with its unit cannot be converted: the hourly job dies of it, Sentry's cron is told so, and"
        " a person at a terminal meets the same. The chained exception has another number each time.",
    ),
    Scenario(
        name="buoys_every_hour",
        family="errors",
        drive=syncs_buoys,
        plays=(Play(take="sync", times=144, since=6),),
        story="A job checks in and out every hour, now in no time and now in a third of a second.",
    ),
    Scenario(
        name="photo_of_a_scan",
        family="errors",
        drive=opens_a_scan,
        expected=(error("focalLength", events=(4, 4)),),
        story="A scanned photo has no lens: a rejected promise in a minified page. The same visitors type into a"
        " search whose older question is called off, and nobody minds those AbortErrors.",
    ),
]
