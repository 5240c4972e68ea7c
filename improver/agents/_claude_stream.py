"""Claude Code's JSON lines, as far as they matter here."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, Field

from improver.agents._said import MOST, QUOTED, Count, Money, done, line_of
from improver.model import AgentReport, AgentStatus

ENDINGS = {
    "api_error": AgentStatus.API_ERROR,
    "budget_exhausted": AgentStatus.BUDGET,
    "max_turns": AgentStatus.MAX_TURNS,
}


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
    session_id: str = ""
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
    return line_of(Said, line)


def judged(report: AgentReport, said: Said) -> AgentReport:
    """What its result line says; the exit code and the subtype cannot be trusted to."""
    reason = said.terminal_reason or "completed"
    told = str(said.result or "; ".join(map(str, said.errors or ())))[:QUOTED]
    denials = tuple(denial.tool_name for denial in said.permission_denials)
    report = replace(report, denials=denials, usd=said.total_cost_usd, tokens=said.tokens())
    if said.is_error or reason != "completed":
        return replace(report, status=ENDINGS.get(reason, AgentStatus.FAILED), detail=f"{reason}: {told}")
    return done(replace(report, summary=told))
