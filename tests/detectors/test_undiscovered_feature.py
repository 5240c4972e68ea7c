"""Features that hardly anybody finds."""

from tests.detectors.told_usage import Visit, of_visits


def uses(user: str, *pages: str, days: tuple[float, ...] = (-16.0, 0.0)) -> list[Visit]:
    visits = [Visit(user=user, at=day) for day in days]
    for visit in visits:
        for page in pages:
            visit.view(page)
    return visits


def undiscovered(found: list) -> list:
    return [row for row in found if row.pattern == "undiscovered_feature"]


def many(count: int = 160) -> list[Visit]:
    return [visit for number in range(count) for visit in uses(f"user-{number}", "/home", days=(-float(number % 16),))]


def test_a_page_few_reach_and_all_of_them_come_back_to_is_found(tmp_path):
    few = [visit for number in range(6) for visit in uses(f"user-{number}", "/home", "/compare")]
    (found,) = undiscovered(of_visits(tmp_path, *many(), *few))
    assert found.title == "Hardly anybody finds /compare: 6 of 160 users"
    assert "6 of those 6" in found.advice


def test_what_few_reach_and_nobody_wants_again_or_what_is_new_is_none(tmp_path):
    once = [visit for number in range(6) for visit in uses(f"user-{number}", "/imprint", days=(-15.0,))]
    new = [visit for number in range(6) for visit in uses(f"user-{number}", "/beta", days=(-2.0, 0.0))]
    assert undiscovered(of_visits(tmp_path, *many(), *once, *new)) == []


def test_among_few_users_it_is_none(tmp_path):
    few = [visit for number in range(6) for visit in uses(f"user-{number}", "/compare")]
    assert undiscovered(of_visits(tmp_path, *many(50), *few)) == []
