"""Going to and fro."""

from tests.detectors.told_usage import Visit, of_visits


def thrashes(times: int = 4, gap: float = 2.0) -> Visit:
    visit = Visit()
    for _ in range(times):
        visit.view("/rooms", gap=gap).view("/prices", gap=gap)
    return visit


def test_going_to_and_fro_in_several_sessions_is_found_with_the_pages(tmp_path):
    found = [row for row in of_visits(tmp_path, *(thrashes() for _ in range(4))) if row.pattern == "thrashing"]
    assert [(row.title, row.events) for row in found] == [("People go to and fro between /prices and /rooms", 4)]


def test_who_reads_in_between_or_does_something_does_not_thrash(tmp_path):
    busy = [Visit() for _ in range(6)]
    for visit in busy:
        for _ in range(4):
            visit.view("/rooms").event("room kept").view("/prices").event("price noted")
    found = of_visits(tmp_path, *(thrashes(gap=30) for _ in range(6)), *busy)
    assert [row for row in found if row.pattern == "thrashing"] == []


def test_a_stroll_and_the_pages_of_a_list_are_none(tmp_path):
    strolls = [Visit() for _ in range(6)]
    for visit in strolls:
        for page in "abcdefghi":
            visit.view(f"/{page}")
        for number in range(9):
            visit.view("/list", query=f"?page={number}")
    assert of_visits(tmp_path, *strolls) == []


def thrashing(folder, *visits: Visit) -> list[str]:
    return [row.title for row in of_visits(folder, *visits) if row.pattern == "thrashing"]


def test_one_thing_of_a_list_after_the_other_is_none(tmp_path):
    visits = [Visit() for _ in range(6)]
    for visit in visits:
        for number in range(1, 6):
            visit.view("/queue", gap=2).view(f"/queue/{number}", gap=5)
    assert thrashing(tmp_path, *visits) == []


def test_the_same_two_things_of_a_list_again_and_again_are_found(tmp_path):
    visits = [Visit() for _ in range(6)]
    for visit in visits:
        for number in (1, 2, 1, 2):
            visit.view("/hotels", gap=2).view(f"/hotels/{number}", gap=5)
    assert thrashing(tmp_path, *visits) == ["People go to and fro between /hotels and /hotels/*"]


def test_one_thing_and_its_list_again_and_again_are_found(tmp_path):
    visits = [Visit() for _ in range(6)]
    for number, visit in enumerate(visits):
        for _ in range(4):
            visit.view("/orders", gap=2, query="?page=2").view(f"/orders/{number}", gap=5)
    assert thrashing(tmp_path, *visits) == ["People go to and fro between /orders and /orders/*"]


def test_things_that_differ_behind_the_question_mark_are_things_of_a_list(tmp_path):
    visits = [Visit() for _ in range(6)]
    for visit in visits:
        for number in range(1, 6):
            visit.view("/queue", gap=2).view("/claim", gap=5, query=f"?utm_id=7&claim={number}")
    assert thrashing(tmp_path, *visits) == []


def test_who_decides_one_thing_after_the_other_does_not_thrash(tmp_path):
    visits = [Visit() for _ in range(6)]
    for visit in visits:
        for _ in range(5):
            visit.view("/queue", gap=2).view("/claim", gap=2).click('button "Pay out"').click('a "Queue"')
    assert thrashing(tmp_path, *visits) == []


def test_to_and_fro_through_pages_that_the_browser_kept_is_found(tmp_path):
    visits = [Visit().view("/rooms").leave() for _ in range(6)]
    for visit in visits:
        for _ in range(4):
            visit.view("/prices", gap=1).leave(gap=2).kept("/rooms").leave(gap=2)
    assert thrashing(tmp_path, *visits) == ["People go to and fro between /prices and /rooms"]
