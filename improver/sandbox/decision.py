"""Whether one request may leave a box."""

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from improver.errors import ImproverError
from improver.sandbox.wire import Wire

METHODS = {"GET", "HEAD", "POST"}
# Plain characters only: what two servers could read differently does not pass.
PLAIN_PATH = re.compile(r"(/[\w.~:@!$&'()*+,;=-]+)*/?", re.ASCII)
SENT_KEY = ("x-api-key", "api-key", "x-goog-api-key", "authorization")
LONGEST = 200
# Whatever makes the model API itself run something, or talk to somebody else: no box could hold that.
ELSEWHERE = {
    Wire.MESSAGES: ("mcp_servers", "container", "requests"),
    Wire.RESPONSES: ("background", "conversation", "prompt"),
    Wire.CHAT: ("web_search_options", "plugins"),
    Wire.GEMINI: ("cachedContent", "cached_content"),
}
# What a tool may be: one that the Agent itself runs, in its box.
LOCAL_TOOLS = {
    Wire.MESSAGES: re.compile(r"custom|(bash|text_editor)_\d+", re.ASCII),
    Wire.RESPONSES: re.compile(r"function|custom|local_shell|apply_patch", re.ASCII),
    Wire.CHAT: re.compile(r"function|custom", re.ASCII),
}
LOCAL_TO_GEMINI = {"functionDeclarations", "function_declarations"}
# Where a request names what the API is to fetch; only what comes along with the request may stand there.
CONTENT = {
    Wire.MESSAGES: ("source",),
    Wire.RESPONSES: ("image_url", "file"),
    Wire.CHAT: ("image_url", "file"),
    Wire.GEMINI: ("fileData", "file_data"),
}
FETCHED = ("image_url", "file_url", "url", "fileUri", "file_uri", "file_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Upstream:
    """The one model API that a proxy leads to: `paths` as they are, or with all below one that ends in a slash."""

    origin: str
    headers: Mapping[str, str]
    paths: tuple[str, ...]
    requests: int  # that may pass, at most
    renewed: Callable[[], Mapping[str, str]] | None = None  # reads the credentials anew, when these are refused

    @classmethod
    def checked(
        cls,
        origin: str,
        headers: Mapping[str, str],
        paths: tuple[str, ...],
        requests: int,
        renewed: Callable[[], Mapping[str, str]] | None = None,
    ) -> "Upstream":
        parts = urlsplit(origin)
        more = parts.username or parts.path.strip("/") or parts.query
        if parts.scheme not in ("http", "https") or not parts.hostname or more:
            shown = origin.rpartition("@")[2]  # what stands before it may be a password
            raise ImproverError(f"{shown!r} is no origin", hint='scheme and host only: "https://api.anthropic.com"')
        place = f"{parts.scheme}://{parts.netloc}"
        return cls(origin=place, headers=dict(headers), paths=paths, requests=requests, renewed=renewed)

    def with_headers(self, headers: Mapping[str, str]) -> "Upstream":
        return replace(self, headers=dict(headers))

    def has(self, path: str) -> bool:
        return any(path.startswith(allowed) if allowed.endswith("/") else path == allowed for allowed in self.paths)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """`reason` says why a request was refused, or did not succeed."""

    method: str
    path: str
    allowed: bool
    status: int
    reason: str = ""

    def record(self) -> dict[str, str | int | bool]:
        return {
            "method": self.method[:LONGEST],
            "path": self.path[:LONGEST],
            "allowed": self.allowed,
            "status": self.status,
            "reason": self.reason,
        }


def refusal(method: str, path: str, headers: Mapping[str, str], key: str, upstream: Upstream | None) -> tuple[int, str]:
    """The status and reason to refuse with; (0, "") lets the request through."""
    if not _knows(key, headers):
        return 401, "this is not the key that the Agent was given"
    if upstream is None:
        return 503, "no model API has been named yet"
    if method not in METHODS:
        return 405, f"only {', '.join(sorted(METHODS))} may pass"
    if not PLAIN_PATH.fullmatch(path) or {".", ".."} & set(path.split("/")):
        return 403, "the path has characters that may not pass"
    if not upstream.has(path):
        return 403, f"only these paths may pass: {', '.join(upstream.paths)}"
    return 0, ""


def unfit(body: bytes, wire: Wire) -> str:
    """Why the body of a request may not pass; empty when it may. One that no reader is known for always may."""
    if wire == Wire.OTHER:
        return ""
    try:
        message = json.loads(body.decode(), object_pairs_hook=partial(_object, wire))
    except _Unfit as error:
        return str(error)
    except (ValueError, RecursionError):
        return "the body is no JSON object"
    if not isinstance(message, dict):
        return "the body is no JSON object"
    named = next((name for name in ELSEWHERE[wire] if message.get(name) not in (None, False)), "")
    return f"{named!r} may not pass" if named else _unfit_tool(message, wire)


class _Unfit(Exception):
    """Found while the body is read."""


def _object(wire: Wire, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Unfit("a key stands twice in one object")  # two readers could take different ones
    if _fetched(made, wire):
        raise _Unfit("content that the model API would fetch may not pass")
    return made


def _fetched(made: Mapping[str, Any], wire: Wire) -> bool:
    """Whether an object is a piece of content that stands somewhere else."""
    held = [made.get(name) for name in CONTENT[wire]]
    if wire == Wire.RESPONSES and made.get("type") in ("input_image", "input_file"):
        held.append(made)
    return any(
        _elsewhere(place) if isinstance(place, str) else any(_elsewhere(place.get(name)) for name in FETCHED)
        for place in held
        if isinstance(place, str | dict)
    )


def _elsewhere(value: object) -> bool:
    return isinstance(value, str) and not value.startswith("data:")


def _unfit_tool(message: Mapping[str, Any], wire: Wire) -> str:
    tools = message.get("tools") or []
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return "'tools' is no list of tools"
    refused = [kind for tool in tools for kind in _foreign(tool, wire)]
    return f"the tool {str(refused[0])[:LONGEST]!r} would run at the model API" if refused else ""


def _foreign(tool: Mapping[str, Any], wire: Wire) -> list[object]:
    """What of a tool the model API would run itself."""
    if wire == Wire.GEMINI:
        return [name for name in tool if name not in LOCAL_TO_GEMINI]
    kind = tool.get("type") or "custom"
    return [] if isinstance(kind, str) and LOCAL_TOOLS[wire].fullmatch(kind) else [kind]


def _knows(key: str, headers: Mapping[str, str]) -> bool:
    sent = (headers.get(name, "").removeprefix("Bearer ") for name in SENT_KEY)
    return any(hmac.compare_digest(value.encode(), key.encode()) for value in sent)
