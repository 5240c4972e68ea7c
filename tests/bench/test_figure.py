"""A figure says whether it reached what it must, by itself or beside its floor."""

import json

from bench.figure import Figure, Reached, Target, print_table, short, write_json


def test_a_figure_passes_or_misses_its_bound():
    assert Figure(name="a", value=2, unit="s", target=Target(at_most=2)).reached is Reached.PASS
    assert Figure(name="a", value=2.1, unit="s", target=Target(at_most=2)).reached is Reached.MISS
    assert Figure(name="a", value=2.1, unit="s").reached is Reached.NOT_ASKED


def test_a_bound_on_the_ratio_is_measured_beside_the_floor():
    target = Target(at_least=0.5, of_floor=True)
    assert Figure(name="a", value=60, unit="/s", floor=100, target=target).reached is Reached.PASS
    assert Figure(name="a", value=40, unit="/s", floor=100, target=target).reached is Reached.MISS


def test_figures_are_printed_and_written_as_json(tmp_path, capsys):
    figure = Figure(
        name="a rate", value=123_456, unit="/s", floor=200_000, floor_name="ready", target=Target(at_least=1)
    )
    print_table("rates", [figure])
    assert "123,000 /s" in capsys.readouterr().out
    write_json(tmp_path / "file", {"processors": 2}, [figure])
    [written] = json.loads((tmp_path / "file").read_text())["figures"]
    assert (written["ratio"], written["reached"], written["target"]) == (0.61728, "pass", "≥ 1")


def test_numbers_have_three_digits():
    assert [short(number) for number in (0, 0.01234, 5.678, 94.31, 1234.5, 98_765)] == [
        "0", "0.012", "5.68", "94.3", "1,230", "98,800",
    ]  # fmt: skip
