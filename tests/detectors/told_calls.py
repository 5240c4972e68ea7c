"""What an agent does with its tools, told in a few words as Claude Code's transcript, and the Findings of it."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from improver.analyze import analyze
from improver.answers.findings import FindingRow
from improver.config import Settings
from tests.detectors.told import START

_ids = itertools.count(1)


@dataclass
class Session:
    """One conversation; a call comes when the one before is done and its model has thought for `think` seconds."""

    at: float = 0.0  # hours after START
    server: str = "mcp__desk__"
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id, self.now = f"session-{next(_ids)}", 0.0

    def call(
        self, tool: str, result: str = "ok", think: float = 4.0, error: str = "", **arguments: object
    ) -> "Session":
        self.now += think
        number = next(_ids)
        asked = {"type": "tool_use", "id": f"call-{number}", "name": self.server + tool, "input": arguments}
        usage = {"input_tokens": 1000, "output_tokens": 50}
        self._add("assistant", {"id": f"message-{number}", "model": "m", "content": [asked], "usage": usage}, number)
        self.now += 0.3
        said = {
            "type": "tool_result", "tool_use_id": f"call-{number}", "is_error": bool(error),
            "content": [{"type": "text", "text": error or result}],
        }  # fmt: skip
        self._add("user", {"role": "user", "content": [said]}, number)
        return self

    def _add(self, kind: str, message: dict, number: int) -> None:
        at = START + timedelta(hours=self.at, seconds=self.now)
        line = {"type": kind, "uuid": f"{kind}-{number}", "sessionId": self.id, "timestamp": at.isoformat()}
        self.lines.append(json.dumps(line | {"message": message}))


def of_sessions(folder: Path, *sessions: Session, **settings: object) -> list[FindingRow]:
    file = folder / "transcript.jsonl"
    file.write_text("\n".join(line for session in sessions for line in session.lines))
    return list(analyze(Settings(data_dir=folder / "data", **settings), [file], "agent_sessions").findings)
