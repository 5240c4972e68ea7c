"""How answers are printed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from improver.cli import output
from improver.cli.output import as_json, fields, show, table
from improver.model import Autonomy


@dataclass(frozen=True, slots=True)
class Answer:
    level: Autonomy
    at: datetime
    places: tuple[Path, ...]


def test_json_takes_what_the_model_is_made_of(capsys):
    as_json([Answer(Autonomy.PR, datetime(2026, 1, 2, tzinfo=UTC), (Path("/srv"),))])
    assert json.loads(capsys.readouterr().out) == [{"level": "pr", "at": "2026-01-02T00:00:00Z", "places": ["/srv"]}]


def test_json_is_ascii_so_that_no_terminal_obeys_it(capsys):
    as_json({"said": "\x9b2J\u202e é"})
    assert capsys.readouterr().out.isascii()


def test_a_table_is_aligned_and_ends_without_blanks(capsys):
    show(table(("NAME", "N", "WHAT"), [("a", 1, "x" * 300), ("bcdef", 22, "y")], right=("N",)))
    assert capsys.readouterr().out.splitlines() == [
        "NAME    N  WHAT",
        f"a       1  {'x' * 300}",
        "bcdef  22  y",
    ]


def test_empty_fields_are_left_out_and_lists_stand_below_each_other(capsys):
    show(fields([("one", "1"), ("none", ""), ("many", ["a", "b"]), ("zero", 0)]))
    assert capsys.readouterr().out.splitlines() == ["one   1", "many  a", "      b", "zero  0"]


def test_cells_are_inert(capsys):
    show(table(("A",), [("\x1b[31m[red]:bomb:",)]))
    assert capsys.readouterr().out.splitlines()[1] == r"\x1b[31m[red]:bomb:"


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_terminal_without_room_gets_each_row_below_itself_and_loses_no_column(monkeypatch, capsys, width):
    monkeypatch.setattr(output, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    heads = ("ID", "LOST", "USERS", "LAST SEEN", "STATUS", "WHAT")
    show(table(heads, [("a2ec544c96e5", "39 min/week", 10, "", "open (no_location)", "KeyError: " + "x" * 40)]))
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= width
    assert lines[0].strip() == "a2ec544c96e5"
    together = " ".join(" ".join(lines).split())
    assert "lost 39 min/week, users 10, status open (no_location)" in together
    assert together.replace(" ", "").endswith("x" * 40)


def test_a_terminal_with_room_gets_a_table(monkeypatch, capsys):
    monkeypatch.setattr(output, "on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    show(table(("NAME", "WHAT"), [("a", "y " * 100)]))
    assert capsys.readouterr().out.startswith("NAME  WHAT")
