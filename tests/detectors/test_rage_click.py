"""Rage clicks, and what is made to be clicked many times."""

import pytest

from tests.detectors.told import patterns
from tests.detectors.told_usage import Visit, of_visits

COUPON = 'button#coupon "Apply coupon"'


def told_by_the_client(element: str) -> Visit:
    visit = Visit().view("/cart")
    for _ in range(5):
        visit.click(element, gap=0.2)
    return visit.rage(element).click("a#home", gap=5).view("/")


def test_what_the_client_told_is_found_once_for_its_element_with_what_was_lost(tmp_path):
    (found,) = of_visits(tmp_path, *(told_by_the_client(COUPON) for _ in range(4)))
    assert (found.pattern, found.kind, found.events) == ("rage_click", "friction", 4)
    assert found.title == f"Rage clicks on {COUPON} at /cart"
    assert found.minutes_per_week == round(4 * 6 / 60, 1)


def clicks(*gaps: float, **coordinates: list) -> Visit:
    visit = Visit().view("/cart")
    for number, gap in enumerate(gaps):
        visit.click("div#map", gap=gap, **{f"${axis}": values[number] for axis, values in coordinates.items()})
    return visit


def test_where_no_client_told_it_is_three_quick_clicks_near_each_other(tmp_path):
    near = {"x": [10, 15, 20], "y": [10, 10, 12]}
    assert patterns(of_visits(tmp_path, *(clicks(1, 0.3, 0.3, **near) for _ in range(3)))) == ["rage_click"]


@pytest.mark.parametrize(
    ("gaps", "across"), [((1, 1.2, 1.2), [10, 10, 10]), ((1, 0.3, 0.3), [10, 60, 110]), ((1, 0.3), [10, 10])]
)
def test_slow_clicks_clicks_here_and_there_and_double_clicks_are_none(tmp_path, gaps, across):
    visits = [clicks(*gaps, x=across, y=[5] * 3) for _ in range(5)]
    assert of_visits(tmp_path, *visits) == []


@pytest.mark.parametrize(
    "element",
    ['button "+"', 'button#minus "−"', 'a "Next"', 'nav#pagination > a "4"', "div#carousel > span", "input#name"],
)
def test_steppers_pages_carousels_and_what_is_typed_into_are_none(tmp_path, element):
    assert of_visits(tmp_path, *(told_by_the_client(element) for _ in range(6))) == []


@pytest.mark.parametrize(
    "element",
    ['button "‹ Newer"', 'a "Older posts →"', 'button "Next week ›"', 'button "One more"', 'button "Fewer seats"',
     "button#rows-less"],
)  # fmt: skip
def test_pagers_and_steppers_in_words_are_none(tmp_path, element):
    assert of_visits(tmp_path, *(told_by_the_client(element) for _ in range(6))) == []


@pytest.mark.parametrize("element", ['button "Pay now ›"', 'a "Continue →"', 'button#remember "Send"'])
def test_an_arrow_or_a_part_of_a_word_makes_no_stepper(tmp_path, element):
    assert patterns(of_visits(tmp_path, *(told_by_the_client(element) for _ in range(6)))) == ["rage_click"]


def hammered(*chains: str, pages: tuple[str, ...] = ("/plan",)) -> Visit:
    """Clicks at one place, as posthog-js tells them: the third is rage, and a click beside it."""
    visit = Visit().view(pages[0])
    for number, chain in enumerate(chains):
        visit.page = pages[number % len(pages)]
        visit.url = f"https://shop.example{visit.page}"
        if number == 2:
            visit.rage("button", gap=0.2, **{"$elements_chain": chain})
        visit.click("button", gap=0.002 if number == 2 else 0.2, **{"$elements_chain": chain})
    return visit.view("/", gap=4)


PLACE = 'nth-child="2"nth-of-type="1"'
OFF = f'button:attr__aria-pressed="false"attr__id="star"{PLACE}text="Star";main:{PLACE}'
ON = f'button:attr__aria-pressed="true"attr__id="star"{PLACE}text="Starred";main:{PLACE}'
HEART = f'svg.heart:{PLACE};button:attr__class="like"{PLACE}'
SEND = f'button.btn:attr__class="btn"{PLACE}text="Send"'
SENDING = f'button.btn:attr__class="btn"{PLACE}text="Sending…"'
TAILWIND = 'button:attr__class="disabled:opacity-50 aria-invalid:ring {}"attr__role="switch"nth-child="1"'


@pytest.mark.parametrize(
    "chains",
    [
        (OFF, ON, OFF),
        (HEART, HEART.replace("heart:", "heart.full:attr__class=\"heart full\""), HEART),
        (TAILWIND.format("bg-white"), TAILWIND.format("bg-blue"), TAILWIND.format("bg-white")),
        tuple(f'button:attr__id="like"nth-child="1"text="Like ({count})"' for count in (3, 4, 5)),
    ],
)
def test_a_switch_that_shows_each_click_is_none(tmp_path, chains):
    assert of_visits(tmp_path, *(hammered(*chains) for _ in range(6))) == []


def test_clicking_through_pages_or_steps_that_each_click_brings_is_none(tmp_path):
    pages = [hammered(SEND, SEND, SEND, pages=("/quiz/1", "/quiz/2", "/quiz/3")) for _ in range(6)]
    steps = [f'button:attr__id="{step}"{PLACE}text="{step}"' for step in ("days", "meals", "finish")]
    assert of_visits(tmp_path, *pages, *(hammered(*steps) for _ in range(6))) == []


@pytest.mark.parametrize(
    "chains",
    [
        (OFF, OFF, OFF),
        (OFF, ON, ON, ON),
        (SEND, SENDING, SEND),
        (SEND, SEND.replace('"2"', '"3"'), SEND.replace('"2"', '"4"')),
        (SEND, f"path:{PLACE};" + SEND, SEND),
        (SEND, SEND.replace("Send", "Failed, try again"), SEND),
    ],
    ids=["stays", "answers once", "only says that it is busy", "is moved by messages", "hit beside its icon", "fails"],
)
def test_what_shows_something_else_but_does_nothing_is_one(tmp_path, chains):
    assert patterns(of_visits(tmp_path, *(hammered(*chains) for _ in range(6)))) == ["rage_click"]


def test_a_page_that_leads_back_to_itself_is_no_answer(tmp_path):
    visits = [hammered(SEND, SEND, SEND, pages=("/order",)) for _ in range(6)]
    assert patterns(of_visits(tmp_path, *visits)) == ["rage_click"]


def watched(element: str, submits: int = 0, dead: int = 0, loaded: int = 1, watches: bool = True) -> Visit:
    """Clicks that the client looked at: each was dead if it told so, else the page changed."""
    told = {"$dead_clicks_enabled_server_side": watches}
    visit = Visit().view("/table")
    if loaded:
        visit.vitals(INP=40)
    for number in range(5):
        visit.rage(element, gap=0.3, **told) if number == 2 else visit.click(element, gap=0.3, **told)
        if number == 2:
            visit.click(element, gap=0.002, **told)
        if submits:
            visit.submit("form#filter", gap=0.01)
        if dead and number == 1:
            visit.dead(element, gap=0.0)
    return visit.view("/", gap=4)


ANSWERS = ['th#amount "Amount"', 'button#line "Add line"', 'button#roll "Roll the dice"', 'li#pad "C#"']


@pytest.mark.parametrize("element", ANSWERS)
def test_what_changes_the_page_each_time_is_none_where_the_client_would_have_told(tmp_path, element):
    assert of_visits(tmp_path, *(watched(element) for _ in range(6))) == []


@pytest.mark.parametrize(
    "visit",
    [{"dead": 1}, {"submits": 1}, {"loaded": 0}, {"watches": False}],
    ids=["dead", "submitted", "could not load", "does not look"],
)
def test_where_the_page_did_not_change_or_nobody_would_know_it_is_one(tmp_path, visit):
    found = of_visits(tmp_path, *(watched(ANSWERS[1], **visit) for _ in range(6)))
    assert [row.pattern for row in found if row.pattern != "form_abandonment"] == ["rage_click"]


@pytest.mark.parametrize("element", ['button "Pay by card"', 'button#save "Save changes"', 'a "Download all"'])
def test_what_is_done_with_after_one_click_is_one_also_where_the_page_changes(tmp_path, element):
    assert patterns(of_visits(tmp_path, *(watched(element) for _ in range(6)))) == ["rage_click"]


@pytest.mark.parametrize("element", ['button "+10 s"', 'button "−5 %"', 'button "Add another guest"', 'button "Undo"'])
def test_amounts_and_one_more_are_steppers(tmp_path, element):
    assert of_visits(tmp_path, *(told_by_the_client(element) for _ in range(6))) == []


def test_a_stepper_whose_clicks_are_dead_is_one(tmp_path):
    visits = [told_by_the_client('button#plus "+"').dead('button#plus "+"') for _ in range(4)]
    assert "rage_click" in patterns(of_visits(tmp_path, *visits))


def test_the_habit_of_one_person_is_none(tmp_path):
    visits = [told_by_the_client(COUPON) for _ in range(6)]
    for visit in visits:
        for event in visit.events:
            event["properties"]["distinct_id"] = "ann"
    assert of_visits(tmp_path, *visits) == []


def test_buttons_of_one_row_after_the_other_are_other_buttons(tmp_path):
    visits = [Visit().view("/files") for _ in range(5)]
    for visit in visits:
        for row in range(1, 6):
            chain = f'button:text="Remove"nth-child="1";tr:nth-child="{row}"'
            visit.click("", gap=0.5, **{"$elements_chain": chain})
    assert of_visits(tmp_path, *visits) == []


@pytest.mark.parametrize("surface", ["canvas#sheet", "video#film", "object#drawing"])
def test_quick_clicks_on_what_is_drawn_or_played_are_use(tmp_path, surface):
    assert of_visits(tmp_path, *(Visit().view("/plan").dead(surface).rage(surface) for _ in range(8))) == []
