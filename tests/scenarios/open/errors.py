"""Errors that have one cause in many shapes, or one shape and many causes, and what only looks like an error."""

from tests.scenarios.label import Scenario, error
from tests.scenarios.stage import Stage


def message_varies(stage: Stage) -> None:
    shop = stage.python("shop.py", "shop", "1.0.0")
    for number in (7, 1041, 99812, 5):
        shop.get(f"/orders/{number}", visitor=number)
    stage.moved_down("orders.py", lines=9)
    shop = stage.python("shop.py", "shop", "1.1.0")
    for number in (8, 2077):
        shop.get(f"/orders/{number}", visitor=number)


def same_message(stage: Stage) -> None:
    shop = stage.python("shop.py", "shop")
    for visitor in range(4):
        shop.post("/pay", {"order": visitor}, visitor)
        shop.post("/vouchers", {"order": visitor}, visitor)


def recursion(stage: Stage) -> None:
    shop = stage.python("shop.py", "shop")
    for depth in (1, 2, 5, 40):
        shop.get(f"/baskets/{depth}", visitor=depth)


def chained(stage: Stage) -> None:
    shop = stage.python("shop.py", "shop")
    for visitor, item in enumerate(("coffee", "milk", "sugar")):
        shop.post(f"/reserve/{item}", {}, visitor)


def async_paths(stage: Stage) -> None:
    quotes = stage.python("quotes.py", "quotes")
    for visitor, way in enumerate(("task", "soon", "all", "one", "task")):
        quotes.get(f"/quotes/{way}", visitor)


def two_builds(stage: Stage) -> None:
    pages = stage.pages("pages")
    with stage.browser() as page:
        for release, extra in (("web@1", ""), ("web@2", "window.banner = (name) => `Hello, ${name}`")):
            stage.source("basket.js", EXTRA=extra)
            stage.bundle("basket.js", f"{release}.min.js", release)
            for _ in range(2):
                page.open(f"{pages}/basket.html?{release}")
                stage.until(page, "!!window.checkout")
                page.run("checkout([{ count: 2 }])")
                page.run("new Promise(done => setTimeout(() => flushed().then(done), 100))")


def expected_answers(stage: Stage) -> None:
    shop = stage.python("shop.py", "shop")
    for number in (21, 22, 404, 999, 1000):
        assert shop.get(f"/items/{number}", visitor=number) == 404
    for visitor in range(3):
        assert shop.get("/account", visitor) == 403
        assert shop.post("/address", {}, visitor) == 422
        shop.leave_early("/export", 0.05)
    shop.get("/items/3")


def own_tests(stage: Stage) -> None:
    shop = stage.python("shop.py", "shop", ENVIRONMENT="improver-doctor")
    for visitor in range(5):
        shop.post("/pay", {"order": visitor}, visitor)


SCENARIOS = [
    Scenario(
        name="message_varies",
        family="errors",
        drive=message_varies,
        expected=(error("find_order", events=(6, 6)),),
        story="A missing order is reported with its number, address, path and time in the message, from two releases"
        " between which the lines moved: one bug.",
    ),
    Scenario(
        name="same_message_two_causes",
        family="errors",
        drive=same_message,
        expected=(error("charge_card", events=(4, 4)), error("refund_voucher", events=(4, 4))),
        story="Cards and vouchers fail in different functions that happen to say the same: two bugs.",
    ),
    Scenario(
        name="recursion_depths",
        family="errors",
        drive=recursion,
        expected=(error("total_of", events=(4, 4)),),
        story="A price is missing in baskets that are nested one to forty deep: one bug, however deep.",
    ),
    Scenario(
        name="chained_lookup",
        family="errors",
        drive=chained,
        expected=(error("reserve", "stock_of", events=(3, 3)),),
        story="An unknown item's KeyError is wrapped into a LookupError that names the item: one bug, not"
        " two, not three.",
    ),
    Scenario(
        name="async_paths",
        family="errors",
        drive=async_paths,
        expected=(error("price_in", events=(5, 5)),),
        story="The same coroutine fails in a task, under a time limit and among others: asyncio's frames"
        " differ, the bug does not.",
    ),
    Scenario(
        name="minified_two_builds",
        family="errors",
        drive=two_builds,
        expected=(error("priceOf", events=(4, 4)),),
        story="A bundle fails in two releases whose minifier gave the functions other names; source maps"
        " were uploaded.",
    ),
    Scenario(
        name="expected_answers",
        family="errors",
        drive=expected_answers,
        story="Pages that are not there, forbidden ones, forms with a street missing, downloads that were cancelled:"
        " an app that says 404, 403 and 422 does its work.",
    ),
    Scenario(
        name="own_tests",
        family="errors",
        drive=own_tests,
        story="`improver doctor` tried whether errors arrive: our own test traffic is nobody's bug.",
    ),
]
