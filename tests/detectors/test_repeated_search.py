"""Searches in other words."""

from tests.detectors.told_usage import Visit, of_visits

WORDS = ("tea kettle", "kettle for tea", "small tea kettle")


def searches(words: tuple[str, ...] = WORDS, gap: float = 8.0) -> Visit:
    visit = Visit().view("/search")
    for query in words:
        visit.view("/search", gap=gap, query=f"?q={query.replace(' ', '+')}")
    return visit


def test_three_questions_for_one_thing_are_found_with_their_words(tmp_path):
    (found,) = of_visits(tmp_path, *(searches() for _ in range(4)))
    assert (found.pattern, found.events) == ("repeated_search", 4)
    assert "/search" in found.title
    assert '"kettle for tea"' in found.advice


def test_the_words_may_come_in_an_event_of_the_apps_own(tmp_path):
    visits = [Visit().view("/find") for _ in range(4)]
    for visit in visits:
        for query in WORDS:
            visit.event("search", gap=5, query=query, results=0)
    assert len(of_visits(tmp_path, *visits)) == 1


def test_who_opens_a_result_has_found_something(tmp_path):
    visits = [searches().click('div#results > a "Kettle"', gap=3).view("/kettle") for _ in range(6)]
    assert of_visits(tmp_path, *visits) == []


def test_refining_once_asking_for_other_things_and_asking_another_day_are_none(tmp_path):
    refined = [searches(("kettle", "steel kettle")) for _ in range(6)]
    others = [searches(("kettle", "green tea", "gift card")) for _ in range(6)]
    later = [searches(gap=400) for _ in range(6)]
    assert of_visits(tmp_path, *refined, *others, *later) == []


def test_the_pages_of_one_search_and_a_word_being_typed_are_none(tmp_path):
    pages = [Visit().view("/search", query="?q=tea") for _ in range(6)]
    for visit in pages:
        for number in range(2, 6):
            visit.view("/search", query=f"?q=tea&page={number}")
    typed = [searches(("ket", "kett", "kettl", "kettle"), gap=0.3) for _ in range(6)]
    assert of_visits(tmp_path, *pages, *typed) == []
