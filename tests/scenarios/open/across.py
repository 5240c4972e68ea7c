"""One cause that several sources tell of is one Finding, and counted once."""

from tests.scenarios.label import Expected, Play, Scenario, friction
from tests.scenarios.stage import Stage
from tests.scenarios.visits import visit


def three_sources(stage: Stage) -> None:
    both = stage.python("both.py", "both")
    for visitor in range(5):
        both.post("/ship", {"weight": 3 + visitor, "boxes": 0}, visitor)
    stage.flush()
    stage.file("logs", "both.log", (stage.folder / "both.log").read_text())


def coupon_and_remarks(stage: Stage) -> None:
    site = stage.pages("pages")
    with stage.browser() as page:
        for number in (1, 2):
            with visit(stage, page, site, "angry", number) as visitor:
                visitor.go("cart.html")
                visitor.click("#coupon", times=7)
                visitor.look(3.2)
    for text in ("The Apply coupon button does nothing", "I cannot apply my coupon, nothing happens when I click"):
        with stage.round("said"):
            stage.remark(blocker=text, about="/cart.html", service="shop", user="visitor-1")


SCENARIOS = [
    Scenario(
        name="three_sources",
        family="across",
        drive=three_sources,
        expected=(Expected(kinds=("error",), where=("weight_of",), events=(5, 5)),),
        story="Five failures are told by Sentry's SDK, by spans and by a log file: one Finding of five events.",
    ),
    Scenario(
        name="coupon_said_and_done",
        family="across",
        drive=coupon_and_remarks,
        plays=(Play(take="angry", times=30, since=7, visitors=24), Play(take="said", times=5, since=6, visitors=5)),
        expected=(Expected(kinds=("friction", "feedback"), where=("coupon",)),),
        allowed=(friction("dead_click", "coupon"),),
        story="People hammer on a dead button, and some of them say so: what they do and say meets in one Finding.",
    ),
]
