"""The change adds no token or private key of anybody: once committed, it is out."""

import re
from collections.abc import Iterator

from improver.gates._refusals import Refusal, verdict
from improver.model import Change, Glossed, Verdict
from improver.model.configured import Configured
from improver.scrub import holds_key

ORDER = 40
HEAD = re.compile(r"@@ -\S+ \+(\d+)")


class Config(Configured):
    """Nothing to set."""


class Reason(Glossed):
    NONE = "no_secret", "no added line holds what looks like a token or a private key"
    ADDED = "secret_added", "an added line holds what looks like a token or a private key"


def judge(change: Change, config: Config) -> Verdict:
    # Only where, never what: a Verdict is shown, kept, and told to the next Agent.
    found = ((path, at) for path, at, line in _added(change.diff) if holds_key(line))
    return verdict("secrets", (Refusal(reason=Reason.ADDED, path=path, line=at) for path, at in found), Reason.NONE)


def _added(diff: str) -> Iterator[tuple[str, int, str]]:
    """Every added line with its place. No other line break than git's: what else breaks lines could hide some."""
    path, at = "", 0
    for line in diff.split("\n"):
        if line.startswith("diff --git "):
            named = line.rpartition(" b/")[2].rstrip('"')
            path, at = ("a file named like a key" if holds_key(named) else named), 0
        elif head := HEAD.match(line):
            at = int(head[1])
        elif line.startswith("+"):
            yield path, at, line[1:]
            at += bool(at)
        elif not line.startswith("-"):
            at += bool(at)
