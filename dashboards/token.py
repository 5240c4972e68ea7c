"""Who may change something over HTTP: whoever shows the token that the config names."""

import hmac
from dataclasses import dataclass

UNSET = 'set `token` under [web] to "env:NAME" or "file:/path"; the command line needs none'


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    status: int
    problem: str
    hint: str


def refusal(token: str, authorization: str) -> Refusal | None:
    """Why a request with this header may not write; None when it may. How long it takes tells nothing of the token."""
    if not token:
        return Refusal(status=403, problem="nothing can be changed over HTTP without a token", hint=UNSET)
    if not hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
        return Refusal(status=401, problem="the token is missing or wrong", hint="Authorization: Bearer TOKEN")
    return None
