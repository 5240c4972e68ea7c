"""One measured number beside what it is measured against, and how figures are printed."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from rich.console import Console
from rich.table import Table


class Reached(Enum):
    PASS = "pass"
    MISS = "MISS"
    NOT_ASKED = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A bound on the figure itself, or on its ratio to the floor where `of_floor` says so."""

    at_least: float = -math.inf
    at_most: float = math.inf
    of_floor: bool = False

    def met_by(self, value: float) -> bool:
        return self.at_least <= value <= self.at_most

    def __str__(self) -> str:
        sign, bound = ("≥", self.at_least) if self.at_most == math.inf else ("≤", self.at_most)
        return f"{sign} {bound:,g}{' × floor' if self.of_floor else ''}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """`floor` is what the machine can do at all for this, measured in the same run; `spread` that of repeated runs."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    target: Target | None = None
    spread: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def reached(self) -> Reached:
        measured = self.ratio if self.target and self.target.of_floor else self.value
        if self.target is None or measured is None:
            return Reached.NOT_ASKED
        return Reached.PASS if self.target.met_by(measured) else Reached.MISS


COLUMNS = ("figure", "measured", "±", "floor", "ratio", "must", "", "note")


def print_table(title: str, figures: Sequence[Figure]) -> None:
    table = Table(title=title, title_justify="left", pad_edge=False)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in ("figure", "", "note") else "right", overflow="fold")
    for figure in figures:
        table.add_row(*_cells(figure))
    # Wide enough for every column when it goes to a file or a pipe.
    console = Console(highlight=False, markup=False)
    Console(highlight=False, markup=False, width=max(console.width, 150)).print(table)


def write_json(file: Path, machine: object, figures: Iterable[Figure]) -> None:
    rows = [{**_plain(figure), "ratio": figure.ratio, "reached": figure.reached.value} for figure in figures]
    file.write_text(json.dumps({"machine": machine, "figures": rows}, indent=2) + "\n")


def short(value: float) -> str:
    """Three digits, and separators: nothing here is more exact than that."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{round(value, 2 - math.floor(math.log10(abs(value)))):,.{min(digits, 3)}f}"


def _cells(figure: Figure) -> tuple[str, ...]:
    floor = f"{short(figure.floor)} {figure.floor_name}" if figure.floor is not None else ""
    return (
        figure.name,
        f"{short(figure.value)} {figure.unit}",
        f"{figure.spread:.0%}" if figure.spread is not None else "",
        floor,
        f"{short(figure.ratio)} ×" if figure.ratio is not None else "",
        str(figure.target) if figure.target else "",
        figure.reached.value,
        figure.note,
    )


def _plain(figure: Figure) -> dict[str, object]:
    return {**asdict(figure), "target": str(figure.target) if figure.target else None}
