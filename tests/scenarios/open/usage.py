"""People in a web shop, as posthog-js sees them: what gets in their way, and what only looks like it."""

from tests.scenarios.drives import takes
from tests.scenarios.label import Expected, Play, Scenario, friction
from tests.scenarios.visits import Visit


def coupon(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.click("#coupon", times=7)
    visitor.look(3.2)


def paying(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.look(0.5)
    visitor.click("#pay")
    visitor.look(2)


def buys(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.look(0.6)
    visitor.follow("#address")
    visitor.type("#street", "Quay 1")
    visitor.follow("#next")
    visitor.look(0.5)
    visitor.follow("#buy")
    visitor.look(0.5)


def stops_at_address(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.look(0.6)
    visitor.follow("#address")
    visitor.look(2)


def signs_up(visitor: Visit) -> None:
    visitor.go("signup.html")
    for field in ("name", "email", "company", "tax"):
        visitor.type(f"#{field}", f"some {field}")
    visitor.follow("#send")
    visitor.look(0.5)


def gives_up(visitor: Visit) -> None:
    visitor.go("signup.html")
    for field in ("name", "email", "company"):
        visitor.type(f"#{field}", f"some {field}")
    visitor.click("#tax")
    visitor.look(2)


def only_looks(visitor: Visit) -> None:
    visitor.go("signup.html")
    visitor.look(1.5)
    visitor.go("terms.html")
    visitor.look(1)


def searches_in_vain(visitor: Visit) -> None:
    visitor.go("search.html")
    for words in ("tea kettle", "kettle for tea", "tea kettle small", "small kettle"):
        visitor.type("#q", words)
        visitor.follow("#find")
        visitor.look(0.8)


def searches_better(visitor: Visit) -> None:
    visitor.go("search.html")
    for words in ("kettle", "kettle steel"):
        visitor.type("#q", words)
        visitor.follow("#find")
        visitor.look(0.8)
    visitor.follow(".result")
    visitor.look(0.6)


def waits_for_the_picture(visitor: Visit) -> None:
    visitor.go("gallery.html")
    visitor.look(7)  # a browser stops looking for the largest thing at the first click
    visitor.click("#more")
    visitor.look(4)


def reads_news(visitor: Visit) -> None:
    visitor.go("news.html")
    visitor.look(4)


def counts_up(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.click("#plus", times=9, gap=0.12)
    visitor.click("#minus", times=4, gap=0.12)
    visitor.look(2.8)
    visitor.follow("#address")


def selects_text(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.look(0.5)
    visitor.double_click("#text")
    visitor.look(3.2)


def reads_on(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.look(1)
    visitor.follow("#terms")
    visitor.look(11)
    visitor.follow("#cart")
    visitor.look(1)


def slips(visitor: Visit) -> None:
    visitor.go("cart.html")
    visitor.look(1)
    visitor.follow("#terms")
    visitor.look(0.8)
    visitor.back()
    visitor.look(1)
    visitor.follow("#address")


SCENARIOS = [
    Scenario(
        name="coupon_does_nothing",
        family="usage",
        drive=takes(2, angry=coupon, calm=buys),
        plays=(
            Play(take="angry", times=30, since=7, visitors=24),
            Play(take="calm", times=40, since=7, visitors=50, first_visitor=100),
        ),
        expected=(friction("rage_click", "coupon"),),
        allowed=(friction("dead_click", "coupon"),),
        story="A button does nothing at all; a third of the visitors hammer on it.",
    ),
    Scenario(
        name="paying_throws",
        family="usage",
        drive=takes(2, throws=paying),
        plays=(Play(take="throws", times=25, since=6, visitors=20),),
        expected=(Expected(kinds=("friction", "error"), where=("#pay", "Pay now", "charge", "cart.html"), at_most=2),),
        allowed=(friction("dead_click", "pay", "cart"),),
        story="Every click on the button that pays ends in an exception, and nothing is said.",
    ),
    Scenario(
        name="tax_number",
        family="usage",
        drive=takes(2, ends=signs_up, stops=gives_up),
        plays=(
            Play(take="ends", times=30, since=7, visitors=30),
            Play(take="stops", times=60, since=7, visitors=60, first_visitor=100),
        ),
        expected=(friction("form_abandonment", "signup", "tax"),),
        allowed=(friction("funnel_drop_off", "signup"),),
        story="Two of three who fill in the form leave at the tax number.",
    ),
    Scenario(
        name="nothing_found",
        family="usage",
        drive=takes(2, vain=searches_in_vain),
        plays=(Play(take="vain", times=24, since=7, visitors=22),),
        expected=(friction("repeated_search", "search"),),
        story="People ask for the kettle in four ways and find nothing, though there is one.",
    ),
    Scenario(
        name="lost_at_the_address",
        family="usage",
        drive=takes(2, buys=buys, stops=stops_at_address),
        plays=(
            Play(take="buys", times=110, since=21, until=7, visitors=110),
            Play(take="stops", times=18, since=21, until=7, visitors=18, first_visitor=200),
            Play(take="buys", times=15, since=7, visitors=15, first_visitor=300),
            Play(take="stops", times=45, since=7, visitors=45, first_visitor=400),
        ),
        expected=(friction("funnel_drop_off", "address"),),
        story="For a week three of four buyers have gone away at the address; before, one of seven did.",
    ),
    Scenario(
        name="late_picture",
        family="usage",
        drive=takes(3, late=waits_for_the_picture, news=reads_news),
        plays=(Play(take="late", times=60, since=7, visitors=50), Play(take="news", times=60, since=7, visitors=50)),
        expected=(friction("web_vitals", "gallery"),),
        allowed=(friction("dead_click", "gallery"),),
        story="A gallery's picture comes after five seconds; the news are there at once.",
    ),
    Scenario(
        name="stepper",
        family="usage",
        drive=takes(2, steps=counts_up),
        plays=(Play(take="steps", times=30, since=7, visitors=25),),
        story="Thirteen of something are wanted: plus, plus, plus.",
    ),
    Scenario(
        name="text_selected",
        family="usage",
        drive=takes(2, selects=selects_text),
        plays=(Play(take="selects", times=20, since=7, visitors=20),),
        story="A paragraph is selected by three clicks, to be copied.",
    ),
    Scenario(
        name="back_from_a_slip",
        family="usage",
        drive=takes(2, slips=slips, reads=reads_on, buys=buys),
        plays=(
            Play(take="slips", times=3, since=7, visitors=3),
            Play(take="reads", times=40, since=7, visitors=40, first_visitor=50),
            Play(take="buys", times=80, since=7, visitors=80, first_visitor=100),
        ),
        story="Three of 120 people hit the wrong link and come back; those who meant to read the terms read them.",
    ),
    Scenario(
        name="search_refined",
        family="usage",
        drive=takes(2, better=searches_better),
        plays=(Play(take="better", times=30, since=7, visitors=25),),
        story="Too much, then one word more, and there it is.",
    ),
    Scenario(
        name="form_untouched",
        family="usage",
        drive=takes(2, looks=only_looks),
        plays=(Play(take="looks", times=40, since=7, visitors=40),),
        story="People look at the sign-up and go on; they filled in nothing.",
    ),
]
