"""The HTTP client that plugins are given: one origin, bounded patience, bounded answers."""

import json as jsonlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from improver.errors import ImproverError
from improver.inflate import TooLarge
from improver.model import Answer

MAX_REDIRECTS = 3
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# A 301 or 302 to a POST is followed as GET by browsers; only these keep the method.
KEEP_METHOD = (307, 308)
REDIRECTS = (301, 302, 303, *KEEP_METHOD)
SECRET_HEADER, LEAST_SECRET, HIDDEN = re.compile(r"auth|token|key|secret", re.I), 8, b"[hidden]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long an answer may keep silent and may take in all, and how long it may be."""

    silence_s: float = 10.0
    whole_s: float = 30.0
    max_bytes: int = 4 << 20


SHORT = Patience()


class HttpxClient:
    """Requests go to `base_url` only: a token must not follow a redirect to somebody else's host."""

    def __init__(
        self, base_url: str, *, patience: Patience = SHORT, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._base = _checked(base_url)
        self._patience = patience
        self._monotonic = monotonic
        # Neither proxies nor a .netrc of the environment: the token goes where the config says, as it says.
        self._client = httpx2.Client(
            timeout=patience.silence_s, follow_redirects=False, trust_env=False, headers={"User-Agent": "improver"}
        )

    def __enter__(self) -> "HttpxClient":
        return self

    def __exit__(self, *about: object) -> None:
        self._client.close()

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str], json: object | None = None
    ) -> tuple[int, Any]:
        """The status, and the body's JSON; None where there is no body."""
        answer = self.ask(method, path, headers=headers, json=json)
        return answer.status, answer.body

    def ask(self, method: str, path: str, *, headers: Mapping[str, str], json: object | None = None) -> Answer:
        url = httpx2.URL(f"{self._base}/{path.lstrip('/')}")
        for _ in range(MAX_REDIRECTS + 1):
            status, said, body = self._once(method, url, headers, json)
            if status not in REDIRECTS or "location" not in said:
                return Answer(status=status, headers=said, body=_decoded(body, status, url, method))
            url = self._followed(method, status, url, said["location"])
        raise ImproverError(f"{method} {url} redirects in circles", hint="check the configured `base_url`")

    def _followed(self, method: str, status: int, url: httpx2.URL, location: str) -> httpx2.URL:
        target = url.join(location)
        if _origin(target) != _origin(self._base):
            raise ImproverError(f"{url.host} redirects to {target.host}", hint="is that the configured `base_url`?")
        if method != "GET" and status not in KEEP_METHOD:
            raise ImproverError(f"{method} {url} has moved to {target.path}", hint="was the repository renamed?")
        return target

    def _once(
        self, method: str, url: httpx2.URL, headers: Mapping[str, str], json: object | None
    ) -> tuple[int, dict[str, str], bytes]:
        deadline = self._monotonic() + self._patience.whole_s
        try:
            with self._client.stream(method, url, headers=dict(headers), json=json) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > self._patience.max_bytes or self._monotonic() > deadline:
                        raise TooLarge(f"the answer of {url.host} is too long or too slow", retryable=True)
                return response.status_code, dict(response.headers), _without_secrets(bytes(body), headers)
        except httpx2.TimeoutException as error:
            silence = f"{url.host} did not answer within {self._patience.silence_s:g} s"
            raise ImproverError(silence, retryable=True) from error
        except httpx2.HTTPError as error:
            hint = "is the address right, and the network up?"
            raise ImproverError(f"cannot reach {url.host}: {error}", hint=hint, retryable=True) from error


def _checked(base_url: str) -> httpx2.URL:
    try:
        url = httpx2.URL(base_url.rstrip("/"))
    except httpx2.InvalidURL as error:
        raise ImproverError(f"{base_url!r} is no address: {error}", hint="set its `base_url`") from error
    if not url.host or (url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK)):
        raise ImproverError(f"{base_url!r} is no https address", hint="a token is only sent over TLS, or on loopback")
    return url


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _without_secrets(body: bytes, headers: Mapping[str, str]) -> bytes:
    """An answer that repeats the token must not carry it into a log or an error."""
    secrets = [value.split()[-1] for name, value in headers.items() if SECRET_HEADER.search(name) and value.strip()]
    for secret in secrets:
        if len(secret) >= LEAST_SECRET:
            body = body.replace(secret.encode(), HIDDEN)
    return body


def _decoded(body: bytes, status: int, url: httpx2.URL, method: str) -> Any:
    # A gateway's own page says nothing that "too many requests" does not.
    if not body or (status == 429 and not body.lstrip().startswith((b"{", b"["))):
        return None
    try:
        return jsonlib.loads(body)
    except (ValueError, RecursionError) as error:
        message = f"{url.host}{url.path} answered {status}, and not with JSON: {body[:80]!r}"
        hint = "is the configured `base_url` that of its API?"
        # What was asked for may have been done all the same: whoever asks again finds that out.
        done = status < 300 and method != "GET"
        raise ImproverError(message, hint=hint, retryable=status >= 500 or done) from error
