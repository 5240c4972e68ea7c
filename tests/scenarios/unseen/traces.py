"""A CRM, a hairdresser's, a market and an album: what costs their users time, and what is as it must be."""

import http.client
import json
import time
from collections.abc import Iterator

from tests.scenarios.label import Expected, Play, Scenario, performance
from tests.scenarios.stage import PERSON, App, Stage

WEEK = (Play(take="visit", times=70, since=6.5, visitors=25),)
PROBE = {"User-Agent": "ELB-HealthChecker/2.0", "X-User": ""}
CRAWLER = {"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "X-User": ""}


def works_on_deals(stage: Stage) -> None:
    crm = stage.python("crm.py", "crm", "8.1.0")
    for path in ("/api/deals", "/api/deals/1", "/api/contacts"):
        crm.get(path)
    stage.forget()
    for visitor in range(1, 7):
        with stage.round("visit"):
            crm.get(f"/api/deals?stage={('lead', 'offer', 'won')[visitor % 3]}", visitor)
            crm.get(f"/api/deals/{visitor}", visitor)
            crm.get("/api/contacts", visitor)
            crm.ask("GET", "/healthz", headers=PROBE)


def salon(stage: Stage, release: str = "4.1.3", mail_s: str = "0.05") -> App:
    """One that has warmed up."""
    app = stage.python("salon.py", "salon", release, MAIL_S=mail_s)
    app.get("/slots")
    book(app, 1, "2026-12-24")
    stage.forget()
    return app


def book(app: App, visitor: int, day: str) -> int:
    return app.post("/appointments", {"day": day, "hour": 9 + visitor % 9, "customer": f"visitor-{visitor}"}, visitor)


def looks_and_books(app: App, visitor: int, day: str) -> None:
    app.get("/slots", visitor)
    app.get("/slots?day=2026-12-24", visitor)
    book(app, visitor, day)
    app.ask("GET", "/healthz", headers=PROBE)


def mails_get_slow(stage: Stage) -> None:
    for take, seconds in (("before", "0.05"), ("after", "1.5")):
        app = salon(stage, mail_s=seconds)
        for visitor in range(1, 13):
            with stage.round(take):
                looks_and_books(app, visitor, "2026-12-24")


def days_in_another_order(stage: Stage) -> None:
    """Now and then a day is over that somebody asks for; since 4.2.0 the page writes half of the days as people do."""
    for take, release, odd, every in (("before", "4.1.3", "2026-10-03", 12), ("after", "4.2.0", "24.12.2026", 2)):
        app = salon(stage, release)
        for visitor in range(1, 13):
            with stage.round(take):
                looks_and_books(app, visitor, odd if visitor % every == 0 else "2026-12-24")


def reminds(stage: Stage) -> None:
    app = salon(stage)
    for visitor in range(1, 7):
        with stage.round("visit"):
            looks_and_books(app, visitor, "2026-12-24")
    for _ in range(4):
        with stage.round("job"):
            stage.run("jobs.py", "remind", service="reminders", release="4.1.3")


def syncs(stage: Stage) -> None:
    app = salon(stage)
    for visitor in range(1, 7):
        with stage.round("visit"):
            looks_and_books(app, visitor, "2026-12-24")
    for _ in range(3):
        with stage.round("job"):
            stage.run("jobs.py", "sync", service="list-sync", release="1.4.0")


def upload(app: App, visitor: int, seconds: float) -> int:
    """A photo over a phone's line, in a dozen pieces."""

    def pieces() -> Iterator[bytes]:
        for _ in range(12):
            time.sleep(seconds / 12)
            yield b"\xff" * 60_000

    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=60)
    told = {"User-Agent": PERSON, "X-User": f"visitor-{visitor}", "Content-Length": "720000"}
    try:
        connection.request("POST", "/photos", pieces(), told)
        return connection.getresponse().status
    finally:
        connection.close()


def uploads(stage: Stage) -> None:
    app = salon(stage)
    for visitor, seconds in enumerate((0.7, 1.2, 1.9, 2.6, 3.4, 4.4), 1):
        with stage.round("visit"):
            app.get("/slots", visitor)
            assert upload(app, visitor, seconds) == 201
            assert book(app, visitor, "2026-12-24") == 201


def opens_the_album(stage: Stage) -> None:
    site = stage.pages("pages")
    stage.bundle("album.js", "album.min.js")
    for photo in range(26):
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="{1 + photo % 9}"/></svg>'
        (stage.folder / "pages" / f"thumb-{photo}.svg").write_text(drawing)
    titles = [{"photo": photo, "title": f"Photo {photo}"} for photo in range(26)]
    (stage.folder / "pages" / "titles.json").write_text(json.dumps(titles))
    with stage.browser() as page:
        for _ in range(4):
            with stage.round("visit"):
                page.open(f"{site}/album.html")
                stage.until(page, "document.images.length == 26 && !!window.flushed")
                page.run("new Promise(done => setTimeout(() => flushed().then(done), 3000))")


def trades(market: App, visitor: int) -> None:
    market.get("/items", visitor)
    for item in (2, 14, 38):
        market.get(f"/items/{item * visitor}", visitor)
    # Every sixth has a bookmark of what was sold.
    market.get(f"/items/{4 * visitor + (visitor % 6 == 0)}", visitor)
    assert market.post("/offers", {"price": 20 + visitor}, visitor) == 201
    market.ask("GET", "/healthz", headers=PROBE)


def crawled_after_a_release(stage: Stage) -> None:
    for take, release in (("before", "7.3.0"), ("after", "7.4.0")):
        market = stage.node("market.js", "market", release)
        market.get("/items")
        stage.forget()
        for visitor in range(1, 13):
            with stage.round(take):
                trades(market, visitor)
    for number in range(4):
        with stage.round("crawl"):
            market.ask("GET", "/robots.txt", headers=CRAWLER)
            for item in range(14):
                market.ask("GET", f"/items/{900 + 20 * number + item}", headers=CRAWLER)
            market.ask("GET", f"/sitemap-{number}.xml", headers=CRAWLER)


SCENARIOS = [
    Scenario(
        name="contacts_loaded_lazily",
        family="traces",
        drive=works_on_deals,
        plays=WEEK,
        expected=(performance("n_plus_one_db", "contacts", "/api/deals"),),
        story="A list of twenty deals is written as JSON, and the ORM loads the contact of each when it is touched.",
        # Why: the commonest mistake with an ORM, 160 ms of every view of the team's main list, one line to mend.
    ),
    Scenario(
        name="mails_sent_while_they_wait",
        family="traces",
        drive=mails_get_slow,
        plays=(
            Play(take="before", times=360, since=16, until=4, visitors=150),
            Play(take="after", times=150, since=4, visitors=100),
        ),
        expected=(performance("", "/appointments", "mail"),),
        story="Booking sends its confirmation before it answers. For four days the mail's provider has taken 1.5 s"
        " instead of nothing, and so does every booking; nobody has released anything.",
        # Why: every booker waits thirty times as long; mails belong into a queue. Route and request are one cause.
    ),
    Scenario(
        name="days_refused_since_4_2_0",
        family="traces",
        drive=days_in_another_order,
        plays=(
            Play(take="before", times=330, since=14, until=3, visitors=150),
            Play(take="after", times=130, since=3, visitors=100),
        ),
        expected=(Expected(kinds=("performance", "error"), where=("/appointments",)),),
        story="Since release 4.2.0 the page writes half of all days as 24.12.2026, and the server answers 422; before,"
        " one booking in twelve was refused, for a day that was over.",
        # Why: half of all bookings fail since a release. That no exception was raised does not make it less.
    ),
    Scenario(
        name="reminders_stopped",
        family="traces",
        drive=reminds,
        plays=(
            Play(take="visit", times=300, since=14, visitors=120),
            Play(take="job", times=288, since=14, until=2),
        ),
        expected=(performance("throughput_drop", "reminders"),),
        story="The consumer of a queue of reminders worked every hour of every day, and has done nothing for two days;"
        " the site goes on as ever.",
        # Why: a silent worker raises nothing anywhere, and customers miss their appointments.
    ),
    Scenario(
        name="subscribers_synced_by_pages",
        family="traces",
        drive=syncs,
        plays=(Play(take="visit", times=120, since=10, visitors=60), Play(take="job", times=60, since=10)),
        story="A job reads a newsletter's list every four hours, fourteen pages, each by the cursor that the one before"
        " told, and writes each page's hundred rows in one statement.",
        # Why: no page can be asked before the last, writes are in bulk, and nobody waits for it.
    ),
    Scenario(
        name="photos_by_phone",
        family="traces",
        drive=uploads,
        plays=WEEK,
        story="Photos are sent from phones: one to five seconds, as long as the phone's line takes, as ever.",
        # Why: the server only waits for what the phone sends, always did, and no change of it would help.
    ),
    Scenario(
        name="thumbnails_of_an_album",
        family="traces",
        drive=opens_the_album,
        plays=(Play(take="visit", times=60, since=6.5, visitors=40),),
        story="An album shows 26 thumbnails of some hundred bytes, which come within a moment.",
        # Why: that is what pictures on a page are; nobody waits.
    ),
    Scenario(
        name="crawled_after_a_release",
        family="traces",
        drive=crawled_after_a_release,
        plays=(
            Play(take="before", times=300, since=16, until=2, visitors=120),
            Play(take="after", times=60, since=2, visitors=50),
            Play(take="crawl", times=50, since=1.9, until=1.5),
        ),
        story="After release 7.4.0 a crawler reads the market anew for ten hours, and half of what it knows was sold:"
        " 404. People find what they look for, as before.",
        # Why: no person is refused more than before; a crawler will forget what is gone.
    ),
]
