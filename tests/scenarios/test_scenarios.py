"""The analysis meets the labels of our scenarios, and every recording can be played."""

import pytest

from tests.scenarios.catalogue import catalogue
from tests.scenarios.label import FAMILIES, PARTS
from tests.scenarios.recording import HERE, path_of
from tests.scenarios.replay import replayed, repository, world
from tests.scenarios.score import score, total

PRECISION, RECALL = 0.95, 0.9
MAX_BYTES = 4 << 20

@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("repositories")


@pytest.mark.parametrize(("part", "family"), sorted({(one.part, one.family) for one in catalogue().values()}))
def test_findings_are_those_that_the_labels_want(folder, part, family):
    chosen = [one for one in catalogue().values() if (one.part, one.family) == (part, family)]
    reached = total([score(one, replayed(one, repository(folder, part))) for one in chosen])
    print(f"\n{part} {family}: {reached}")
    assert reached.precision >= PRECISION, reached
    assert reached.recall >= RECALL, reached


def test_what_was_sealed_is_half_of_what_was_written_first_in_every_family():
    first = [one for one in catalogue().values() if one.part in ("open", "sealed")]
    for family in FAMILIES:
        counts = [sum((one.part, one.family) == (part, family) for one in first) for part in ("open", "sealed")]
        assert min(counts) >= 1
        assert abs(counts[0] - counts[1]) <= max(2, sum(counts) // 5), (family, counts)


def test_there_are_enough_scenarios_and_near_misses():
    scenarios = list(catalogue().values())
    assert len(scenarios) >= 64
    for part in PARTS:
        assert sum(one.part == part and not one.expected for one in scenarios) >= 12


def test_every_scenario_was_recorded_and_none_is_left_over():
    recorded = {path_of(one) for one in catalogue().values()}
    assert recorded == {file for part in PARTS for file in (HERE / part / "recordings").iterdir()}


def test_recordings_are_small():
    assert sum(path_of(one).stat().st_size for one in catalogue().values()) < MAX_BYTES


@pytest.mark.parametrize("name", ["export_progress", "saved_at_info", "paying_throws", "said_and_seen"])
def test_everything_that_is_played_arrives(folder, name):
    scenario = catalogue()[name]
    with world(scenario, repository(folder, scenario.part)) as runtime:
        telemetry = runtime.warehouse.telemetry
        assert telemetry.value("select count(*) from payloads") > 0
        assert telemetry.value("select count(*) from quarantine") == 0
        assert telemetry.rows("select * from rejections") == []
        assert telemetry.value("select count(*) from payloads where received_at > $now", {"now": runtime.clock()}) == 0
