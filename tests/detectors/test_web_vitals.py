"""Core Web Vitals against the published limits."""

import pytest

from tests.detectors.told_usage import Visit, of_visits


def loads(page: str = "/gallery", **values: float) -> Visit:
    return Visit().view(page).vitals(**values)


@pytest.mark.parametrize(
    ("metric", "bad", "limit"), [("LCP", 5000, "2500 ms"), ("INP", 600, "200 ms"), ("CLS", 0.4, "0.1")]
)
def test_a_page_most_of_whose_views_are_over_the_limit_is_found(tmp_path, metric, bad, limit):
    (found,) = of_visits(tmp_path, *(loads(**{metric: bad}) for _ in range(12)), loads("/news", **{metric: 0.01}))
    assert (found.pattern, found.events) == ("web_vitals", 12)
    assert found.title.startswith("/gallery ")
    assert found.title.endswith(f"{metric} over {limit}")


def test_a_value_that_grows_in_one_view_counts_once(tmp_path):
    visits = [loads(LCP=900).vitals(LCP=4000) for _ in range(12)]
    (found,) = of_visits(tmp_path, *visits)
    assert found.events == 12
    assert found.minutes_per_week == round(12 * 1.5 / 60, 1)


def test_a_few_bad_views_among_many_are_none(tmp_path):
    assert of_visits(tmp_path, *(loads(LCP=6000) for _ in range(8)), *(loads(LCP=800) for _ in range(30))) == []


def test_a_page_that_was_seen_a_few_times_is_none(tmp_path):
    assert of_visits(tmp_path, *(loads(LCP=6000) for _ in range(5))) == []
