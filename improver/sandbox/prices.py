"""What models' tokens cost: as was last looked up on 2026-11-21, unless the config says otherwise."""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from improver.config.settings import Price
from improver.sandbox.usage import Usage

MILLION = 1_000_000
Rates = tuple[float, float, float, float]
# US dollars for a million tokens: input, output, read from the cache, written to the cache. A name that is not
# matched costs an unknown amount, so the patterns name versions and not families. docs/sandbox.md has the sources.
KNOWN: dict[str, Rates] = {
    "claude-fable-5-1*": (10, 50, 0.25, 12.5),
    "claude-fable-5": (10, 50, 1, 12.5),
    "claude-fable-5-20*": (10, 50, 1, 12.5),
    "claude-opus-5-5*": (4, 20, 0.2, 5),
    "claude-opus-5": (5, 25, 0.5, 6.25),
    "claude-opus-5-20*": (5, 25, 0.5, 6.25),
    "claude-opus-4-[5-8]*": (5, 25, 0.5, 6.25),
    "claude-opus-4-1*": (15, 75, 1.5, 18.75),
    "claude-opus-4-0*": (15, 75, 1.5, 18.75),
    "claude-opus-4-2025*": (15, 75, 1.5, 18.75),
    "claude-sonnet-5-5*": (2, 10, 0.2, 2.5),
    "claude-sonnet-5": (2, 10, 0.2, 2.5),
    "claude-sonnet-5-20*": (2, 10, 0.2, 2.5),
    "claude-sonnet-4-[056]*": (3, 15, 0.3, 3.75),
    "claude-sonnet-4-2025*": (3, 15, 0.3, 3.75),
    "claude-3-7-sonnet*": (3, 15, 0.3, 3.75),
    "claude-haiku-5-5*": (0.1, 0.5, 0.01, 0.125),
    "claude-haiku-4-5*": (1, 5, 0.1, 1.25),
    "claude-3-5-haiku*": (0.8, 4, 0.08, 1),
    "gpt-5": (1.25, 10, 0.125, 1.25),
    "gpt-5-2025*": (1.25, 10, 0.125, 1.25),
    "gpt-5-codex*": (1.25, 10, 0.125, 1.25),
    "gpt-5-mini*": (0.25, 2, 0.025, 0.25),
    "gpt-5-nano*": (0.05, 0.4, 0.005, 0.05),
    "gpt-5.1*": (1.25, 10, 0.125, 1.25),
    "gpt-5.2*": (1.75, 14, 0.175, 1.75),
    "gpt-5.2-pro*": (21, 168, 21, 21),
    "gpt-5.3-codex": (1.75, 14, 0.175, 1.75),
    "gpt-5.4": (2.5, 15, 0.25, 2.5),
    "gpt-5.4-20*": (2.5, 15, 0.25, 2.5),
    "gpt-5.4-mini*": (0.75, 4.5, 0.075, 0.75),
    "gpt-5.4-nano*": (0.2, 1.25, 0.02, 0.2),
    "gpt-5.5": (5, 30, 0.5, 5),
    "gpt-5.5-20*": (5, 30, 0.5, 5),
    "gpt-5.6-sol*": (5, 30, 0.5, 6.25),
    "gpt-5.6-terra*": (2, 12, 0.2, 2.5),
    "gpt-5.6-luna*": (0.2, 1.2, 0.02, 0.25),
    "gpt-4.1": (2, 8, 0.5, 2),
    "gpt-4.1-2025*": (2, 8, 0.5, 2),
    "gpt-4.1-mini*": (0.4, 1.6, 0.1, 0.4),
    "o3": (2, 8, 0.5, 2),
    "o4-mini*": (1.1, 4.4, 0.275, 1.1),
    "gemini-2.5-pro*": (1.25, 10, 0.125, 1.25),
    "gemini-2.5-flash": (0.3, 2.5, 0.03, 0.3),
    "gemini-2.5-flash-lite*": (0.1, 0.4, 0.01, 0.1),
    "gemini-3-pro-preview*": (2, 12, 0.2, 2),
    "gemini-3.1-pro*": (2, 12, 0.2, 2),
    "gemini-3-flash*": (0.5, 3, 0.05, 0.5),
    "gemini-3.5-flash": (1.5, 9, 0.15, 1.5),
    "gemini-3.5-flash-lite*": (0.3, 2.5, 0.03, 0.3),
    "gemini-3.8-flash": (1.5, 7.5, 0.15, 1.5),  # from 2027 on; half of it until then
}
# A request whose prompt has more tokens than this costs so much instead.
LONG: dict[str, tuple[int, Rates]] = {
    "claude-haiku-5-5*": (100_000, (0.5, 2.5, 0.05, 0.625)),
    "gpt-5.4": (272_000, (5, 22.5, 0.5, 5)),
    "gpt-5.4-20*": (272_000, (5, 22.5, 0.5, 5)),
    "gpt-5.5": (272_000, (10, 45, 1, 10)),
    "gpt-5.5-20*": (272_000, (10, 45, 1, 10)),
    "gpt-5.6-sol*": (272_000, (10, 45, 1, 12.5)),
    "gpt-5.6-terra*": (272_000, (4, 18, 0.4, 5)),
    "gpt-5.6-luna*": (200_000, (0.4, 1.8, 0.04, 0.5)),
    "gemini-2.5-pro*": (200_000, (2.5, 15, 0.25, 2.5)),
    "gemini-3-pro-preview*": (200_000, (4, 18, 0.4, 4)),
    "gemini-3.1-pro*": (200_000, (4, 18, 0.4, 4)),
}


def price_of(model: str, configured: Mapping[str, Price], prompt: int = 0) -> Price | None:
    """The config wins over what is known; among patterns that fit, the longest. `prompt` has so many tokens."""
    if fitting := _fitting(model, configured):
        return configured[fitting]
    known = _fitting(model, KNOWN)
    if not known:
        return None
    above, dear = LONG.get(known, (0, KNOWN[known]))
    taken, given, read, written = dear if prompt > above else KNOWN[known]
    return Price(input=taken, output=given, cache_read=read, cache_write=written)


def _fitting(model: str, table: Mapping[str, object]) -> str:
    return max((pattern for pattern in table if fnmatchcase(model, pattern)), key=len, default="")


def cost(usage: Usage, price: Price) -> float:
    read = price.input if price.cache_read is None else price.cache_read
    written = price.input if price.cache_write is None else price.cache_write
    dear = usage.input * price.input + usage.output * price.output
    return (dear + usage.cache_read * read + usage.cache_write * written) / MILLION
