"""Telemetry to measure with: as varied as a real shop's, every id unique, and the same for the same seed."""

from collections.abc import Callable

from bench.generate import otlp, posthog, sentry
from bench.generate.request import Made, Sender, Source

__all__ = ["FORMATS", "Made", "Sender", "Source", "source"]

FORMATS: dict[str, Callable[..., Source]] = {
    "otlp": otlp.Spans,
    "otlp-json": otlp.JsonSpans,
    "sentry": sentry.Events,
    "posthog": posthog.Usage,
}


def source(name: str, sender: Sender, seed: int, items: int | None = None) -> Source:
    """Requests of one format; `items` is how many spans or events one request carries."""
    kind = FORMATS[name]
    return kind(sender, seed) if items is None else kind(sender, seed, items)
