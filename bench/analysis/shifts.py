"""Two samples compared, against a canary judge's cases: `python -m bench.analysis.shifts FOLDER` (with its cases.json).

Peers, as its README names them: Mann-Whitney with a gate on the mean's ratio 26 of 30; the judge itself 30 of 30. What
a case sets besides tolerance and confidence (effect sizes, thresholds) is the judge's own and is not read.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from improver.statistics import shift

DIRECTIONS = {"Either": (1, -1), "Increase": (1,), "Decrease": (-1,)}
WORDS = {1: "High", -1: "Low", 0: "Pass"}


def main(words: list[str]) -> int:
    cases = json.loads((Path(words[0]) / "cases.json").read_text())
    judged = [(case["name"], judged_as(case), case["expected"]) for case in cases]
    for name, ours, theirs in judged:
        if ours != theirs:
            sys.stdout.write(f"  {name}: {ours}, not {theirs}\n")
    sys.stdout.write(f"{sum(ours == theirs for _, ours, theirs in judged)} of {len(judged)}\n")
    return 0


def judged_as(case: dict[str, Any]) -> str:
    if not case["experiment"] and case["nan"] != "Replace":
        return "Nodata"
    told = dict(re.findall(r"(\w+) = ([\d.]+)", case["classifier"] or ""))
    found = shift(case["control"], case["experiment"], float(told.get("confLevel", 0.98)))
    direction = found.beyond(float(told.get("tolerance", 0.25)))
    return WORDS[direction if direction in DIRECTIONS[case["direction"]] else 0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
