"""Traces of a bookshop: what costs its visitors time, and what only looks as if it did."""

from tests.scenarios.label import Play, Scenario, error, performance
from tests.scenarios.stage import PERSON, Stage

VISITS = 8


def visited(*paths: str, times: int = VISITS, post: bool = False):
    """Each visit is a round of the take "visit"."""

    def drive(stage: Stage) -> None:
        books = stage.python("books.py", "books")
        for path in ("/home", *paths):
            books.get(path)  # the first of each opens connections and compiles
        stage.forget()
        for visitor in range(times):
            with stage.round("visit"):
                for path in paths:
                    (books.post if post else books.get)(path.format(visitor), visitor=visitor)

    return drive


def main_thread(path: str):
    def drive(stage: Stage) -> None:
        files = stage.node("files.js", "files")
        files.get(path)
        stage.forget()
        for visitor in range(6):
            with stage.round("visit"):
                files.get(path, visitor)

    return drive


def releases(path: str, before: dict[str, str], after: dict[str, str], post: bool = False, times: int = 24):
    """The same visits to two releases, and to a route that did not change."""

    def drive(stage: Stage) -> None:
        for take, release, env in (("before", "1.0.0", before), ("after", "1.1.0", after)):
            books = stage.python("books.py", "books", release, **env)
            books.get("/home")
            stage.forget()
            for visitor in range(times):
                with stage.round(take):
                    (books.post if post else books.get)(path, visitor=visitor)
                    books.get("/browse", visitor)

    return drive


def batch(stage: Stage) -> None:
    for _ in range(3):
        with stage.round("night"):
            stage.run("nightly.py", service="settlement")


def bots(stage: Stage) -> None:
    books = stage.python("books.py", "books")
    books.get("/home")
    stage.forget()
    for visitor in range(10):
        with stage.round("person"):
            books.get("/browse", visitor, User_Agent=PERSON)
    for _ in range(3):
        with stage.round("bot"):
            for number in range(25):
                books.get(
                    "/browse", 99, User_Agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
                )
                books.get(f"/wp-login.php?{number}", 99, User_Agent="Mozilla/5.0 (compatible; Googlebot/2.1)")


def cold_start(stage: Stage) -> None:
    books = stage.python("books.py", "books")
    books.get("/home")
    stage.forget()
    with stage.round("cold"):
        books.get("/recommended")
    for visitor in range(8):
        with stage.round("warm"):
            books.get("/recommended", visitor)


def shelf(name: str):
    """A page of the front, under Sentry's tracing in a real browser."""

    def drive(stage: Stage) -> None:
        pages = stage.pages("pages")
        stage.bundle("front.js", "front.min.js")
        fonts = "window.fonts = [" + ", ".join(f"'glyph {number}'" for number in range(90_000)) + "];"
        (stage.folder / "pages" / "fonts.js").write_text(fonts)
        with stage.browser() as page:
            for _ in range(4):
                with stage.round("visit"):
                    page.open(f"{pages}/{name}.html")
                    stage.until(page, "!!window.flushed && document.readyState == 'complete'", 30)
                    page.run("new Promise(done => setTimeout(() => flushed().then(done), 4500))")

    return drive


def deployed(stage: Stage) -> None:
    for take, env in (("usual", {}), ("starting", {"SLOWER": "9"})):
        books = stage.python("books.py", "books", "1.0.0" if take == "usual" else "1.1.0", **env)
        books.get("/home")
        stage.forget()
        for visitor in range(12):
            with stage.round(take):
                books.get("/search", visitor)


WEEK = (Play(take="visit", times=60, since=6, visitors=25),)
RELEASED = (
    Play(take="before", times=700, since=21, until=7, visitors=200),
    Play(take="after", times=350, since=7, visitors=200),
)

SCENARIOS = [
    Scenario(
        name="books_of_each_author",
        family="traces",
        drive=visited("/authors"),
        plays=WEEK,
        expected=(performance("n_plus_one_db", "/authors", "from books"),),
        story="A list of authors asks for the books of each in a query of its own, a dozen times on every view.",
    ),
    Scenario(
        name="catalogue_in_turns",
        family="traces",
        drive=visited("/catalogue"),
        plays=WEEK,
        expected=(performance("m_x_n_plus_one", "/catalogue", "from prices", "from stock", "from reviews"),),
        story="For each of six books the price, the stock and the reviews are asked for: three queries,"
        " again and again.",
    ),
    Scenario(
        name="parcel_by_parcel",
        family="traces",
        drive=visited("/shipping/{0}"),
        plays=WEEK,
        expected=(performance("n_plus_one_api", "/shipping", "/parcels"),),
        story="An order's nine parcels are asked of the warehouse one request at a time.",
    ),
    Scenario(
        name="three_slow_services",
        family="traces",
        drive=visited("/profile", times=5),
        plays=WEEK,
        expected=(performance("consecutive_http", "/profile", "/slow"),),
        story="A profile waits for three independent services, one after the other, 0.8 seconds each.",
    ),
    Scenario(
        name="yearly_report",
        family="traces",
        drive=visited("/yearly", times=5),
        plays=WEEK,
        expected=(performance("slow_db", "/yearly", "books"),),
        story="One query of a page that people wait for takes seconds every time.",
    ),
    Scenario(
        name="retries_without_a_pause",
        family="traces",
        drive=visited("/publish/{0}", post=True),
        plays=WEEK,
        expected=(performance("retry_storm", "/publish", "/down"),),
        allowed=(error("/down", "/publish", "503"),),
        story="A service that is down is asked six times within milliseconds, for every request.",
    ),
    Scenario(
        name="file_read_while_all_wait",
        family="traces",
        drive=main_thread("/catalogue"),
        plays=WEEK,
        expected=(performance("main_thread_io", "/catalogue", "readFileSync", "catalogue.bin"),),
        story="An Express route reads a large file synchronously: nobody else is served meanwhile.",
    ),
    Scenario(
        name="fonts_uncompressed",
        family="traces",
        drive=shelf("shelf"),
        plays=WEEK,
        expected=(performance("uncompressed_asset", "fonts.js"),),
        allowed=(
            performance("uncompressed_asset", "front.min.js"),
            performance("render_blocking_asset", "shelf", "js"),
        ),
        story="A script of more than a megabyte is served as it lies on the disk.",
    ),
    Scenario(
        name="search_got_slower",
        family="traces",
        drive=releases("/search", {}, {"SLOWER": "2.2"}),
        plays=RELEASED,
        expected=(performance("latency_regression", "/search"),),
        story="Since release 1.1.0 the search takes twice as long as before; browsing is as it was.",
    ),
    Scenario(
        name="checkout_fails_more",
        family="traces",
        drive=releases("/checkout", {"BROKEN": "0.02"}, {"BROKEN": "0.4"}, post=True, times=30),
        plays=RELEASED,
        expected=(performance("error_rate_regression", "/checkout"),),
        allowed=(error("checkout"),),
        story="Release 1.1.0 fails two checkouts in five; before, hardly one did.",
    ),
    Scenario(
        name="three_questions",
        family="traces",
        drive=visited("/home"),
        plays=WEEK,
        story="A home page asks three different questions of its database, a few milliseconds each.",
    ),
    Scenario(
        name="asked_once_used_often",
        family="traces",
        drive=visited("/cached"),
        plays=WEEK,
        story="Thirty uses of one answer: the database was asked once.",
    ),
    Scenario(
        name="nightly_settlement",
        family="traces",
        drive=batch,
        plays=(Play(take="night", times=14, since=14),),
        story="A job of the night takes its seconds; nobody waits for it.",
    ),
    Scenario(
        name="retry_that_succeeds",
        family="traces",
        drive=visited("/label/{0}", post=True, times=6),
        plays=(Play(take="visit", times=8, since=14, visitors=8),),
        story="Now and then a label takes three tries with growing pauses, and is printed.",
    ),
    Scenario(
        name="health_and_progress",
        family="traces",
        drive=visited(*["/healthz"] * 10, *["/jobs/7"] * 12, times=4),
        plays=(Play(take="visit", times=60, since=5, visitors=3),),
        story="A load balancer asks whether we live, and a page asks every while whether its job is done.",
    ),
    Scenario(
        name="one_cold_start",
        family="traces",
        drive=cold_start,
        plays=(Play(take="cold", times=1, since=3, until=2.9), Play(take="warm", times=150, since=6, visitors=30)),
        story="One request after a start took seconds while a model was loaded; the 150 others did not.",
    ),
    Scenario(
        name="slow_while_starting",
        family="traces",
        drive=deployed,
        plays=(
            Play(take="usual", times=650, since=14, until=2, visitors=150),
            Play(take="starting", times=10, since=2, until=1.998, visitors=10),
            Play(take="usual", times=120, since=1.99, visitors=100),
        ),
        story="A release was slow for its first three minutes, and is as quick as the last one since.",
    ),
    Scenario(
        name="a_bot_came_by",
        family="traces",
        drive=bots,
        plays=(Play(take="person", times=400, since=14, visitors=90), Play(take="bot", times=20, since=8, until=7.8)),
        story="A crawler read everything, and things that are not there, for an afternoon; then it was gone again.",
    ),
]
