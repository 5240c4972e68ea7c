"""Prints each scorecard whose practice set is in the folder given: the sets are never part of improver."""

import sys
from pathlib import Path

from bench.analysis import agents, events, log_templates, messages, stacks

CARDS = (messages, stacks, events, agents, log_templates)


def main(folder: Path) -> int:
    for card in CARDS:
        there = folder / card.SET
        lines = card.measure(there) if there.is_dir() else (f"{card.SET}: not in {folder}",)
        for line in lines:
            sys.stdout.write(f"{line}\n")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m bench.analysis FOLDER  (with one folder a practice set)")
    sys.exit(main(Path(sys.argv[1])))
