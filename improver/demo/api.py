"""The daemon's JSON API, as the demo reads it."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from improver.errors import ImproverError

Row = dict[str, Any]
TIMEOUT_S = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """What the daemon knows at one moment."""

    findings: Sequence[Row]
    attempts: Sequence[Row]
    outcomes: Sequence[Row]
    specs: frozenset[str]  # the Findings that have one


class Api:
    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._specs: frozenset[str] = frozenset()

    def answers(self, path: str) -> bool:
        try:
            with self._opener.open(self._origin + path, timeout=TIMEOUT_S) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def snapshot(self) -> Snapshot:
        findings = self._get("/api/findings")
        new = [row["id"] for row in findings if row["id"] not in self._specs]
        self._specs |= {finding for finding in new if self._get(f"/api/findings/{finding}").get("spec")}
        return Snapshot(
            findings=findings,
            attempts=self._get("/api/attempts"),
            outcomes=self._get("/api/outcomes"),
            specs=self._specs,
        )

    def _get(self, path: str) -> Any:
        try:
            with self._opener.open(self._origin + path, timeout=TIMEOUT_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                said = error.read().decode(errors="replace")[:500]
            raise ImproverError(f"the daemon answered {path} with {error.code}", hint=said) from error
        except OSError as error:
            raise ImproverError(f"the daemon does not answer {path}: {error}", hint="its log tells why") from error
