"""What an answer of a model says it cost: read as it passes, whichever API it is of, and never held up."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from improver.sandbox.wire import parsed

MOST = 2**53
LONGEST_EVENT = 8 << 20
LARGEST_BODY = 32 << 20
BYTES_A_TOKEN = 4
DEEPEST = 12
# Where a model's words stand, in any of the APIs.
WORDS = {
    "text", "partial_json", "thinking", "content", "reasoning", "reasoning_content", "arguments", "delta", "args",
}  # fmt: skip
ON_THE_WAY = {"message_start", "response.created", "response.in_progress"}  # their usage is not the last word


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """Tokens; `input` without those that came from the cache. `estimated` when the API did not say."""

    model: str = ""
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    estimated: bool = False

    @property
    def tokens(self) -> int:
        return self.prompt + self.output

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write

    def grown(self, later: "Usage") -> "Usage":
        """APIs repeat what they have counted so far, or only the part of it that is new."""
        return Usage(
            model=later.model or self.model,
            input=later.input or self.input,
            output=later.output or self.output,
            cache_read=later.cache_read or self.cache_read,
            cache_write=later.cache_write or self.cache_write,
        )


class Reading:
    """One answer, as far as it has come; `usage` is at any moment the best that is known of its cost."""

    def __init__(self, *, model: str, asked: int) -> None:
        self._model = model
        self._asked = asked  # bytes of the request
        self._reported = Usage()
        self._final = False
        self._words = 0
        self._reader: Events | Body | None = None

    def begin(self, content_type: str) -> None:
        streamed = content_type.partition(";")[0].strip().lower() == "text/event-stream"
        self._reader = Events(self._take) if streamed else Body(self._take)

    def feed(self, data: bytes) -> None:
        if self._reader:
            self._reader.feed(data)

    def cost_nothing(self) -> None:
        """The request was not answered by a model."""
        self._asked, self._words, self._reader, self._final = 0, 0, None, True

    def end(self) -> None:
        if self._reader:
            self._reader.end()
            self._words += self._reader.unread

    @property
    def usage(self) -> Usage:
        model = self._reported.model or self._model
        if self._final:
            return replace(self._reported, model=model)
        asked = self._reported.tokens - self._reported.output
        return replace(
            self._reported,
            model=model,
            input=self._reported.input if asked else self._asked // BYTES_A_TOKEN,
            output=max(self._reported.output, self._words // BYTES_A_TOKEN),
            estimated=True,
        )

    def _take(self, record: object) -> None:
        for one in record if isinstance(record, list) else (record,):
            if not isinstance(one, dict):
                continue
            self._words += words(one)
            if reported := usage_in(one):
                self._reported = self._reported.grown(reported)
                self._final = self._final or one.get("type") not in ON_THE_WAY


class Events:
    """Server-sent events, one record a `data:` line."""

    def __init__(self, take: Callable[[object], None]) -> None:
        self._take = take
        self._rest = bytearray()
        self.unread = 0  # bytes of records that could not be read

    def feed(self, data: bytes) -> None:
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._rest += line
            self._line()
        self._rest += rest
        if len(self._rest) > LONGEST_EVENT:
            self.unread += len(self._rest)
            self._rest.clear()

    def end(self) -> None:
        self._line()

    def _line(self) -> None:
        line = bytes(self._rest)
        self._rest.clear()
        if not line.startswith(b"data:") or (text := line[5:].strip()) in (b"", b"[DONE]"):
            return
        record = parsed(text)
        if record is None:
            self.unread += len(text)
        else:
            self._take(record)


class Body:
    """One JSON document, or a list of them that grows as the model speaks."""

    def __init__(self, take: Callable[[object], None]) -> None:
        self._take = take
        self._body = bytearray()
        self.unread = 0

    def feed(self, data: bytes) -> None:
        self._body += data[: LARGEST_BODY - len(self._body)]

    def end(self) -> None:
        record = parsed(bytes(self._body))
        if record is None:
            self.unread = len(self._body)
        else:
            self._take(record)


def usage_in(record: Mapping[str, Any]) -> Usage | None:
    """What one record counts, if it counts anything."""
    for place in (record, record.get("message"), record.get("response")):
        if not isinstance(place, dict):
            continue
        model = place.get("model") or place.get("modelVersion")
        named = model if isinstance(model, str) else ""
        if isinstance(counted := place.get("usage"), dict):
            return replace(_counted(counted), model=named)
        if isinstance(counted := place.get("usageMetadata"), dict):
            return replace(_counted_by_gemini(counted), model=named)
    return None


def _counted(usage: Mapping[str, Any]) -> Usage:
    details = usage.get("input_tokens_details") or usage.get("prompt_tokens_details")
    cached = number(details, "cached_tokens")  # OpenAI counts these among the input, Anthropic beside it
    return Usage(
        input=max(0, number(usage, "input_tokens") + number(usage, "prompt_tokens") - cached),
        output=number(usage, "output_tokens") + number(usage, "completion_tokens"),
        cache_read=cached + number(usage, "cache_read_input_tokens"),
        cache_write=number(usage, "cache_creation_input_tokens"),
    )


def _counted_by_gemini(usage: Mapping[str, Any]) -> Usage:
    cached = number(usage, "cachedContentTokenCount")
    asked = number(usage, "promptTokenCount") + number(usage, "toolUsePromptTokenCount")
    said = number(usage, "candidatesTokenCount") + number(usage, "thoughtsTokenCount")
    return Usage(input=max(0, asked - cached), output=said, cache_read=cached)


def number(place: object, name: str) -> int:
    value = place.get(name) if isinstance(place, dict) else None
    return min(value, MOST) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def words(record: Mapping[str, Any]) -> int:
    """Characters that the model said in one record; the Responses API says everything again when it is done."""
    kind = record.get("type")
    if isinstance(kind, str) and kind.startswith("response.") and not kind.endswith(".delta"):
        return 0
    return sum(len(said) for said in _said(record, DEEPEST))


def _said(place: object, deeper: int) -> Iterator[str]:
    if isinstance(place, list) and deeper:
        for item in place:
            yield from _said(item, deeper - 1)
    if not isinstance(place, dict) or not deeper:
        return
    for name, value in place.items():
        if isinstance(value, str):
            yield value if name in WORDS else ""
        else:
            yield from _said(value, deeper - 1)
