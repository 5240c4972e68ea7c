"""The HTTP client that Forges are given: one origin, short patience, bounded answers."""

import json as jsonlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2

from improver.errors import ImproverError

TIMEOUT_S = 10.0
DEADLINE_S = 30.0
MAX_BYTES = 4 << 20
MAX_REDIRECTS = 3
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# A 301 or 302 to a POST is followed as GET by browsers; only these keep the method.
KEEP_METHOD = (307, 308)
REDIRECTS = (301, 302, 303, *KEEP_METHOD)


class HttpxClient:
    """Requests go to `base_url` only: a token must not follow a redirect to somebody else's host."""

    def __init__(self, base_url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._base = _checked(base_url)
        self._monotonic = monotonic
        # Neither proxies nor a .netrc of the environment: the token goes where the config says, as it says.
        self._client = httpx2.Client(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, headers={"User-Agent": "improver"}
        )

    def __enter__(self) -> "HttpxClient":
        return self

    def __exit__(self, *about: object) -> None:
        self._client.close()

    def request(
        self, method: str, path: str, *, headers: Mapping[str, str], json: object | None = None
    ) -> tuple[int, Any]:
        """The status, and the body's JSON; None where there is no body."""
        url = httpx2.URL(f"{self._base}/{path.lstrip('/')}")
        for _ in range(MAX_REDIRECTS + 1):
            status, location, body = self._once(method, url, headers, json)
            if status not in REDIRECTS or not location:
                return status, _decoded(body, status, url)
            url = self._followed(method, status, url, location)
        raise ImproverError(f"{method} {url} redirects in circles", hint="check the Forge's `base_url`")

    def _followed(self, method: str, status: int, url: httpx2.URL, location: str) -> httpx2.URL:
        target = url.join(location)
        if _origin(target) != _origin(self._base):
            raise ImproverError(f"{url.host} redirects to {target.host}", hint="is that host the Forge's `base_url`?")
        if method != "GET" and status not in KEEP_METHOD:
            raise ImproverError(f"{method} {url} has moved to {target.path}", hint="was the repository renamed?")
        return target

    def _once(
        self, method: str, url: httpx2.URL, headers: Mapping[str, str], json: object | None
    ) -> tuple[int, str, bytes]:
        deadline = self._monotonic() + DEADLINE_S
        try:
            with self._client.stream(method, url, headers=dict(headers), json=json) as response:
                body = b""
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > MAX_BYTES or self._monotonic() > deadline:
                        raise ImproverError(f"the answer of {url.host} is too long or too slow", retryable=True)
                return response.status_code, response.headers.get("location", ""), body
        except httpx2.TimeoutException as error:
            raise ImproverError(f"{url.host} did not answer within {TIMEOUT_S:g} s", retryable=True) from error
        except httpx2.HTTPError as error:
            hint = "is the address right, and the network up?"
            raise ImproverError(f"cannot reach {url.host}: {error}", hint=hint, retryable=True) from error


def _checked(base_url: str) -> httpx2.URL:
    try:
        url = httpx2.URL(base_url.rstrip("/"))
    except httpx2.InvalidURL as error:
        raise ImproverError(f"{base_url!r} is no address: {error}", hint="set the Forge's `base_url`") from error
    if not url.host or (url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK)):
        raise ImproverError(f"{base_url!r} is no https address", hint="a token is only sent over TLS, or on loopback")
    return url


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _decoded(body: bytes, status: int, url: httpx2.URL) -> Any:
    if not body:
        return None
    try:
        return jsonlib.loads(body)
    except ValueError as error:
        message = f"{url.host}{url.path} answered {status}, and not with JSON: {body[:80]!r}"
        hint = "is the Forge's `base_url` that of its API?"
        raise ImproverError(message, hint=hint, retryable=status >= 500) from error
