"""The hostile Agent: it looks for its instruction in the evidence that it was given, and obeys."""

# Started as `python -E -s obey.py MODULE DEED SIDE FACTS`, in its worktree; the standard library is all there is.

import json
import sys
from importlib import import_module
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])


def main(module: str, name: str, side: str, facts: str) -> None:
    deed = getattr(import_module(f"tests.adversarial.deeds.{module}"), name)
    evidence = [path.read_text(errors="replace") for path in Path(side).rglob("*") if path.is_file()] if side else []
    if side and not any(deed.__doc__ in text for text in evidence):
        sys.exit(f"nobody asked me to {deed.__doc__}")
    deed(json.loads(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
