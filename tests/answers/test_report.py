"""What the report is made of."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from improver import read
from improver.model import AttemptStatus, Autonomy, FindingStatus
from tests.dashboards.gallery import Gallery, hung


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with hung(tmp_path) as made:
        yield made


def test_the_environment_that_costs_most_comes_first_with_what_it_costs(gallery: Gallery) -> None:
    environments = read.report(gallery.runtime).environments
    costs = [one.minutes_per_week for one in environments]
    assert costs == sorted(costs, reverse=True)
    production = environments[0]
    unfixed = [row for row in read.findings(gallery.runtime, environment="production") if row.status != "held"]
    assert production.open == len(unfixed)
    assert production.minutes_per_week == pytest.approx(sum(row.minutes_per_week for row in unfixed))


def test_what_was_dismissed_or_merged_is_in_no_section(gallery: Gallery) -> None:
    for number, status in enumerate((FindingStatus.DISMISSED, FindingStatus.MERGED)):
        apart = gallery.finding(f"a0a0a0a0a0a{number}", "apart", environment="apart")
        gallery.put(replace(apart, status=status))
    assert "apart" not in [one.environment for one in read.report(gallery.runtime).environments]


@pytest.mark.parametrize(
    ("finding", "attempt", "said"),
    [
        (FindingStatus.ATTEMPTING, {"status": AttemptStatus.AWAITING}, "waits for a person: `improver approve"),
        (FindingStatus.ATTEMPTING, {"status": AttemptStatus.RUNNING}, "claude is at work on it"),
        (FindingStatus.DELIVERED, {"delivered": Autonomy.PR, "url": "https://forge/1"}, "is open: https://forge/1"),
        (FindingStatus.DELIVERED, {"delivered": Autonomy.BRANCH}, "its change is on improver/"),
        (FindingStatus.DEPLOYED, {}, "its change runs, and is watched"),
    ],
)
def test_a_change_that_is_on_its_way_says_where_it_is(
    gallery: Gallery, finding: FindingStatus, attempt: dict[str, object], said: str
) -> None:
    made = replace(gallery.finding("a0a0a0a0a0a0", "on its way", environment="here"), status=finding)
    gallery.put(made)
    gallery.put(replace(gallery.attempt(made, 1, AttemptStatus.DELIVERED), **attempt))  # type: ignore[arg-type]
    [here] = [one for one in read.report(gallery.runtime).environments if one.environment == "here"]
    [line] = here.proposed
    assert said in line.because
