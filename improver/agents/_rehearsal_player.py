"""Plays one recorded rehearsal, read from stdin, in the current folder, and says what it does in JSON lines."""

import json
import sys
import time
from pathlib import Path
from typing import TypedDict


class Edit(TypedDict):
    path: str
    old: str | None
    new: str
    content: str | None


def main() -> int:
    rehearsal = json.load(sys.stdin)
    if rehearsal is None:
        return say(failed="nothing was recorded for this Finding")
    time.sleep(rehearsal["sleep"])
    for edit in rehearsal["edits"]:
        if problem := make(edit):
            return say(failed=problem)
        say(edited=edit["path"])
    if rehearsal["exit"] is not None:
        return int(rehearsal["exit"])
    return say(done=rehearsal["say"])


def make(edit: Edit) -> str:
    """Make one edit; what is wrong with it, if anything."""
    path = Path(edit["path"])
    if edit["content"] is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edit["content"])
        return ""
    old = edit["old"] or ""
    text = path.read_text() if path.is_file() else ""
    if text.count(old) != 1:
        return f"{path}: the recorded text stands there {text.count(old)} times, not once"
    path.write_text(text.replace(old, edit["new"]))
    return ""


def say(**message: str) -> int:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
    return 1 if "failed" in message else 0


if __name__ == "__main__":
    sys.exit(main())
