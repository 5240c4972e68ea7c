"""The messages behind the rows of a batch of spans, for what is decoded one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from improver.collectors._otlp_columns import Spans
from improver.collectors._otlp_source import Source, attributes_of
from improver.collectors._otlp_span_rows import Told
from improver.collectors._otlp_spans import MAX_CLIMB, errors, span_events
from improver.model import ErrorEvent, Event, Payload


@dataclass(frozen=True, kw_only=True)
class Messages:
    """Rows are numbers among all spans; `payload`, `scope`, `within` and `above` say of each where it is."""

    spans: Spans
    payloads: Sequence[Payload]
    scopes: list[list[Any]]
    payload: list[int]
    scope: list[int]
    within: list[int]
    above: list[int | None]
    sources: dict[int, Source] = field(default_factory=dict)
    resources: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Told, payloads: Sequence[Payload], requests: Sequence[Any]) -> "Messages":
        """Of the requests of these Payloads."""
        spans = told.spans
        return cls(
            spans=spans,
            payloads=payloads,
            scopes=[[scope.spans for block in one.resource_spans for scope in block.scope_spans] for one in requests],
            payload=spans.payload.to_pylist(),
            scope=spans.scope.to_pylist(),
            within=spans.within.to_pylist(),
            above=told.above.to_pylist(),
        )

    def span(self, row: int) -> Any:
        payload = self.payload[row]
        return self.scopes[payload][self.scope[row] - self.spans.first_scopes[payload]][self.within[row]]

    def events(self, row: int) -> Iterator[Event]:
        """All that the span makes."""
        line = map(self.span, self._line(row))
        yield from span_events(self.span(row), self._source(row), {one.span_id: one for one in line})

    def errors(self, row: int, route: str) -> Iterator[ErrorEvent]:
        """The exceptions that it recorded."""
        span = self.span(row)
        yield from errors(span, route, attributes_of(span.attributes), self._source(row))

    def _line(self, row: int) -> Iterator[int]:
        """The span itself and those above it, as far as anybody climbs."""
        at: int | None = row
        for _ in range(MAX_CLIMB + 1):
            if at is None:
                return
            yield at
            at = self.above[at]

    def _source(self, row: int) -> Source:
        number = self.scope[row]
        if number not in self.sources:
            scope = self.spans.scopes.messages[self.spans.scopes.numbers[row].as_py()]
            self.sources[number] = Source(
                payload=self.payloads[self.payload[row]],
                resource=self._resource(self.spans.resources.numbers[row].as_py()),
                scope=scope.name,
                scope_version=scope.version,
            )
        return self.sources[number]

    def _resource(self, number: int) -> dict[str, Any]:
        if number not in self.resources:
            self.resources[number] = attributes_of(self.spans.resources.messages[number].attributes)
        return self.resources[number]
