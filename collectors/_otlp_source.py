"""What OTLP says about all items alike: attributes as plain values, times, and the resource that they come from."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from improver.collectors._lenient import SKEW, text
from improver.model import Payload
from improver.model.ids import digest

MAX_ATTRIBUTES = 1000
MAX_ELEMENTS = 1000
MAX_NAME = 1024
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What was said under several names over the years; the first that is there counts.
ENVIRONMENT = ("deployment.environment.name", "deployment.environment")
USER = ("user.id", "enduser.id", "enduser.pseudo.id", "user.hash", "user.email", "user.name")
SESSION = ("session.id",)
LANGUAGES = {"nodejs": "node", "webjs": "javascript", "dotnet": "csharp"}

Attributes = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A Payload's one resource and scope."""

    payload: Payload
    resource: dict[str, Any]
    scope: str = ""
    scope_version: str = ""

    def common(self, attributes: Attributes) -> dict[str, Any]:
        """The fields that every Event has; an item's own attributes win over those of its resource."""
        return {
            "payload_id": self.payload.id,
            "service": first(self.resource, ("service.name",)),
            "environment": first(attributes, ENVIRONMENT) or first(self.resource, ENVIRONMENT),
            "release": first(self.resource, ("service.version",)),
            "user": first(attributes, USER) or first(self.resource, USER),
            "session": first(attributes, SESSION) or first(self.resource, SESSION),
        }

    def data(self, attributes: Attributes, **more: object) -> dict[str, Any]:
        """The client's own record, without what is empty."""
        scope = {name: value for name, value in (("name", self.scope), ("version", self.scope_version)) if value}
        whole = {"attributes": dict(attributes), "resource": self.resource, "scope": scope, **more}
        return {name: value for name, value in whole.items() if value}

    def identity(self, moment: int, *parts: object) -> str:
        """An id for an item that has none of its own; without its own time it could be any other."""
        return digest(self.resource, self.scope, moment, *parts) if moment else ""

    def platform(self) -> str:
        language = first(self.resource, ("telemetry.sdk.language",))
        return LANGUAGES.get(language, language)

    def moment(self, *nanoseconds: int) -> datetime:
        """The first that is set; a clock that is ahead of ours counts as ours."""
        told = next(filter(None, nanoseconds), 0)
        happened = EPOCH + timedelta(microseconds=told // 1000)
        return happened if told and happened <= self.payload.received_at + SKEW else self.payload.received_at


def attributes_of(pairs: Any) -> dict[str, Any]:
    return {pair.key: plain(pair.value) for pair in pairs[:MAX_ATTRIBUTES]}


def plain(value: Any) -> Any:
    """An AnyValue as JSON has it: arrays as lists, kvlists as objects, bytes as base64."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [plain(element) for element in value.array_value.values[:MAX_ELEMENTS]]
    if kind == "kvlist_value":
        return attributes_of(value.kvlist_value.values)
    if kind == "bytes_value":
        return base64.b64encode(value.bytes_value).decode()
    return getattr(value, kind)


def first(attributes: Attributes, names: Iterable[str], limit: int = MAX_NAME) -> str:
    """The first of these attributes that says something."""
    return next((said for name in names if (said := text(attributes.get(name), limit))), "")


def number(attributes: Attributes, *names: str) -> float:
    """The first that is a number, or says one; never negative."""
    for name in names:
        value = attributes.get(name)
        try:
            said = float(value) if isinstance(value, str | int | float) else 0.0
        except (ValueError, OverflowError):
            continue
        if 0 < said < 1e15:
            return said
    return 0.0
