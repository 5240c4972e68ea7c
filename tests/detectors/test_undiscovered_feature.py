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


def shown(feature: str, users: int, taken: int, first: float = -16.0) -> list[Visit]:
    """Everybody sees it, on some day since the first; so many take it up."""
    visits = [Visit(user=f"user-{number}", at=first * (number + 1) / users) for number in range(users)]
    for number, visit in enumerate(visits):
        visit.event("$feature_view", feature_flag=feature)
        if number < taken:
            visit.event("$feature_interaction", feature_flag=feature)
    return visits


def test_only_what_is_shown_to_many_for_long_and_taken_up_by_hardly_anybody_is_found(tmp_path):
    near_misses = [*shown("taken", 80, 20), *shown("new", 80, 1, first=-5.0), *shown("rare", 30, 1)]
    (found,) = undiscovered(of_visits(tmp_path, *shown("bulk-edit", 80, 1), *near_misses))
    assert found.title == "Hardly anybody takes up bulk-edit: 1 of 80 users who saw it"


def test_where_nobody_counts_what_is_taken_up_it_is_none(tmp_path):
    assert undiscovered(of_visits(tmp_path, *shown("bulk-edit", 80, 0))) == []
