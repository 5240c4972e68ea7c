"""Prints how well the analysis meets the labels: `python -m tests.scenarios [open|sealed|later|fresh|unseen] [FAMILY]`.

Misses and false alarms are told for a part that is named.
"""

import sys
import tempfile
from pathlib import Path

from tests.scenarios.catalogue import catalogue
from tests.scenarios.label import FAMILIES, PARTS, Scenario
from tests.scenarios.replay import replayed, repository
from tests.scenarios.score import Score, score, total


def main(words: list[str]) -> int:
    chosen = [one for one in catalogue().values() if _named(one, words)]
    if not chosen:
        print(f"none of {', '.join(words)}: a part, a family or a scenario's name", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="improver-scenarios-") as folder:
        scores = [(one, score(one, replayed(one, repository(Path(folder), one.part)))) for one in chosen]
    for part in PARTS:
        _print(part, [pair for pair in scores if pair[0].part == part], part in words)
    return 0


def _named(one: Scenario, words: list[str]) -> bool:
    parts = {word for word in words if word in PARTS} or set(PARTS)
    others = [word for word in words if word not in PARTS]
    return one.part in parts and (not others or one.family in others or one.name in others)


def _print(part: str, scores: list[tuple[Scenario, Score]], in_full: bool) -> None:
    if not scores:
        return
    print(f"{part:<10}{total([one for _, one in scores])}")
    for family in FAMILIES:
        of_family = [one for scenario, one in scores if scenario.family == family]
        if of_family:
            print(f"  {family:<9}{total(of_family)}")
        for one in of_family if in_full else ():
            for text in one.missed:
                print(f"    {one.scenario}: missed {text}")
            for text in one.alarms:
                print(f"    {one.scenario}: false alarm {text}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
