"""People at a planner of meals, which is one page with a router of its own."""

from tests.scenarios.drives import takes
from tests.scenarios.label import Expected, Play, Scenario, friction
from tests.scenarios.visits import Visit


def cooks(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.look(1)
    visitor.follow("#recipe-3")
    visitor.look(3)


def prints(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.look(0.6)
    visitor.follow("#recipe-2")
    visitor.click("#print", times=6, gap=0.25)
    visitor.look(3.2)


def scales(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.look(0.6)
    visitor.follow("#recipe-1")
    visitor.look(0.5)
    visitor.click("#scale")
    visitor.look(2)


def registers(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.follow("#to-register")
    for field, text in (("full-name", "Ann"), ("mail", "ann@example.org"), ("insurance", "M 1234")):
        visitor.type(f"#{field}", text)
    visitor.follow("#send")
    visitor.look(0.5)


def leaves_register(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.follow("#to-register")
    visitor.type("#full-name", "Ann")
    visitor.type("#mail", "ann@example.org")
    visitor.click("#insurance")
    visitor.look(2.5)


def mistypes_mail(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.follow("#to-register")
    for field, text in (("full-name", "Ann"), ("mail", "ann.example.org"), ("insurance", "M 1234")):
        visitor.type(f"#{field}", text)
    visitor.click("#send")
    visitor.look(1)
    visitor.type("#mail", "ann@example.org")
    visitor.follow("#send")
    visitor.look(0.5)


def searches_courgettes(visitor: Visit) -> None:
    visitor.go("planner.html")
    for words in ("courgette soup", "soup courgette", "courgette soup easy", "courgettes soup"):
        visitor.type("#q", words)
        visitor.look(1.5)


def searches_letter_by_letter(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.keys("#q", "tomato s")
    visitor.look(0.8)
    visitor.follow("#recipe-5")
    visitor.look(2)


def chooses_days(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.look(0.6)
    visitor.follow("#to-plan")
    visitor.look(0.8)
    visitor.click("#monday")
    visitor.look(0.6)
    visitor.follow("#next")
    visitor.look(0.8)


def plans(visitor: Visit) -> None:
    chooses_days(visitor)
    visitor.click("#soup")
    visitor.look(0.6)
    visitor.follow("#next")
    visitor.look(1.5)
    visitor.follow("#finish")
    visitor.look(0.5)


def stops_at_meals(visitor: Visit) -> None:
    chooses_days(visitor)
    visitor.look(2)


def plans_as_ever(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.look(0.6)
    for step in ("#to-plan", "#next", "#next", "#finish"):
        visitor.follow(step)
        visitor.look(0.3)
    visitor.look(1.5)


def reads_article(visitor: Visit) -> None:
    visitor.go("articles.html")
    visitor.look(9)
    visitor.go("about.html")
    visitor.look(1)


def reads_about(visitor: Visit) -> None:
    visitor.go("about.html")
    visitor.look(6)


def unlocks(visitor: Visit) -> None:
    visitor.go("planner.html?at=/unlock")
    visitor.click("#key-7", times=4, gap=0.2)
    visitor.click("#key-1", times=2, gap=0.2)
    visitor.look(2.8)


def plays_with_switches(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.follow("#recipe-4")
    visitor.click("#favourite", times=3, gap=0.2)
    for star in (2, 4, 3):
        visitor.click(f"#star-{star}", gap=0.2)
    visitor.look(2.8)


def compares(visitor: Visit) -> None:
    visitor.go("planner.html")
    for recipe, seconds in ((3, 5), (5, 7), (1, 4)):
        visitor.look(1.5)
        visitor.follow(f"#recipe-{recipe}")
        visitor.look(seconds)
        visitor.back()
    visitor.follow("#recipe-2")
    visitor.look(11)


def looks_up_imprint(visitor: Visit) -> None:
    visitor.go("planner.html")
    visitor.follow("#to-imprint")
    visitor.look(3)


SCENARIOS = [
    Scenario(
        name="print_icon_is_dead",
        family="usage",
        drive=takes(2, prints=prints, cooks=cooks),
        plays=(
            Play(take="prints", times=30, since=7, visitors=25),
            Play(take="cooks", times=50, since=7, visitors=50, first_visitor=100),
        ),
        expected=(Expected(kinds=("friction",), where=("print",)),),
        story="An icon that should print does nothing; people hammer on its picture. Rage or dead: one cause.",
    ),
    Scenario(
        name="scaling_throws",
        family="usage",
        drive=takes(2, scales=scales, cooks=cooks),
        plays=(
            Play(take="scales", times=25, since=6, visitors=22),
            Play(take="cooks", times=50, since=6, visitors=50, first_visitor=100),
        ),
        expected=(Expected(kinds=("friction", "error"), where=("scaled", "#scale", "For six", "ingredients")),),
        story="Scaling a recipe for six ends in an exception with every click: one cause, however it was seen.",
    ),
    Scenario(
        name="insurance_number",
        family="usage",
        drive=takes(2, ends=registers, stops=leaves_register),
        plays=(
            Play(take="ends", times=30, since=7, visitors=30),
            Play(take="stops", times=60, since=7, visitors=60, first_visitor=100),
        ),
        expected=(friction("form_abandonment", "register", "insurance"),),
        story="Two of three who register leave when they are asked for their health insurance's number.",
    ),
    Scenario(
        name="courgette_or_zucchini",
        family="usage",
        drive=takes(2, vain=searches_courgettes, cooks=cooks),
        plays=(
            Play(take="vain", times=24, since=7, visitors=22),
            Play(take="cooks", times=40, since=7, visitors=40, first_visitor=100),
        ),
        expected=(friction("repeated_search", "recipes", "#q", "courgette"),),
        story="People ask for courgette soup in four ways and are shown none: here it is called zucchini.",
    ),
    Scenario(
        name="lost_at_the_meals",
        family="usage",
        drive=takes(2, plans=plans, stops=stops_at_meals),
        plays=(
            Play(take="plans", times=110, since=21, until=7, visitors=110),
            Play(take="stops", times=16, since=21, until=7, visitors=16, first_visitor=200),
            Play(take="plans", times=16, since=7, visitors=16, first_visitor=300),
            Play(take="stops", times=46, since=7, visitors=46, first_visitor=400),
        ),
        expected=(friction("funnel_drop_off", "meals", "/plan/list"),),
        story="For a week three of four planners have given up where meals are chosen; before, one of eight did.",
    ),
    Scenario(
        name="article_jumps",
        family="usage",
        drive=takes(3, reads=reads_article, about=reads_about),
        plays=(Play(take="reads", times=60, since=7, visitors=50), Play(take="about", times=60, since=7, visitors=50)),
        expected=(friction("web_vitals", "articles"),),
        story="Offers that come late push an article down under the eyes of its readers, twice.",
    ),
    Scenario(
        name="pin_on_a_keypad",
        family="usage",
        drive=takes(2, unlocks=unlocks),
        plays=(Play(take="unlocks", times=35, since=7, visitors=30),),
        story="A PIN is 7777 and two ones: the same key four times in a second.",
    ),
    Scenario(
        name="on_off_on",
        family="usage",
        drive=takes(2, plays=plays_with_switches, cooks=cooks),
        plays=(
            Play(take="plays", times=30, since=7, visitors=28),
            Play(take="cooks", times=40, since=7, visitors=40, first_visitor=100),
        ),
        story="A switch is put on, off and on, and two stars become four become three: each click does its work.",
    ),
    Scenario(
        name="clicked_through",
        family="usage",
        drive=takes(2, ever=plans_as_ever, cooks=cooks),
        plays=(
            Play(take="ever", times=40, since=7, visitors=30),
            Play(take="cooks", times=40, since=7, visitors=40, first_visitor=100),
        ),
        story="Those who eat the same every week click through the plan in two seconds: next, next, done.",
    ),
    Scenario(
        name="recipes_compared",
        family="usage",
        drive=takes(2, compares=compares),
        plays=(Play(take="compares", times=40, since=7, visitors=36),),
        story="Three recipes are opened and read for some seconds, back to the list each time, and the fourth is"
        " cooked: that is what a list is for.",
    ),
    Scenario(
        name="mail_mistyped",
        family="usage",
        drive=takes(2, mistypes=mistypes_mail, ends=registers),
        plays=(
            Play(take="mistypes", times=20, since=7, visitors=20),
            Play(take="ends", times=40, since=7, visitors=40, first_visitor=100),
        ),
        story="An address without an @ is refused with a word why, corrected, and all of them register.",
    ),
    Scenario(
        name="searched_while_typing",
        family="usage",
        drive=takes(2, types=searches_letter_by_letter),
        plays=(Play(take="types", times=35, since=7, visitors=30),),
        story="The list is searched with every letter, eight times in a second or two, and the salad is found.",
    ),
    Scenario(
        name="imprint_is_rarely_read",
        family="usage",
        drive=takes(2, cooks=cooks, looks=looks_up_imprint),
        plays=(
            Play(take="cooks", times=140, since=21, visitors=120),
            Play(take="looks", times=2, since=21, visitors=2, first_visitor=300),
        ),
        story="Two of 120 people open the imprint: nobody needs it more often.",
    ),
]
