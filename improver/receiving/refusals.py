"""What a sender is told whose telemetry is not taken: in its protocol's own words, if its Collector has some."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

from improver.model import Reply


def refusal(status: int, reason: str, detail: str, more: Mapping[str, object] | None = None) -> Reply:
    return Reply(status=status, reason=reason, body=json.dumps({"detail": detail, **(more or {})}).encode())


def shed(plugin: ModuleType, reason: str) -> Reply:
    """What a client of this Collector is told while it is to wait: its own word for it, if it has one."""
    reply: Reply = plugin.shed() if hasattr(plugin, "shed") else busy()
    return replace(reply, reason=reason)


def busy() -> Reply:
    return replace(refusal(503, "busy", "too much at once: send it again later"), headers={"retry-after": "5"})


def other_origin() -> Reply:
    return refusal(403, "origin", "this origin is not in ingest.allowed_origins")


def foreign_page() -> Reply:
    return refusal(403, "origin", "this key is not for pages of this origin: see its origins in keys.toml")


def stranger(plugin: ModuleType, shown: bool) -> Reply:
    """What a sender without a known key is told: in its protocol's own words, if the Collector has some."""
    ours = no_key(shown)
    return replace(plugin.stranger(), reason=ours.reason) if hasattr(plugin, "stranger") else ours


def no_key(shown: bool) -> Reply:
    if shown:
        return refusal(403, "unknown_key", "this key is not known here, or is revoked: `improver connect` prints one")
    return refusal(401, "missing_key", "a key is needed: `improver connect` prints one")
