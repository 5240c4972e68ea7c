"""The rounds of an Attempt: when a Gate refuses its change, its Agent goes on from there, with what the Gate said."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from improver.machine import files
from improver.model import AgentReport, Attempt, Verdict
from improver.runtime import Runtime

# A session's name comes from the Agent and becomes an argument: it must not be able to be anything else.
SESSION = re.compile(r"\w[\w.:-]{0,199}", re.ASCII)
WORD = re.compile(r"[a-z][a-z0-9_.]{0,60}", re.ASCII)
BROKEN = "gate_broken"  # no Agent can mend that
SHOWN = 64_000  # characters of a Gate's output that an Agent is shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """What a round leaves for the next: all of it is one Attempt's time."""

    session: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A change that the Gates refused."""

    commit: str
    verdicts: tuple[Verdict, ...]

    @property
    def words(self) -> str:
        """Our own words only: what a Gate printed may be of the Agent's making, or of somebody else's."""
        return "; ".join(f"gate {_word(verdict.gate)}: {_word(verdict.reason)}" for verdict in self.verdicts)


def ran(runtime: Runtime, attempt: Attempt) -> Ran:
    return _read(Ran, _folder(runtime, attempt) / "ran.json") or Ran()


def note(runtime: Runtime, attempt: Attempt, report: AgentReport, seconds: float) -> None:
    """Remember what the Agent's next round needs."""
    session = report.session if SESSION.fullmatch(report.session) else ""
    whole = Ran(session=session, seconds=ran(runtime, attempt).seconds + seconds)
    _write(whole, _folder(runtime, attempt) / "ran.json")


def refused(runtime: Runtime, attempt: Attempt) -> tuple[Refused, ...]:
    """The changes of this Attempt that were refused and given back, oldest first."""
    found = sorted(_folder(runtime, attempt).glob("refused-*.json"))
    return tuple(one for path in found if (one := _read(Refused, path)))


def granted(runtime: Runtime, attempt: Attempt, refusals: tuple[Verdict, ...]) -> bool:
    """Whether the Agent may mend its change. Said before the Attempt moves on, and again the same after a crash."""
    earlier = refused(runtime, attempt)
    if earlier and earlier[-1].commit == attempt.commit:
        return True
    if len(earlier) >= runtime.settings.dispatch.feedback_rounds or any(v.reason == BROKEN for v in refusals):
        return False
    one = Refused(commit=attempt.commit, verdicts=refusals)
    _write(one, _folder(runtime, attempt) / f"refused-{len(earlier) + 1}.json")
    return True


def hand_over(rounds: tuple[Refused, ...], side: Path) -> None:
    """What the Gates said, as data beside the evidence."""
    for number, one in enumerate(rounds, start=1):
        told = [
            {"gate": v.gate, "reason": v.reason, "detail": v.detail, "output": v.output[-SHOWN:]} for v in one.verdicts
        ]
        (side / f"refused-{number}.json").write_text(json.dumps(told, indent=1))


def _word(text: str) -> str:
    return text if WORD.fullmatch(text) else "refused"


def _folder(runtime: Runtime, attempt: Attempt) -> Path:
    return runtime.data.attempts / attempt.id / "rounds"


Kept = TypeVar("Kept", Ran, Refused)


def _read(kind: type[Kept], path: Path) -> Kept | None:
    return TypeAdapter(kind).validate_json(path.read_bytes()) if path.is_file() else None


def _write(kept: Ran | Refused, path: Path) -> None:
    files.write(path, TypeAdapter(type(kept)).dump_json(kept))
