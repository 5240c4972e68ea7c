"""The ranked Findings."""

from dataclasses import replace
from pathlib import Path

import pytest

from improver.dashboards.listing import PAGE, Listing, listing
from improver.errors import ImproverError
from improver.model import FindingStatus
from tests.dashboards.gallery import Gallery, hung


def titles(shown: Listing) -> list[str]:
    return [row.finding.title for row in shown.rows]


def counts(shown: Listing, name: str) -> dict[str, int]:
    return {choice.text: choice.count for choice in shown.filters[name]}


def test_findings_stand_by_rank_and_dismissed_ones_apart(gallery: Gallery) -> None:
    shown = listing(gallery.runtime, {})
    scores = [row.finding.score.value for row in shown.rows]
    assert scores == sorted(scores, reverse=True)
    assert shown.total == 8
    assert not any("ConnectionResetError" in title for title in titles(shown))


def test_a_filter_counts_what_choosing_it_would_show(gallery: Gallery) -> None:
    everything = listing(gallery.runtime, {})
    for name in ("environment", "status"):
        for choice in everything.filters[name][1:]:
            assert listing(gallery.runtime, {name: choice.text}).total == choice.count
    assert counts(everything, "status")["all"] == 8


def test_filters_combine(gallery: Gallery) -> None:
    shown = listing(gallery.runtime, {"environment": "staging"})
    assert counts(shown, "status") == {"all": 1, "deployed": 1}
    assert titles(listing(gallery.runtime, {"environment": "staging", "status": "deployed"})) == titles(shown)


def test_dismissed_findings_are_shown_when_asked_for(gallery: Gallery) -> None:
    assert titles(listing(gallery.runtime, {"status": "dismissed"})) == [
        "ConnectionResetError: [Errno 104] Connection reset by peer"
    ]


def test_words_are_looked_for_in_title_place_and_id_beside_the_filters(gallery: Gallery) -> None:
    assert titles(listing(gallery.runtime, {"words": " unique TODOS "})) == [
        "IntegrityError: UNIQUE constraint failed: todos.position"
    ]
    assert titles(listing(gallery.runtime, {"words": "9f8e7d"})) == ["ZeroDivisionError: division by zero"]
    assert titles(listing(gallery.runtime, {"words": "unique", "status": "open"})) == []


def test_kinds_are_a_filter(gallery: Gallery) -> None:
    assert titles(listing(gallery.runtime, {"kind": "crash"})) == ["Segmentation fault in PIL/ImageFont"]


def test_a_filter_without_a_choice_is_left_out(gallery: Gallery) -> None:
    assert listing(gallery.runtime, {}).filters["target"] == ()


def test_the_reason_for_waiting_is_said_only_while_a_finding_is_open(gallery: Gallery) -> None:
    waiting = {
        row.finding.title: row.skipped_because for row in listing(gallery.runtime, {}).rows if row.skipped_because
    }
    nowhere = "nothing leads from it to one place in the Target at its branch"
    assert waiting["Segmentation fault in PIL/ImageFont"] == nowhere
    assert "KeyError: 'text'" not in waiting


@pytest.mark.parametrize(
    "query", [{"colour": "red"}, {"page": "0"}, {"page": "x"}, {"page": "²"}, {"page": "9" * 5000}, {"status": "nope"}]
)
def test_what_is_no_filter_is_refused(gallery: Gallery, query: dict[str, str]) -> None:
    with pytest.raises(ImproverError):
        listing(gallery.runtime, query)


def test_many_findings_come_in_pages_that_keep_the_filter(tmp_path: Path) -> None:
    with hung(tmp_path) as gallery:
        one = gallery.finding("f00000000000", "one of many", environment="load")
        for number in range(1, PAGE + 5):
            gallery.put(replace(one, id=f"f{number:011x}"))
        first = listing(gallery.runtime, {"environment": "load"})
        second = listing(gallery.runtime, {"environment": "load", "page": "2"})
    assert (len(first.rows), len(second.rows), second.first) == (PAGE, 5, PAGE + 1)
    assert (first.previous, first.following) == ("", "/?environment=load&page=2")
    assert (second.previous, second.following) == ("/?environment=load", "")


def test_what_holds_costs_nothing_any_more(gallery: Gallery) -> None:
    everything = listing(gallery.runtime, {})
    lost = [row.finding.minutes_per_week for row in everything.rows if row.finding.status != FindingStatus.HELD]
    assert everything.minutes == pytest.approx(sum(lost))
