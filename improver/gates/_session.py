"""How each test of one pytest session ended, as the plugin in it reported."""

import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from improver.model import Boxed, Glossed

MAX_REPORT = 32 << 20
NEEDED = {"id", "when", "outcome"}


class Ended(Glossed):
    """Of all the phases and tries of one test, the worst counts."""

    PASSED = "passed", "its call phase passed"
    SKIPPED = "skipped", "it was skipped, or expected to fail"
    BROKEN = "broken", "its set-up or tear-down failed"
    FAILED = "failed", "its call phase failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Tested:
    """`raised` in `file`: where its failure came from."""

    id: str
    ended: Ended
    raised: str = ""
    text: str = ""
    file: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """`uncollected` has what pytest said about files that it could not import, by node id."""

    boxed: Boxed
    tests: Mapping[str, Tested]
    uncollected: Mapping[str, str]
    complete: bool

    @property
    def consistent(self) -> bool:
        """Whether the report and pytest's exit code tell the same story."""
        bad = bool(self.uncollected) or bool(self.that(Ended.FAILED) | self.that(Ended.BROKEN))
        expected = (1, 2) if bad else (0,) if self.tests else (5,)
        return self.complete and self.boxed.code in expected

    def of(self, files: Sequence[str]) -> "Session":
        """What it says of some test files only."""
        tests = {name: test for name, test in self.tests.items() if name.partition("::")[0] in files}
        return replace(self, tests=tests)

    def that(self, ended: Ended) -> set[str]:
        return {test.id for test in self.tests.values() if test.ended is ended}


def session(boxed: Boxed, report: Path) -> Session:
    records = _records(report)
    tests: dict[str, Tested] = {}
    for test in filter(None, map(_tested, records)):
        known = tests.get(test.id)
        if known is None or _rank(test) > _rank(known):
            tests[test.id] = test
    uncollected = {record["id"]: record.get("text", "") for record in records if record["when"] == "collect"}
    complete = bool(records) and records[-1]["when"] == "end"
    return Session(boxed=boxed, tests=tests, uncollected=uncollected, complete=complete)


def _records(report: Path) -> list[dict[str, str]]:
    """What the plugin wrote; nothing when that is not what it would write, for the tests could write there too."""
    try:
        text = _content(report)
        found = [json.loads(line) for line in text.splitlines()]
    except (OSError, ValueError):
        return []
    return found if all(_is_record(record) for record in found) else []


def _content(report: Path) -> str:
    """Not through a link, and without waiting for whoever is at the other end of a pipe."""
    handle = os.open(report, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, encoding="utf-8") as file:
        return file.read(MAX_REPORT) if stat.S_ISREG(os.fstat(handle).st_mode) else ""


def _is_record(record: object) -> bool:
    return isinstance(record, dict) and set(record) >= NEEDED and all(isinstance(v, str) for v in record.values())


def _tested(record: Mapping[str, str]) -> Tested | None:
    """What one phase says about how its test ended, if anything."""
    phase, outcome = record["when"], record["outcome"]
    if phase in ("collect", "end"):
        return None
    if outcome == "failed":
        ended = Ended.FAILED if phase == "call" else Ended.BROKEN
    elif outcome == "skipped":
        ended = Ended.SKIPPED
    elif outcome == "passed" and phase == "call":
        ended = Ended.PASSED
    else:
        return None
    details = {name: record.get(name, "") for name in ("raised", "text", "file")}
    return Tested(id=record["id"], ended=ended, **details)


def _rank(test: Tested) -> int:
    return list(Ended).index(test.ended)
