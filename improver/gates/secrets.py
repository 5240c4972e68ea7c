"""The change adds no token or private key of anybody: once committed, it is out."""

from improver.gates._added_lines import added_lines
from improver.gates._refusals import Refusal, verdict
from improver.model import Change, Glossed, Verdict
from improver.model.configured import Configured
from improver.scrub import holds_key

ORDER = 40


class Config(Configured):
    """Nothing to set."""


class Reason(Glossed):
    NONE = "no_secret", "no added line holds what looks like a token or a private key"
    ADDED = "secret_added", "an added line holds what looks like a token or a private key"


def judge(change: Change, config: Config) -> Verdict:
    # Only where, never what: a Verdict is shown, kept, and told to the next Agent.
    found = ((_named(path), at) for path, at, line in added_lines(change.diff) if holds_key(line))
    return verdict("secrets", (Refusal(reason=Reason.ADDED, path=path, line=at) for path, at in found), Reason.NONE)


def _named(path: str) -> str:
    return "a file named like a key" if holds_key(path) else path
