"""The change adds no token or private key of anybody: once committed, it is out."""

from collections.abc import Iterator

from improver.model import Change, Glossed, Result, Verdict
from improver.model.configured import Configured
from improver.paths import shown
from improver.scrub import holds_key

ORDER = 40
NAMED = 5  # files named in a detail


class Config(Configured):
    """Nothing to set."""


class Reason(Glossed):
    NONE = "no_secret", "no added line holds what looks like a token or a private key"
    ADDED = "secret_added", "an added line holds what looks like a token or a private key"


def judge(change: Change, config: Config) -> Verdict:
    found = list(dict.fromkeys(file for file, line in _added(change.diff) if holds_key(line)))
    if not found:
        return _verdict(Result.PASSED, Reason.NONE, "")
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    # Only where, never what: a Verdict is shown, kept, and told to the next Agent.
    return _verdict(Result.FAILED, Reason.ADDED, f"{', '.join(found[:NAMED])}{more}.")


def _added(diff: str) -> Iterator[tuple[str, str]]:
    """Every added line with its file. No other line break than git's: what else breaks lines could hide some."""
    file = ""
    for line in diff.split("\n"):
        if line.startswith("diff --git "):
            name = line.rpartition(" b/")[2].rstrip('"')
            file = "a file named like a key" if holds_key(name) else shown(name)
        elif line.startswith("+"):
            yield file, line[1:]


def _verdict(result: Result, reason: Reason, detail: str) -> Verdict:
    return Verdict(gate="secrets", result=result, reason=reason, detail=detail)
