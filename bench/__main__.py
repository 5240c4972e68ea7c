"""Prints how fast improver is on this machine: `make bench`. Each figure says what was measured."""

import sys

from bench import ingest, startup


def main() -> int:
    for measure in (startup.measure, ingest.measure):
        for line in measure():
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
