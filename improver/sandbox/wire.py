"""The model APIs whose requests and answers can be read: told apart by their paths."""

import json
import re
from typing import Any

from improver.model import Glossed

GEMINI_MODEL = re.compile(r"/models/([^/:]+):\w+$")


class Wire(Glossed):
    MESSAGES = "messages", "Anthropic's Messages"
    RESPONSES = "responses", "OpenAI's Responses"
    CHAT = "chat", "OpenAI's Chat Completions, which many others speak"
    GEMINI = "gemini", "Google's Gemini"
    OTHER = "other", "something that is passed on and not understood"


def wire_of(path: str) -> Wire:
    """Which API a path belongs to, its counting of tokens included."""
    if path.endswith(("/messages", "/messages/count_tokens")):
        return Wire.MESSAGES
    if path.endswith(("/responses", "/responses/compact", "/responses/input_tokens")):
        return Wire.RESPONSES
    if path.endswith("/chat/completions"):
        return Wire.CHAT
    return Wire.GEMINI if GEMINI_MODEL.search(path) else Wire.OTHER


def costs(method: str, path: str) -> bool:
    """Whether an answer is paid for: counting tokens and listing models are not."""
    return method == "POST" and not path.endswith(("/count_tokens", ":countTokens", "/responses/input_tokens"))


def model_in(path: str, message: object) -> str:
    """The model that a request names."""
    if named := GEMINI_MODEL.search(path):
        return named[1]
    model = message.get("model") if isinstance(message, dict) else ""
    return model if isinstance(model, str) else ""


def refused(wire: Wire, status: int, kind: str, reason: str) -> dict[str, Any]:
    """A refusal in the API's own shape, so that its clients say what was wrong."""
    message = f"improver: {reason}"
    if wire in (Wire.RESPONSES, Wire.CHAT):
        return {"error": {"message": message, "type": kind, "param": None, "code": kind}}
    if wire == Wire.GEMINI:
        return {"error": {"code": status, "message": message, "status": "FAILED_PRECONDITION"}}
    return {"type": "error", "error": {"type": kind, "message": message}}


def parsed(text: str | bytes) -> Any:
    """JSON, or None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
