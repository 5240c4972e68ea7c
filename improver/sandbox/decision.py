"""Whether one request may leave a box."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from improver.errors import ImproverError

METHODS = {"GET", "HEAD", "POST"}
# Plain characters only: what two servers could read differently does not pass.
PLAIN_PATH = re.compile(r"(/[\w.~:@!$&'()*+,;=-]+)*/?", re.ASCII)
SENT_KEY = ("x-api-key", "api-key", "x-goog-api-key", "authorization")
LONGEST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Upstream:
    """The one model API that a proxy leads to."""

    origin: str
    headers: Mapping[str, str]
    paths: tuple[str, ...]

    @classmethod
    def checked(cls, origin: str, headers: Mapping[str, str], paths: tuple[str, ...]) -> "Upstream":
        parts = urlsplit(origin)
        more = parts.username or parts.path.strip("/") or parts.query
        if parts.scheme not in ("http", "https") or not parts.hostname or more:
            shown = origin.rpartition("@")[2]  # what stands before it may be a password
            raise ImproverError(f"{shown!r} is no origin", hint='scheme and host only: "https://api.anthropic.com"')
        return cls(origin=f"{parts.scheme}://{parts.netloc}", headers=dict(headers), paths=paths)


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
    if not PLAIN_PATH.fullmatch(path) or ".." in path.split("/"):
        return 403, "the path has characters that may not pass"
    if not path.startswith(upstream.paths):
        return 403, f"only paths below {', '.join(upstream.paths)} may pass"
    return 0, ""


def _knows(key: str, headers: Mapping[str, str]) -> bool:
    sent = (headers.get(name, "").removeprefix("Bearer ") for name in SENT_KEY)
    return any(hmac.compare_digest(value.encode(), key.encode()) for value in sent)
