"""Everything that one Gate has against a change, as one Verdict: the gravest reason, and where to look."""

from collections.abc import Iterable
from dataclasses import dataclass

from improver.model import Glossed, Result, Verdict
from improver.paths import shown

NAMED = 5  # refusals told in a detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """`said` is words of ours: what stands in a file is named by its place, never quoted."""

    reason: Glossed
    path: str
    line: int = 0
    said: str = ""

    def __str__(self) -> str:
        place = f"{shown(self.path)}:{self.line}" if self.line else shown(self.path)
        return f"{place}: {self.said or self.reason.gloss}"


def verdict(gate: str, refusals: Iterable[Refusal], passed: Glossed) -> Verdict:
    """Failed for the first of the refusals' reasons in the order of their enum, or passed."""
    order = list(type(passed))
    found = sorted(dict.fromkeys(refusals), key=lambda one: order.index(one.reason))
    if not found:
        return Verdict(gate=gate, result=Result.PASSED, reason=passed)
    more = f"; and {len(found) - NAMED} more" if len(found) > NAMED else ""
    detail = f"{'; '.join(map(str, found[:NAMED]))}{more}."
    return Verdict(gate=gate, result=Result.FAILED, reason=found[0].reason, detail=detail)
