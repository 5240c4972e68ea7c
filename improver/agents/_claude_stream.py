"""Claude Code's JSON lines, as far as they matter here."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, Field, ValidationError

from improver.model import AgentReport, AgentStatus

ENDINGS = {
    "api_error": AgentStatus.API_ERROR,
    "budget_exhausted": AgentStatus.BUDGET,
    "max_turns": AgentStatus.MAX_TURNS,
}
QUOTED = 500  # characters of its own words that are kept
MOST = 2**53
# Whoever controls the output controls these: past them no store could take what is counted.
Count = Annotated[int, Field(ge=0, le=MOST)]
Money = Annotated[float, Field(ge=0, le=MOST, allow_inf_nan=False)]


class Block(BaseModel):
    type: str = ""
    text: str = ""


class Message(BaseModel):
    content: str | list[Block] = ""


class Denial(BaseModel):
    tool_name: str = ""


class Usage(BaseModel):
    inputTokens: Count = 0
    outputTokens: Count = 0
    cacheReadInputTokens: Count = 0
    cacheCreationInputTokens: Count = 0


class Said(BaseModel):
    """One line. `subtype` is left out on purpose: it calls an API failure a success."""

    type: str
    message: Message = Message()
    tool_use_result: Any = None
    is_error: bool = False
    terminal_reason: str | None = None
    result: Any = None
    errors: list[Any] | None = None
    permission_denials: list[Denial] = Field(default_factory=list)
    total_cost_usd: Money | None = None
    modelUsage: dict[str, Usage] = Field(default_factory=dict)

    def text(self) -> str:
        blocks = [] if isinstance(self.message.content, str) else self.message.content
        return "\n".join(block.text for block in blocks if block.type == "text")[:QUOTED]

    def edits(self) -> int:
        """A patch stands in the answer to an edit that was really made, and only there."""
        return int(isinstance(self.tool_use_result, dict) and "structuredPatch" in self.tool_use_result)

    def tokens(self) -> int:
        """Over all models: the line's own `usage` is empty when the budget ran out."""
        return min(MOST, sum(sum(usage.model_dump().values()) for usage in self.modelUsage.values()))


def read(line: str) -> Said | None:
    try:
        return Said.model_validate_json(line)
    except ValidationError:
        return None  # no line of its protocol: other things print, too


def judged(report: AgentReport, said: Said) -> AgentReport:
    """What its result line says; the exit code and the subtype cannot be trusted to."""
    reason = said.terminal_reason or "completed"
    told = str(said.result or "; ".join(map(str, said.errors or ())))[:QUOTED]
    denials = tuple(denial.tool_name for denial in said.permission_denials)
    report = replace(report, denials=denials, usd=said.total_cost_usd, tokens=said.tokens())
    if said.is_error or reason != "completed":
        return replace(report, status=ENDINGS.get(reason, AgentStatus.FAILED), detail=f"{reason}: {told}")
    if denials and not report.edits:
        return replace(report, status=AgentStatus.DENIED, detail=f"not allowed: {', '.join(denials)}", summary=told)
    return replace(report, status=AgentStatus.COMPLETED, summary=told)
