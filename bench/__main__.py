"""Prints how fast improver is on this machine: `make bench`. Names run only these: `python -m bench in_process`."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import attempts, disk, in_process, over_http, queries, startup
from bench.figure import Figure, Reached, print_table, write_json
from bench.timing import Machine

MEASUREMENTS: dict[str, Callable[[bool], Iterator[Figure]]] = {
    "startup": startup.measure,
    "in_process": in_process.measure,
    "over_http": over_http.measure,
    "disk": disk.measure,
    "queries": queries.measure,
    "attempts": attempts.measure,
}


def main() -> int:
    arguments = _arguments()
    machine = Machine()
    figures: list[Figure] = []
    begun = time.monotonic()
    for name in arguments.names or MEASUREMENTS:
        sys.stderr.write(f"measuring {name} …\n")
        found = list(MEASUREMENTS[name](arguments.full))
        print_table(name.replace("_", " "), found)
        figures += found
        machine.sample()
    _sum_up(figures, machine, time.monotonic() - begun)
    if arguments.json:
        write_json(arguments.json, machine.described(), figures)
    return 0


def _sum_up(figures: list[Figure], machine: Machine, seconds: float) -> None:
    counts = {state: sum(figure.reached is state for figure in figures) for state in (Reached.PASS, Reached.MISS)}
    sys.stdout.write(
        f"{counts[Reached.PASS]} of {sum(counts.values())} targets reached, in {seconds:.0f} s.\n"
        f"The machine: {machine.noise()}.\n"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], metavar="NAME", help=", ".join(MEASUREMENTS))
    parser.add_argument("--full", action="store_true", help="what takes many minutes: 10 million spans, 200 Attempts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
