"""How far a Finding has come, for every state it can be in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from improver import read
from improver.dashboards.progress import steps
from improver.model import AttemptReason, AttemptStatus, FindingStatus, OutcomeKind, Result, Verdict
from tests.dashboards.gallery import Gallery, hung

REFUSED = (Verdict(gate="red_green", result=Result.FAILED, reason="not_red"),)


def shown(gallery: Gallery, finding_id: str) -> str:
    """One letter a step: done, now, failed, or ahead."""
    return "".join(step.state[0] for step in steps(read.finding(gallery.runtime, id=finding_id)))


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Gallery]:
    with hung(tmp_path) as gallery:
        yield gallery


def test_a_finding_without_a_spec_was_only_seen(gallery: Gallery) -> None:
    assert shown(gallery, "c1d2e3f4a5b6") == "daaaaaa"


def test_a_held_finding_has_come_all_the_way(gallery: Gallery) -> None:
    assert shown(gallery, "9f8e7d6c5b4a") == "ddddddd"


def test_an_attempt_that_ran_out_of_time_failed_at_the_attempt(gallery: Gallery) -> None:
    assert shown(gallery, "8a7b6c5d4e3f") == "ddfaaaa"
    failed = next(s for s in steps(read.finding(gallery.runtime, id="8a7b6c5d4e3f")) if s.state == "failed")
    assert (failed.name, failed.note) == ("Attempted", "timeout")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (AttemptStatus.CLAIMED, "ddnaaaa"),
        (AttemptStatus.RUNNING, "ddnaaaa"),
        (AttemptStatus.RAN, "dddnaaa"),
        (AttemptStatus.JUDGED, "ddddnaa"),
        (AttemptStatus.DELIVERED, "dddddna"),
    ],
)
def test_a_live_attempt_is_where_it_is(fresh: Gallery, status: AttemptStatus, expected: str) -> None:
    finding = fresh.finding("abababababab", "an error", status=FindingStatus.ATTEMPTING)
    fresh.attempt(finding, 1, status)
    assert shown(fresh, finding.id) == expected


@pytest.mark.parametrize(
    ("reason", "verdicts", "expected"),
    [
        (AttemptReason.GATE_FAILED, REFUSED, "dddfaaa"),
        (AttemptReason.CONFLICT, (), "ddddfaa"),
        (AttemptReason.NO_CHANGE, (), "ddfaaaa"),
    ],
)
def test_a_failed_attempt_failed_somewhere(
    fresh: Gallery, reason: AttemptReason, verdicts: tuple[Verdict, ...], expected: str
) -> None:
    finding = fresh.finding("abababababab", "an error")
    fresh.attempt(finding, 1, AttemptStatus.FAILED, reason=reason, verdicts=verdicts)
    assert shown(fresh, finding.id) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [(OutcomeKind.WORSE, "ddddddf"), (OutcomeKind.INCONCLUSIVE, "ddddddn"), (None, "ddddddn")]
)
def test_a_deployed_change_is_watched_until_it_failed_or_held(
    fresh: Gallery, kind: OutcomeKind | None, expected: str
) -> None:
    finding = fresh.finding("abababababab", "an error", status=FindingStatus.DEPLOYED)
    attempt = fresh.attempt(finding, 1, AttemptStatus.DELIVERED)
    if kind:
        fresh.outcome(attempt, kind, "said so")
    assert shown(fresh, finding.id) == expected
