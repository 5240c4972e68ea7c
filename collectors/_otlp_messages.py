"""The messages behind the rows of a batch, for what is decoded one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from improver.collectors._otlp_columns import Items
from improver.collectors._otlp_source import Source, attributes_of
from improver.collectors._otlp_span_rows import Told
from improver.collectors._otlp_spans import MAX_CLIMB, errors, span_events
from improver.model import ErrorEvent, Event, Payload


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where the items in the rows come from; `payload` and `scope` say of each in which it is."""

    items: Items
    payloads: Sequence[Payload]
    payload: list[int]
    scope: list[int]
    sources: dict[int, Source] = field(default_factory=dict)
    resources: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Items, payloads: Sequence[Payload]) -> "Sources":
        """Of the requests that these Payloads are."""
        return cls(items=items, payloads=payloads, payload=items.payload.to_pylist(), scope=items.scope.to_pylist())

    def __getitem__(self, row: int) -> Source:
        number = self.scope[row]
        if number not in self.sources:
            scope = self.items.scopes.messages[self.items.scopes.numbers[row].as_py()]
            self.sources[number] = Source(
                payload=self.payloads[self.payload[row]],
                resource=self._resource(self.items.resources.numbers[row].as_py()),
                scope=scope.name,
                scope_version=scope.version,
            )
        return self.sources[number]

    def _resource(self, number: int) -> dict[str, Any]:
        if number not in self.resources:
            self.resources[number] = attributes_of(self.items.resources.messages[number].attributes)
        return self.resources[number]


@dataclass(frozen=True, kw_only=True)
class SpanMessages:
    """Spans by row; `above` says of each which one is its parent."""

    spans: Items
    sources: Sources
    above: list[int | None]

    @classmethod
    def of(cls, told: Told, payloads: Sequence[Payload]) -> "SpanMessages":
        return cls(spans=told.spans, sources=Sources.of(told.spans, payloads), above=told.above.to_pylist())

    def span(self, row: int) -> Any:
        return self.spans.message(row)

    def events(self, row: int) -> Iterator[Event]:
        """All that the span makes."""
        line = map(self.span, self._line(row))
        yield from span_events(self.span(row), self.sources[row], {one.span_id: one for one in line})

    def errors(self, row: int, route: str) -> Iterator[ErrorEvent]:
        """The exceptions that it recorded."""
        span = self.span(row)
        yield from errors(span, route, attributes_of(span.attributes), self.sources[row])

    def _line(self, row: int) -> Iterator[int]:
        """The span itself and those above it, as far as anybody climbs."""
        at: int | None = row
        for _ in range(MAX_CLIMB + 1):
            if at is None:
                return
            yield at
            at = self.above[at]
