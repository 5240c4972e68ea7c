"""Whether one request may leave a box."""

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from improver.errors import ImproverError

METHODS = {"GET", "HEAD", "POST"}
# Plain characters only: what two servers could read differently does not pass.
PLAIN_PATH = re.compile(r"(/[\w.~:@!$&'()*+,;=-]+)*/?", re.ASCII)
SENT_KEY = ("x-api-key", "api-key", "x-goog-api-key", "authorization")
LONGEST = 200
MESSAGES = "/v1/messages"
# Whatever makes the model API itself run something, or talk to somebody else: no box could hold that.
ELSEWHERE = ("mcp_servers", "container", "requests")
LOCAL_TOOLS = re.compile(r"custom|(bash|text_editor)_\d+", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Upstream:
    """The one model API that a proxy leads to: `paths` as they are, or with all below one that ends in a slash."""

    origin: str
    headers: Mapping[str, str]
    paths: tuple[str, ...]
    requests: int  # that may pass, at most

    @classmethod
    def checked(cls, origin: str, headers: Mapping[str, str], paths: tuple[str, ...], requests: int) -> "Upstream":
        parts = urlsplit(origin)
        more = parts.username or parts.path.strip("/") or parts.query
        if parts.scheme not in ("http", "https") or not parts.hostname or more:
            shown = origin.rpartition("@")[2]  # what stands before it may be a password
            raise ImproverError(f"{shown!r} is no origin", hint='scheme and host only: "https://api.anthropic.com"')
        return cls(origin=f"{parts.scheme}://{parts.netloc}", headers=dict(headers), paths=paths, requests=requests)

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


def is_message(path: str) -> bool:
    """Whether a request asks what Anthropic's models are asked, so that its body can be checked."""
    return path == MESSAGES or path.startswith(f"{MESSAGES}/")


def unfit(body: bytes) -> str:
    """Why a message may not pass; empty when it may."""
    try:
        message = json.loads(body.decode(), object_pairs_hook=_object)
    except _Unfit as error:
        return str(error)
    except (ValueError, RecursionError):
        return "the body is no JSON object"
    if not isinstance(message, dict):
        return "the body is no JSON object"
    return next((f"{name!r} may not pass" for name in ELSEWHERE if name in message), "") or _unfit_tool(message)


class _Unfit(Exception):
    """Found while the body is read."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Unfit("a key stands twice in one object")  # two readers could take different ones
    source = made.get("source")
    if isinstance(source, dict) and source.get("type") == "url":
        raise _Unfit("content that the model API would fetch may not pass")
    return made


def _unfit_tool(message: Mapping[str, Any]) -> str:
    tools = message.get("tools") or []
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return "'tools' is no list of tools"
    kinds = [tool.get("type") or "custom" for tool in tools]
    refused = [kind for kind in kinds if not (isinstance(kind, str) and LOCAL_TOOLS.fullmatch(kind))]
    return f"the tool {str(refused[0])[:LONGEST]!r} would run at the model API" if refused else ""


def _knows(key: str, headers: Mapping[str, str]) -> bool:
    sent = (headers.get(name, "").removeprefix("Bearer ") for name in SENT_KEY)
    return any(hmac.compare_digest(value.encode(), key.encode()) for value in sent)
