"""What Agents' lines are made of: numbers that a store could take, and words that are short enough to keep."""

import json
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from improver.model import AgentReport, AgentStatus

QUOTED = 500  # characters of its own words that are kept
MOST = 2**53
# Whoever controls the output controls these: past them no store could take what is counted.
Count = Annotated[int, Field(ge=0, le=MOST)]
Money = Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)]


Said = TypeVar("Said", bound=BaseModel)


def line_of(kind: type[Said], line: str) -> Said | None:
    """One line of a protocol, or None: other things print, too."""
    try:
        return kind.model_validate_json(line)
    except ValidationError:
        return None


def object_of(line: str) -> dict[str, Any]:
    """A line's JSON object; empty where it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def quoted(words: object) -> str:
    return str(words).strip()[:QUOTED]


def without_result(report: AgentReport, code: int) -> AgentReport:
    """For Agents whose exit code says nothing: only a result does."""
    if report.status is AgentStatus.CRASHED:
        return replace(report, detail=f"it ended with exit code {code} and no result")
    return report


def done(report: AgentReport) -> AgentReport:
    """It says that it is done; where it was refused something and wrote nothing, that is why."""
    if report.denials and not report.edits:
        return replace(report, status=AgentStatus.DENIED, detail=f"not allowed: {', '.join(report.denials)}"[:QUOTED])
    return replace(report, status=AgentStatus.COMPLETED)
