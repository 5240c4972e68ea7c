"""Change points against people's own: `python -m bench.analysis.change_points FOLDER` (the TCPD set with its score.py).

Peers, as its README names them: no change points F1 .663, cover .568; PELT .680/.604; binary segmentation .741/.668.
"""

import json
import math
import sys
from pathlib import Path

from bench.analysis.scorer import scorer
from improver.statistics import change_points


def main(words: list[str]) -> int:
    folder = Path(words[0])
    annotated = json.loads((folder / "annotations.json").read_text())
    files = {file.stem: file for file in sorted(folder.glob("datasets/*/*.json"))}
    found = {name: change_points(_series(files[name])) for name in annotated if name in files and _is_one(files[name])}
    sys.stdout.write(f"{scorer(folder).score(found)}\n")
    return 0


def _is_one(file: Path) -> bool:
    return int(json.loads(file.read_text())["n_dim"]) == 1


def _series(file: Path) -> list[float]:
    """What is missing is as what came before it."""
    values: list[float] = []
    for raw in json.loads(file.read_text())["series"][0]["raw"]:
        known = isinstance(raw, int | float) and math.isfinite(raw)
        values.append(float(raw) if known else values[-1] if values else 0.0)
    return values


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
