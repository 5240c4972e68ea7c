"""Errors of a CRM, a club, a company's papers, a cinema and a page of figures; and what only looks like errors."""

from tests.scenarios import environments
from tests.scenarios.label import Play, Scenario, error
from tests.scenarios.stage import App, Stage
from tests.scenarios.visits import Visit

WAIT_AND_FLUSH = "new Promise(done => setTimeout(() => flushed().then(done), 300))"
PROBE = {"User-Agent": "ELB-HealthChecker/2.0", "X-User": ""}
GUESSER = {"User-Agent": "python-requests/2.32.3", "X-User": "", "Content-Type": "application/json"}
NAMES = ("Jürgen Groß", "Zoë Müller", "Ana Peña", "François Lefèvre", "Søren Bæk", "Björn Ström")
# As extensions run in a page: their own scripts, by their own addresses.
EXTENSIONS = (
    "setTimeout(function observeFields() { throw new Error('Extension context invalidated.') }, 10)\n"
    "//# sourceURL=chrome-extension://aeblfdkhhhdcdjpifhhbdiojplfjncoa/inject/fields.js",
    "setTimeout(function placeCoupons() { document.querySelector('.coupon-box').getBoundingClientRect() }, 10)\n"
    "//# sourceURL=chrome-extension://bmnlcjabgnpnenekpadlanbbkooimhnj/content/coupons.js",
    "setTimeout(function announce() { Object.defineProperty(window, 'wallet', { value: 1 });"
    " Object.defineProperty(window, 'wallet', { value: 2 }) }, 10)\n"
    "//# sourceURL=moz-extension://6d1f0a52-7c3e-4b0e-9a41-0f6c2d8be111/inpage.js",
)


def works_on(crm: App, visitor: int) -> None:
    """What goes on beside any story: a sales team's day, a probe, a bot."""
    said = [
        crm.ask("GET", "/health", headers=PROBE),
        crm.get("/contacts", visitor),
        crm.get(f"/contacts/{visitor}", visitor),
        crm.post(f"/contacts/{visitor}/notes", {"text": "called, will think about it"}, visitor),
        crm.post(f"/contacts/{visitor}/notes", {"text": " "}, visitor),
        crm.get("/contacts/4404", visitor),
        crm.ask("GET", "/wp-admin/setup-config.php", headers={"User-Agent": "Go-http-client/1.1", "X-User": ""}),
    ]
    assert said == [200, 200, 200, 201, 400, 404, 404], said


def sends(crm: App, to: str, table: str, visitor: int, code: str = "utf-8") -> int:
    return crm.ask("POST", to, visitor, table.encode(code), {"Content-Type": "text/csv"})


def imports_from_excel(stage: Stage) -> None:
    crm = stage.python("a_crm.py", "crm", "8.2.0")
    for visitor, name in enumerate(NAMES, 1):
        works_on(crm, visitor)
        some = "".join(f"Contact {n},n{n}@example.org\n" for n in range(3 * visitor))
        table = f"name,mail\n{some}{name},someone@example.org\n"
        assert sends(crm, "/contacts/import", table, visitor) == 201
        assert sends(crm, "/contacts/import", table.replace("mail", "e-mail"), visitor) == 400
        assert sends(crm, "/contacts/import", table, visitor, "cp1252") == 500


def imports_deals(stage: Stage) -> None:
    crm = stage.python("a_crm.py", "crm", "8.2.0")
    for visitor, amount in enumerate(("1.200,50", "900,00", "14 000", "€ 75", "3.400,-"), 1):
        works_on(crm, visitor)
        table = f"title,owner,amount\nRenewal {visitor},Ann,{100 * visitor}\n"
        assert sends(crm, "/deals/import", table, visitor) == 201
        assert sends(crm, "/deals/import", f'{table}Upgrade,Ben,"{amount}"\n', visitor) == 500
    for visitor in (11, 12, 13):
        table = f"title,account manager,amount\nRenewal {visitor},Cem,{100 * visitor}\n"
        assert sends(crm, "/deals/import", table, visitor) == 500


def renews(stage: Stage) -> None:
    club = stage.python("a_members.py", "members", "1.14.2")
    for visitor, number in enumerate((1, 2, 3, 4, 5, 6, 7, 8, 2), 1):
        assert club.ask("GET", "/up", headers=PROBE) == 200
        assert club.get("/classes", visitor) == 200
        assert club.post("/classes/yoga/places", {"day": "Monday"}, visitor) == 201
        assert club.post("/classes/yoga/places", {}, visitor) == 422
        assert club.get(f"/members/{number}", visitor) == (500 if number in (2, 4, 7) else 200)
    assert club.get("/members/4004", 3) == 404
    for _ in range(3):
        stage.run("a_club_jobs.py", "reminders", service="members-nightly", release="1.14.2")


def fills_the_disk(stage: Stage) -> None:
    roomy = stage.python("a_papers.py", "papers", "5.0.1")
    full = stage.python("a_papers.py", "papers", "5.0.1", NO_ROOM="1")
    for papers, made, shown in ((roomy, 201, 200), (full, 500, 500)):
        for visitor in range(1, 5):
            said = [
                papers.ask("GET", "/ping", headers=PROBE),
                papers.get("/papers", visitor),
                papers.ask("POST", f"/papers/offer-{visitor}", visitor, b"%PDF-1.7 " * visitor),
                papers.ask("POST", f"/papers/empty-{visitor}", visitor),
                papers.get(f"/papers/{visitor}/preview", visitor),
                papers.post(f"/exports/2026-{visitor:02}", None, visitor),
            ]
            assert said == [200, 200, made, 400, shown, made], said


def reads_receipts(stage: Stage) -> None:
    cinema = stage.python("a_cinema.py", "cinema", "2.7.0")
    for visitor, number in enumerate((1, 4, 6, 9, 11, 10, 12, 14), 1):
        assert cinema.ask("GET", "/live", headers=PROBE) == 200
        assert cinema.get("/films", visitor) == 200
        assert cinema.get(f"/orders/{number}/receipt", visitor) == (500 if number % 5 in (0, 4) else 200)
    for visitor, number in enumerate((2, 5, 3, 15), 1):
        assert cinema.post(f"/orders/{number}/mail", None, visitor) == (500 if number % 5 in (0, 4) else 200)


def looks_up_companies(stage: Stage) -> None:
    signup = stage.node("a_vat.js", "signup", "3.1.0", MAINTENANCE="1")
    for visitor in range(1, 5):
        assert signup.ask("GET", "/status", headers=PROBE) == 200
        assert signup.get("/plans", visitor) == 200
        assert signup.get("/vat/DE811000" if visitor == 3 else f"/vat/DE81120{visitor}", visitor) in (200, 422)
        assert signup.post("/companies", {}, visitor) == 400
    for visitor in range(5, 9):
        assert signup.get("/plans", visitor) == 200
        assert signup.get(f"/vat/DE81120{visitor}", visitor) == 500
    for visitor in (9, 10):
        assert signup.post("/companies", {"vat": f"FR8112{visitor}"}, visitor) == 500


def sees_figures(stage: Stage, accounts: tuple[str, ...], *extensions: str) -> None:
    release = "figures@41"
    pages = stage.pages("pages")
    stage.bundle("a_figures.js", "a_figures.min.js", release)
    with stage.browser() as page:
        for number, account in enumerate(accounts, 1):
            page.open(f"{pages}/door.html")
            stage.until(page, "document.title == 'Door'")
            page.run(f"localStorage.visitor = 'visitor-{number}'")
            page.open(f"{pages}/a_figures.html?release={release}&account={account}")
            stage.until(page, "!!window.flushed && !!window.drawn")
            if extensions:
                page.run(f"{extensions[number % len(extensions)]}")
            Visit(stage, page, pages).click("#redraw", gap=0.5)
            page.run(WAIT_AND_FLUSH)
            page.open("about:blank")


def opens_an_account(stage: Stage) -> None:
    sees_figures(stage, ("old", "new", "old", "new", "new", "old"))


def has_extensions(stage: Stage) -> None:
    sees_figures(stage, ("old",) * 7, *EXTENSIONS)


def stops_a_report(stage: Stage) -> None:
    """Ctrl-C after some seconds; beside it what runs to its end."""
    report = (str(environments.python()), "a_club_jobs.py", "report")
    for _ in range(3):
        stage.run("a_club_jobs.py", "members", service="club-jobs", release="1.14.2")
        stage.ran(
            "timeout", "-s", "INT", "4", "env", "--default-signal=INT", *report, service="club-jobs", release="1.14.2"
        )


def imports_members(stage: Stage) -> None:
    for _ in range(5):
        with stage.round("night"):
            stage.run("a_club_jobs.py", "members", service="club-jobs", release="1.14.2")


def pays(stage: Stage) -> None:
    cinema = stage.python("a_cinema.py", "cinema", "2.7.0")
    for number in range(1, 5):
        for take, cards in (("buys", ("4242",)), ("declined", (("1111", "2222")[number % 2], "4242"))):
            with stage.round(take):
                cinema.ask("GET", "/live", headers=PROBE)
                said = [cinema.get("/films", number), cinema.post(f"/films/{number}/seats", None, number)]
                said += [cinema.post(f"/orders/{number * 7}/pay", {"card": card}, number) for card in cards]
                assert said == [200, 200, *([402, 200] if take == "declined" else [200])], said


def signs_in(stage: Stage) -> None:
    cinema = stage.python("a_cinema.py", "cinema", "2.7.0")
    for number in range(1, 5):
        with stage.round("signs in"):
            cinema.get("/films", number)
            for password in ("opensesame",) if number % 2 else ("opensesamy", "opensesame"):
                cinema.ask(
                    "POST", "/session", number, f'{{"password": "{password}"}}'.encode(),
                    {"Content-Type": "application/json", "X-Forwarded-For": f"198.51.100.{number}"},
                )  # fmt: skip
    for number in range(2):
        with stage.round("guesses"):
            headers = {**GUESSER, "X-Forwarded-For": f"203.0.113.{number}"}
            said = [
                cinema.ask("POST", "/session", body=f'{{"password": "letmein{n}"}}'.encode(), headers=headers)
                for n in range(50)
            ]
            assert said == [401] * 20 + [429] * 30, said


SCENARIOS = [
    Scenario(
        name="contacts_saved_by_excel",
        family="errors",
        drive=imports_from_excel,
        # Why: an import that dies of an ü is a bug of the CRM; its byte and position differ each time.
        expected=(error("read_rows", events=(6, 6)),),
        story="A table that Excel saved in its old code is refused by an exception, of another letter at another"
        " place each time. The same table in UTF-8 is taken, one with a wrong heading is answered with 400.",
    ),
    Scenario(
        name="two_bugs_in_one_import",
        family="errors",
        drive=imports_deals,
        # Why: amounts with a comma and a column by another name are mended in two places.
        expected=(error("amount_of", events=(5, 5)), error("owner_of", events=(3, 3))),
        story="Deals are imported: amounts as they are written in Europe end in one exception, a column that is called"
        " otherwise in another. One route, one loop, two bugs.",
    ),
    Scenario(
        name="joined_on_29_february",
        family="errors",
        drive=renews,
        # Why: one function is wrong; that both a page and a job ask it makes it no second bug.
        expected=(error("next_renewal", events=(7, 7)),),
        story="Who joined on a 29th of February has no day of renewal in other years: their page fails, and so does"
        " the night's job, under another service's name.",
    ),
    Scenario(
        name="disk_is_full",
        family="errors",
        drive=fills_the_disk,
        # Why: somebody has to make room, once; which of three functions met it says nothing.
        expected=(error("No space left on device"),),
        story="The disk is full, and uploads, previews and exports fail, each in a function of its own: one cause.",
    ),
    Scenario(
        name="account_was_closed",
        family="errors",
        drive=reads_receipts,
        # Why: one line does not reckon with orders whose account is gone, in whatever it is asked for.
        expected=(error("buyer_line", events=(6, 6)),),
        story="Orders of accounts that were closed have nobody: their receipts fail, on the screen and by mail.",
    ),
    Scenario(
        name="html_instead_of_json",
        family="errors",
        drive=looks_up_companies,
        # Why: our client trusts a 200; two routes and two pages of maintenance are the same bug.
        expected=(error("lookUp", "is not valid JSON", events=(6, 6)),),
        story="A public service is in maintenance and answers 200 with one of two HTML pages; reading it as JSON fails"
        " in two routes of an Express app. Unknown numbers are answered with 422.",
    ),
    Scenario(
        name="dashboard_of_a_new_account",
        family="errors",
        drive=opens_an_account,
        # Why: everybody who begins sees a broken page; on load and by the button it is one line.
        expected=(error("peakOf"),),
        story="A shop that opened today has sold nothing yet, and its page throws, as it opens and when it is drawn"
        " again, out of a minified bundle. Older shops see their figures.",
    ),
    Scenario(
        name="extensions_of_visitors",
        family="errors",
        drive=has_extensions,
        # Why: none of this code is ours, and the page works.
        story="Extensions of visitors' browsers throw in our page: a password manager, a finder of coupons, a wallet.",
    ),
    Scenario(
        name="cards_declined",
        family="errors",
        drive=pays,
        plays=(
            Play(take="buys", times=150, since=7, visitors=90),
            Play(take="declined", times=14, since=7, visitors=14, first_visitor=200),
        ),
        # Why: banks decline cards every day; it is answered with 402 and another card pays.
        story="One card in twelve is declined. The exception passes through a span, is answered with 402, and"
        " another card pays.",
    ),
    Scenario(
        name="passwords_are_guessed",
        family="errors",
        drive=signs_in,
        plays=(
            Play(take="signs in", times=120, since=7, visitors=60),
            Play(take="guesses", times=5, since=0.3, until=0.2),
        ),
        # Why: the guesser is refused and then held off, as it should be.
        story="Somebody's script tries 250 passwords in two hours: 401, and 429 after the twentieth. People sign in"
        " as ever, now and then at the second try.",
    ),
    Scenario(
        name="stopped_at_the_terminal",
        family="errors",
        drive=stops_a_report,
        # Why: a person pressed Ctrl-C, and got what they wanted.
        story="A report takes long, and a person stops it with Ctrl-C, three times.",
    ),
    Scenario(
        name="nightly_import_says_done",
        family="errors",
        drive=imports_members,
        plays=(Play(take="night", times=28, since=28),),
        # Why: it is news, at the level of news: all rows are in.
        story="Each night a job tells Sentry how its import went: rows, some new, most skipped, 0 failed.",
    ),
]
