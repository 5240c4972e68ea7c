"""A change must change something."""

from improver.gates.non_empty import Config, judge


def told(made):
    verdict = judge(made, Config())
    return verdict.result, verdict.reason


def test_a_change_of_lines_passes(change):
    assert told(change({"app.py": "1\n"}, {"app.py": "2\n"})) == ("pass", "changed")


def test_an_empty_file_is_no_change_of_lines(change):
    assert told(change({"app.py": "1\n"}, {"empty.py": ""})) == ("fail", "no_lines")


def test_no_difference_is_no_change(checkout, between):
    base = checkout.commit({"app.py": "1\n"})
    assert told(between(base, base)) == ("fail", "no_change")
