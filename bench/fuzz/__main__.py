"""`make fuzz`: mutates recorded requests, and samples of all else that is read, in search of crashes."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.fuzz.campaign import Order, campaign, crashers, obey, together
from bench.fuzz.decoders import decoders
from bench.fuzz.examine import MEMORY_MB, SECONDS, examine
from bench.fuzz.hunt import Score
from bench.fuzz.samples import load

HEAD = ("decoder", "inputs/s", "inputs", "lines reached", "crashes", "slowest", "peak MB")
LAYOUT = "{:<15}{:>9}{:>10}{:>20}{:>9}{:>10}{:>9}"


def main() -> int:
    args = _arguments()
    if args.obey:
        obey(args.obey)
    if args.replay:
        return _replay(args.replay)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        known = list(decoders(Path(scratch)))
    names = args.only or known
    if unknown := set(names) - set(known):
        sys.stderr.write(f"error: unknown decoder {', '.join(sorted(unknown))}\nhint: one of {', '.join(known)}\n")
        return 2
    folder = Path(args.into) / time.strftime("%Y%m%d-%H%M%S")
    if args.inputs:
        order = Order(names=tuple(names), folder=str(folder), seed=args.seed, seconds=3600.0, inputs=args.inputs)
        scores = together(order)
    else:
        scores = campaign(names, folder=folder, seed=args.seed, seconds=60 * args.minutes, at_once=args.at_once)
    _show(sorted(scores, key=lambda score: names.index(score.decoder)))
    return _show_crashers(folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long, shared by all decoders (10)")
    parser.add_argument("--inputs", type=int, default=0, help="instead: so many inputs for each, in one process")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other inputs (1)")
    parser.add_argument("--only", nargs="+", metavar="DECODER", help="only these decoders")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="processes at a time (one a core)")
    parser.add_argument("--into", default="build/fuzz", metavar="FOLDER", help="where crashers go (build/fuzz)")
    parser.add_argument("--replay", nargs="+", type=Path, metavar="FILE", help="run crashers again")
    parser.add_argument("--obey", help=argparse.SUPPRESS)
    return parser.parse_args()


def _show(scores: list[Score]) -> None:
    lines = [LAYOUT.format(*HEAD)]
    for one in scores:
        speed = f"{one.inputs / max(one.seconds, 0.001):,.0f}"
        reached = f"{one.lines:,} ({100 * one.lines / max(one.possible, 1):.0f} %)"
        slowest, peak = f"{one.slowest:.2f} s", f"{one.peak_mb:,.0f}"
        lines.append(LAYOUT.format(one.decoder, speed, f"{one.inputs:,}", reached, one.crashes, slowest, peak))
    total = sum(one.inputs for one in scores)
    lines.append(f"{total:,} inputs; a crash is any error but a refusal, {SECONDS:g} s of work, or {MEMORY_MB} MB")
    sys.stdout.write("\n".join(lines) + "\n")


def _show_crashers(folder: Path) -> int:
    found = list(crashers(folder))
    for path in found:
        sys.stdout.write(f'{path}: make fuzz ARGS="--replay {path}"\n')
    return 1 if found else 0


def _replay(paths: list[Path]) -> int:
    failed = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        known = decoders(Path(scratch))
        for path in paths:
            name, sample = load(path)
            found = examine(known[name].run, sample)
            failed += found.crash is not None
            said = f"{found.crash.kind}: {found.crash.said}" if found.crash else "no crash"
            sys.stdout.write(f"{path}: {said}, {found.seconds:.2f} s\n{found.crash.stack if found.crash else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
