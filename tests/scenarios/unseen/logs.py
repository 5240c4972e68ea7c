"""What logs say of a shop, its invoices and its guests: failures among the lines of a usual day, and mere lines."""

from functools import partial

from tests.scenarios import drives, environments
from tests.scenarios.drives import Drive
from tests.scenarios.label import Play, Scenario, error
from tests.scenarios.stage import Stage

DAYS = (Play(take="run", times=6, since=6),)
invoicing = partial(drives.logged, "a_invoicing.py", name="django.log")


def printed(name: str, *command: str) -> Drive:
    """Two rounds of what a program prints, to one and the other output, as its log keeps it."""

    def drive(stage: Stage) -> None:
        for _ in range(2):
            with stage.round("run"):
                stage.file("logs", name, stage.ran(*command))

    return drive


def tests_pass(stage: Stage) -> None:
    printed("pipeline.log", str(environments.python()), "-m", "unittest", "-v", "a_cards_spec")(stage)


SCENARIOS = [
    Scenario(
        name="invoices_in_django_log",
        family="logs",
        drive=invoicing("printing"),
        plays=DAYS,
        # Why: every credit note fails to print; a stale form, a page that is gone and a wrong sort do not count.
        expected=(error("net_total", "pdf"),),
        story="Django logs each credit note that cannot be printed as an Internal Server Error with its traceback, each"
        " at an address of its own; beside it 404s, a form that was open too long, a sort that there is not.",
    ),
    Scenario(
        name="guests_without_a_phone",
        family="logs",
        drive=drives.logged("a_guests.py", "run", "uvicorn.log"),
        plays=DAYS,
        # Why: guests who left no number cannot be shown; bots, a 405 and TLS on a plain port are nothing.
        expected=(error("ResponseValidationError", "/guests", "phone"),),
        story="FastAPI finds that its own answer has no phone number, and uvicorn logs the exception, whose frames are"
        " all the framework's. Bots come by too.",
    ),
    Scenario(
        name="products_without_a_picture",
        family="logs",
        drive=printed("feed.log", "node", "a_feed.js"),
        plays=DAYS,
        # Why: products are missing in the feed, and only the console says so.
        expected=(error("imageOf", "could not send product"),),
        story="A job's console.error has the stack of each product that could not be sent, with its number; products"
        " that are out of stock are skipped as they should be.",
    ),
    Scenario(
        name="backup_of_nothing",
        family="logs",
        drive=printed("backup.log", "bash", "a_backup.sh"),
        plays=DAYS,
        # Why: nothing is worse to learn too late; tar's two lines are one failure.
        expected=(error("Cannot stat", "/srv/shop/media", "tar:"),),
        story="The night's backup looks for a folder that was moved. tar says so in two lines, and the script goes on.",
    ),
    Scenario(
        name="strangers_in_django_log",
        family="logs",
        drive=invoicing("strangers"),
        plays=DAYS,
        # Why: scanners ask under hosts that are not ours, and are refused; nobody can mend them.
        story="Django logs an ERROR with a traceback for every request under a host that is not its own: scanners.",
    ),
    Scenario(
        name="supplier_hangs_up",
        family="logs",
        drive=drives.logged("a_stock.py", "run", "stock.log"),
        plays=DAYS,
        # Why: each was answered at the second try, and the run says that all were.
        story="urllib3 warns of connections that broke, tries again, and all 44 products are answered.",
    ),
    Scenario(
        name="database_not_up_yet",
        family="logs",
        drive=printed("app.log", "bash", "a_entrypoint.sh"),
        plays=DAYS,
        # Why: that is what waiting looks like, and it ends within a second.
        story="A container waits for its database: Connection refused, sleeping, Connection refused, and it is up.",
    ),
    Scenario(
        name="tests_in_the_pipeline",
        family="logs",
        drive=tests_pass,
        plays=DAYS,
        # Why: everything passed; only the names of tests speak of errors.
        story="A pipeline's log has tests of errors, exceptions and crashes by name, and all of them are ok.",
    ),
]
