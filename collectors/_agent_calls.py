"""Tool calls that are under way: asked for in one line of a transcript, answered in a later one."""

import json
from typing import Any

from improver.collectors._lenient import canonical, text

MAX_NAME = 1024
MAX_ARGUMENTS = 16 * 1024
MAX_PENDING = 64
MAX_TOLD = 8


class Calls:
    """What is known of one transcript so far; `context` is all of it, as JSON that the next poll is given."""

    def __init__(self, context: dict[str, Any] | None = None) -> None:
        self.context: dict[str, Any] = context or {}
        self.pending: dict[str, dict[str, Any]] = self.context.setdefault("pending", {})
        self.given_up = 0

    def asked(self, call_id: str, call: dict[str, Any]) -> None:
        """Old calls without an answer give way: their agent was stopped."""
        if not call_id:
            return
        self.pending.pop(call_id, None)
        self.pending[call_id] = {"id": call_id, **call, "arguments": canonical(call["arguments"])[:MAX_ARGUMENTS]}
        while len(self.pending) > MAX_PENDING:
            self.pending.pop(next(iter(self.pending)))
            self.given_up += 1

    def answered(self, call_id: str, result: str, *, failed: bool, at: object) -> None:
        call = self.pending[call_id]
        call |= {"result": result, "answered_at": text(at, 64), "failed": failed or call.get("failed") is True}

    def done(self, call_id: str) -> dict[str, Any]:
        return self.pending.pop(call_id)

    def first_of(self, message: str) -> bool:
        """Whether this is the first call that a message of the model asks for."""
        told: list[str] = self.context.setdefault("told", [])
        if message in told:
            return False
        self.context["told"] = [*told, message][-MAX_TOLD:]
        return True

    def size(self) -> int:
        return len(json.dumps(self.context))
