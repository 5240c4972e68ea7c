"""How well log lines are grouped, beside Drain3 as it comes: `python -m bench.analysis.log_templates [FOLDER]`.

FOLDER has one folder a system, with NAME_2k.log and NAME_2k.log_structured.csv, as logpai/loghub lays them out.
"""

import csv
import importlib
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.generate.logs import STYLES, logged
from improver.analyze import analyze
from improver.config import Settings

SET = "loghub"
LINES = 2000
SEED = 5
NO_PEER = "Drain3 is not installed (pip install drain3)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """`contents` are the lines without their headers, as whoever labelled them cut them."""

    name: str
    file: Path
    contents: Sequence[str]
    truth: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """Grouping accuracy: the share of lines whose group has exactly the lines that it should have."""

    accuracy: float
    pairs: float
    lines_s: float


def measure(folder: Path) -> Iterator[str]:
    yield from _card(_labelled(folder))


def score(truth: Sequence[str], groups: Sequence[str], seconds: float) -> Score:
    whole = {frozenset(lines) for lines in _members(truth)}
    exact = sum(len(lines) for lines in _members(groups) if frozenset(lines) in whole)
    together = _pairs(Counter(zip(truth, groups, strict=True)))
    told, right = _pairs(Counter(groups)), _pairs(Counter(truth))
    return Score(
        accuracy=exact / len(truth),
        pairs=2 * together / (told + right) if told + right else 1.0,
        lines_s=len(truth) / seconds,
    )


def ours(labelled: Labelled) -> Score:
    """Of whole lines: headers are ours to find."""
    begun = time.perf_counter()
    found = analyze(Settings(), [labelled.file], "logs")
    seconds = time.perf_counter() - begun
    groups = {event.ref.rpartition(":")[2]: event.fingerprint for event in found.events}
    numbers = range(1, len(labelled.truth) + 1)
    return score(labelled.truth, [groups.get(str(number), f"none {number}") for number in numbers], seconds)


def drain3(truth: Sequence[str], lines: Sequence[str]) -> Score | None:
    try:
        miner = importlib.import_module("drain3").TemplateMiner()
    except ImportError:
        return None
    begun = time.perf_counter()
    groups = [str(miner.add_log_message(line)["cluster_id"]) for line in lines]
    return score(truth, groups, time.perf_counter() - begun)


def _card(sets: Iterator[Labelled]) -> Iterator[str]:
    rows = []
    for one in sets:
        lines = one.file.read_text(errors="replace").splitlines()
        row = (ours(one), drain3(one.truth, one.contents), drain3(one.truth, lines))
        rows.append(row)
        yield f"{one.name:12} {_shown(*row)}"
    if rows:
        columns = [_mean([one for one in column if one]) for column in zip(*rows, strict=True)]
        yield f"{'mean':12} {_shown(*columns)}"


def _shown(own: Score | None, peer: Score | None, raw: Score | None) -> str:
    if own is None:
        return "nothing was read"
    line = f"accuracy {own.accuracy:.3f}  pairs {own.pairs:.3f}  {own.lines_s:7.0f} lines/s"
    if peer is None or raw is None:
        return f"{line}  ({NO_PEER})"
    contents = f"on labelled contents {peer.accuracy:.3f} {peer.pairs:.3f}"
    return f"{line}  (Drain3 {contents}, on whole lines {raw.accuracy:.3f})"


def _mean(scores: Sequence[Score]) -> Score | None:
    if not scores:
        return None
    number = len(scores)
    return Score(
        accuracy=sum(one.accuracy for one in scores) / number,
        pairs=sum(one.pairs for one in scores) / number,
        lines_s=sum(one.lines_s for one in scores) / number,
    )


def _members(groups: Sequence[str]) -> list[list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        found[group].append(number)
    return list(found.values())


def _pairs(sizes: Counter[str] | Counter[tuple[str, str]]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _labelled(folder: Path) -> Iterator[Labelled]:
    for labels in sorted(folder.glob("*/*_2k.log_structured.csv")):
        with labels.open(newline="", errors="replace") as file:
            rows = list(csv.DictReader(file))
        yield Labelled(
            name=labels.parent.name,
            file=labels.with_name(labels.name.removesuffix("_structured.csv")),
            contents=[row["Content"] for row in rows],
            truth=[row["EventId"] for row in rows],
        )


def generated(folder: Path) -> Iterator[Labelled]:
    for style in STYLES:
        file = folder / f"{style}.log"
        lines = list(logged(style, LINES, SEED))
        file.write_text("".join(f"{one.line}\n" for one in lines))
        truth = [str(one.statement) for one in lines]
        yield Labelled(name=style, file=file, contents=[one.said for one in lines], truth=truth)


def main(arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.writelines(f"{line}\n" for line in _card(generated(Path(folder))))
    for argument in arguments:
        sys.stdout.writelines(f"{line}\n" for line in measure(Path(argument)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
