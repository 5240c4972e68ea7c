"""PostHog's bodies on the wire: JSON in several shapes, compressed with or without a word, or in a form field."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from improver.collectors._lenient import bounded, mapping, mappings, text
from improver.errors import ImproverError
from improver.inflate import TooLarge, inflate

MIB = 1 << 20
MAX_BODY = 20 * MIB
MAX_EVENT = 2 * MIB
MAX_EVENTS = 10_000
MAX_KEY = 200
FORM = b"data="
HINT = "see https://posthog.com/docs/api/capture"


class _Outline(msgspec.Struct):
    batch: list[msgspec.Raw]
    api_key: Any = None
    token: Any = None
    own_token: Any = msgspec.field(name="$token", default=None)


_OUTLINE, _LIST = msgspec.json.Decoder(_Outline), msgspec.json.Decoder(list[msgspec.Raw])


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """`about` is what was said of all the events: the key, the time of sending; `size` is that of the plain JSON."""

    events: list[Any]
    size: int
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The first event names it too: lists have nothing around them."""
        first = next(iter(mappings(self.events, 1)), {})
        for place in (self.about, first, mapping(first.get("properties"))):
            for name in ("api_key", "token", "$token"):
                if shown := text(place.get(name), MAX_KEY):
                    return shown
        return ""


def body_of(body: bytes, encoding: str) -> Body:
    """Raises unless there are events, or one event, in it."""
    return _read(_plain(inflate(body, encoding, cap=MAX_BODY)))


def _read(plain: bytes) -> Body:
    parsed = _parsed(plain)
    if isinstance(parsed, list):
        return _counted(Body(events=parsed, size=len(plain)))
    if isinstance(parsed.get("batch"), list):
        about = {name: value for name, value in parsed.items() if name != "batch"}
        return _counted(Body(events=parsed["batch"], about=about, size=len(plain)))
    return Body(events=[parsed], about=parsed, size=len(plain))


def head_of(body: bytes, encoding: str) -> Body:
    """With the first event alone: before the ack it is enough to know the key, and that the rest is JSON."""
    plain = _plain(inflate(body, encoding, cap=MAX_BODY))
    try:
        head, events = _outlined(bounded(plain))
        first = json.loads(bytes(events[0])) if events else {}
    except (ValueError, RecursionError):
        return _read(plain)
    # What is no object cannot name the key, but the one after it could.
    if not isinstance(first, dict):
        return _read(plain)
    _counted(Body(events=events, size=len(plain)))
    return Body(events=[first], about=head, size=len(plain))


def _outlined(plain: bytes) -> tuple[dict[str, Any], list[msgspec.Raw]]:
    """What is said of all the events, as far as it may be the key; raises on much that Python would read."""
    if not plain.isascii():
        plain.decode()
    if plain.lstrip().startswith(b"["):
        return {}, _LIST.decode(plain)
    outline = _OUTLINE.decode(plain)
    return {"api_key": outline.api_key, "token": outline.token, "$token": outline.own_token}, outline.batch


def is_too_large(event: object) -> bool:
    return len(json.dumps(event)) > MAX_EVENT


def _parsed(plain: bytes) -> list[Any] | dict[str, Any]:
    try:
        parsed = _loaded(bounded(plain))
    except (ValueError, RecursionError) as error:
        raise ImproverError("the body is not JSON", hint=HINT) from error
    if not isinstance(parsed, list | dict):
        raise ImproverError("the body is JSON, but neither an event nor a list of them", hint=HINT)
    return parsed


def _loaded(plain: bytes) -> Any:
    """As Python's own parser reads it, which takes what is not quite JSON, but is slower."""
    try:
        return msgspec.json.decode(plain)
    except (ValueError, RecursionError):
        return json.loads(plain)


def _plain(body: bytes) -> bytes:
    """What browsers send as they leave a page is a form field in base64, which may hold gzip in turn."""
    if not body.startswith(FORM):
        return body
    value = unquote_plus(body[len(FORM) :].partition(b"&")[0].decode("ascii", "replace")).strip()
    if value.startswith(("{", "[")):
        return value.encode()
    try:
        # Older clients do not escape the "+" of base64, which then arrives as a blank.
        decoded = base64.b64decode(value.replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImproverError("the form field `data` is neither JSON nor base64", hint=HINT) from error
    return inflate(decoded, "", cap=MAX_BODY)


def _counted(body: Body) -> Body:
    if len(body.events) > MAX_EVENTS:
        raise TooLarge(f"the body has more than {MAX_EVENTS} events", hint="send several batches")
    return body
