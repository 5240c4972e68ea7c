"""What models' tokens cost: as their vendors said early in 2026, unless the config says otherwise."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from improver.config.settings import Price
from improver.sandbox.usage import Usage

MILLION = 1_000_000
# US dollars for a million tokens: input, output, read from the cache, written to the cache. A name that is not
# matched costs an unknown amount, so the patterns name versions and not families.
KNOWN: dict[str, tuple[float, float, float, float]] = {
    "claude-opus-4-[5-6]*": (5, 25, 0.5, 6.25),
    "claude-opus-4-1*": (15, 75, 1.5, 18.75),
    "claude-opus-4-0*": (15, 75, 1.5, 18.75),
    "claude-opus-4-2025*": (15, 75, 1.5, 18.75),
    "claude-sonnet-4-[05]*": (3, 15, 0.3, 3.75),
    "claude-sonnet-4-2025*": (3, 15, 0.3, 3.75),
    "claude-3-7-sonnet*": (3, 15, 0.3, 3.75),
    "claude-haiku-4-5*": (1, 5, 0.1, 1.25),
    "claude-3-5-haiku*": (0.8, 4, 0.08, 1),
    "gpt-5": (1.25, 10, 0.125, 1.25),
    "gpt-5-2025*": (1.25, 10, 0.125, 1.25),
    "gpt-5-codex*": (1.25, 10, 0.125, 1.25),
    "gpt-5.1*": (1.25, 10, 0.125, 1.25),
    "gpt-5.2*": (1.75, 14, 0.175, 1.75),
    "gpt-5.2-pro*": (21, 168, 21, 21),
    "gpt-5-mini*": (0.25, 2, 0.025, 0.25),
    "gpt-5-nano*": (0.05, 0.4, 0.005, 0.05),
    "gpt-4.1": (2, 8, 0.5, 2),
    "gpt-4.1-2025*": (2, 8, 0.5, 2),
    "gpt-4.1-mini*": (0.4, 1.6, 0.1, 0.4),
    "o3": (2, 8, 0.5, 2),
    "o4-mini*": (1.1, 4.4, 0.275, 1.1),
    "gemini-2.5-pro*": (1.25, 10, 0.125, 1.25),
    "gemini-2.5-flash": (0.3, 2.5, 0.03, 0.3),
    "gemini-2.5-flash-lite*": (0.1, 0.4, 0.01, 0.1),
    "gemini-3-pro*": (2, 12, 0.2, 2),
}


def price_of(model: str, configured: Mapping[str, Price]) -> Price | None:
    """The config wins over what is known; among patterns that fit, the longest."""
    known = {
        pattern: Price(input=taken, output=given, cache_read=read, cache_write=written)
        for pattern, (taken, given, read, written) in KNOWN.items()
        if fnmatchcase(model, pattern)
    }
    for table in (configured, known):
        fitting = [pattern for pattern in table if fnmatchcase(model, pattern)]
        if fitting:
            return table[max(fitting, key=len)]
    return None


def cost(usage: Usage, price: Price) -> float:
    read = price.input if price.cache_read is None else price.cache_read
    written = price.input if price.cache_write is None else price.cache_write
    dear = usage.input * price.input + usage.output * price.output
    return (dear + usage.cache_read * read + usage.cache_write * written) / MILLION
