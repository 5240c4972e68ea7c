"""Takes secrets and personal data out of whatever is on its way into the Warehouse, in one linear pass."""

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from improver.model import Event, Frame, Raised
from improver.model.user import pseudonym
from improver.suspicion import MAX_DEPTH as MAX_DEPTH
from improver.suspicion import MAX_KEY as MAX_KEY
from improver.suspicion import MAX_TAGS, are_names, is_innocent
from improver.suspicion import MAX_TEXT as MAX_TEXT
from improver.suspicion import is_sensitive as is_sensitive

SCRUBBED = "[scrubbed]"
CUT = "[cut]"
MAX_STACK = 64 * 1024
SHORT = 256
# Deeper than that, values are only looked at one by one: all looks together are linear.
MAX_LOOKS = 8

STACK_KEYS = ("stacktrace", "stack", "traceback", "stderr_tail", "faulthandler", "exception.stacktrace")
CODE_KEYS = ("context_line", "pre_context", "post_context", "code")
# These name things: scrubbed, they would join what does not belong together. Releases often look like e-mail addresses.
IDENTITIES = (
    "payload_id", "client_id", "trace_id", "span_id", "parent_id", "release", "sentry.release", "service.version",
)  # fmt: skip

# Linear: every unbounded run is possessive and starts only where the one before it ended, or behind a literal.
# JSON that stands in a string of JSON has its quotes escaped, once more at each depth.
_LITERAL = "|".join(
    rf"""\\{{0,7}}+{quote}(?:[^{quote}\\\n]|\\{{1,7}}+[^{quote}\\\n])*+(?:\\{{0,7}}+{quote})?""" for quote in "\"'"
)
_NAME = (
    r"(passw(?:or)?d|pwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|token(?!s)|authorization|credentials?"
    r"|cookie|csrf|xsrf|sess(?:ion)?[_-]?id|jwt|credit[_-]?card|card[_-]?number|cv[vc]|ip[_-]?address|remote[_-]?addr"
    r"|forwarded[_-]for|(?:real|client|remote)[_-]ip)"
)
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key)(\s{0,3}:\s{0,3})[^\n\"']++", re.IGNORECASE
)
_GIVEN = rf"""{_NAME}([\w.-]{{0,20}}+(?:(?:\\?["']\]?)?\s{{0,3}}=(?!=)|\\{{0,7}}+["']\s{{0,3}}:)\s{{0,3}})"""
# As JSON and Python write it, ("name", b"value") and {"key": "name", "value": "…"} included; what stands under a
# secret's name may be a list or an object.
_VALUE = r"""(?:\\{0,7}+["']value\\{0,7}+["']\s{0,3}:\s{0,3})?+"""
_PAIRED = (
    rf"""{_NAME}([\w.-]{{0,20}}+(?:(?:\\?["']\]?)?\s{{0,3}}=(?!=)"""
    rf"""|\\{{0,7}}+["']\s{{0,3}}(?::|,\s{{0,3}}{_VALUE}))\s{{0,3}}b?+)"""
)
_HELD = r"""\{[^{}\n]{0,4000}+\}?|\[(?!scrubbed\])[^\[\]\n]{0,4000}+\]?|(?!\[scrubbed\])[^\s"'&;,)}\]\\]++"""
_NAMED = re.compile(rf"{_PAIRED}(?:{_LITERAL}|{_HELD})", re.IGNORECASE)
# What stands bare in source code is a name, not a secret.
_NAMED_IN_CODE = re.compile(rf"{_GIVEN}(?:{_LITERAL})", re.IGNORECASE)
_SAID = re.compile(r"\b(password|passwd|passphrase|api[_-]?key)(\s{0,2}:\s{0,2})[^\s,;\"']++", re.IGNORECASE)
_BEARER = re.compile(
    r"\b(bearer\s{1,4})[\w.~+/=-]{6,}+|\b((?:basic|token)\s{1,4})[\w.~+/=-]{16,}+", re.IGNORECASE | re.ASCII
)
_TOKEN = re.compile(
    r"(?<![\w-])(?:eyJ[\w-]{8,}+\.[\w-]{8,}+(?:\.[\w-]*+)?|gh[pousr]_\w{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+"
    r"|xox[abeprs]-[\w-]{10,}+|sk-[\w-]{16,}+|[sr]k_(?:live|test)_\w{10,}+|phx_\w{16,}+|AKIA[0-9A-Z]{16}|AIza[\w-]{35})",
    re.ASCII,
)
_LOGIN = re.compile(r"://[^\s/@]{1,320}+@")
_HOME = re.compile(r"(/home/|/Users/|\b[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/))[^/\\\s:\"']{1,64}+")
_CARD = re.compile(
    r"(?<![\w.-])(?:[2-6][0-9]{12,18}|[2-6][0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]{1,7}|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{5})"
    r"(?![\w-])"
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)[0-9]{3}-[0-9]{2}-[0-9]{4}(?![\w-])")
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,7}(?<=[a-z]{2})(?![\w-])", re.IGNORECASE
)
# What a pattern needs, looked for first: nearly every string has none of it.
_WORDS = (
    "passw", "pwd", "passphrase", "secret", "apikey", "api_key", "api-key", "accesskey", "access_key", "access-key",
    "privatekey", "private_key", "private-key", "token", "authorization", "credential", "cookie", "csrf", "xsrf",
    "sessid", "sess_id", "sess-id", "sessionid", "session_id", "session-id", "jwt", "card", "cvv", "cvc", "addr",
    "forwarded", "real_ip", "real-ip", "client_ip", "client-ip", "remote_ip", "remote-ip",
)  # fmt: skip
_SCHEMES = ("bearer", "basic", "token")
_TOKENS = (
    "eyJ", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "sk-", "sk_", "rk_", "phx_",
    "AKIA", "AIza",
)  # fmt: skip
_CARD_LIKE = re.compile(r"[2-6][0-9]{3}(?:[0-9]{9}|[ -][0-9]{4}[ -]|[ -][0-9]{6}[ -])")
_SSN_LIKE = re.compile(r"[0-9]{3}-[0-9]{2}-[0-9]{4}")

AnyEvent = TypeVar("AnyEvent", bound=Event)
Record = TypeVar("Record", bound=Event | Frame | Raised)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Scrubber:
    """What is taken out besides secrets, which always are."""

    emails: bool = True
    # So deep, a value is first looked at as a whole; what comes out is the same without.
    looks: int = MAX_LOOKS

    def event(self, event: AnyEvent) -> AnyEvent:
        # An id of sixteen digits may look like a card: the user must stay countable, and is hashed if it is an address.
        said = {name: self._field(name, getattr(event, name)) for name in event.__dataclass_fields__}
        return type(event)(**{**said, "user": pseudonym(event.user)[:MAX_TEXT]})

    def value(self, value: object, key: str = "", depth: int = 0) -> object:
        """A JSON-like value that is safe to keep, and that every JSON reader takes: a copy, but for what may stay."""
        if isinstance(value, str):
            return self.text(value, key)
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return SCRUBBED if _CARD.fullmatch(str(value)) and _luhn(str(value)) else value
        if depth >= MAX_DEPTH:
            return CUT
        if depth < self.looks and type(value) is list and is_innocent(value, key, depth):
            return value
        if depth < self.looks and type(value) is dict and (safe := self._at_once(value, key, depth)) is not None:
            return safe
        if isinstance(value, Mapping):
            return self._mapping(value, key, depth + 1)
        if isinstance(value, list | tuple):
            return self._list(list(value), key, depth + 1)
        return self.text(str(value))

    def record(self, record: dict[str, Any]) -> dict[str, Any]:
        """What `value` makes of it; as in most there is something to take out, its parts are looked at one by one."""
        held = [name for name, inner in record.items() if type(inner) in (dict, list)] if self.looks else []
        safe = self._at_once(record, "", 0, held) if held else None
        return self._mapping(record, "", 1) if safe is None else safe

    def text(self, text: str, key: str = "") -> str:
        """The text without its secrets; `key` is what it stood under."""
        if len(text) <= SHORT:
            return _short(self, text, key)
        limit = MAX_STACK if key in STACK_KEYS else MAX_TEXT
        text = clean(text[:limit])
        return text if key in IDENTITIES else self._without_secrets(text, key)[:limit]

    def _without_secrets(self, text: str, key: str) -> str:
        # Of other letters, some count as i, s or k where case does not matter.
        lower = text.lower() if text.isascii() else ""
        if "-----" in text:
            text = _without_keys(text)
        if any(sign in text for sign in "=:,") and _may_hold(lower, _WORDS):
            # A header goes to the end of its line or literal, and would hide how that literal is named.
            for pattern in (_NAMED_IN_CODE if key in CODE_KEYS else _NAMED, _HEADER, _SAID):
                text = pattern.sub(rf"\1\2{SCRUBBED}", text)
        if _may_hold(lower, _SCHEMES):
            text = _BEARER.sub(rf"\1\2{SCRUBBED}", text)
        if any(word in text for word in _TOKENS):
            text = _TOKEN.sub(SCRUBBED, text)
        if _CARD_LIKE.search(text):
            text = _CARD.sub(_card, text)
        if _SSN_LIKE.search(text):
            text = _SSN.sub(SCRUBBED, text)
        if "@" in text:
            text = _LOGIN.sub(f"://{SCRUBBED}@", text)
        if "/home/" in text or "Users" in text:
            text = _HOME.sub(rf"\1{SCRUBBED}", text)
        return _EMAIL.sub(SCRUBBED, text) if self.emails and "@" in text else text

    def _at_once(self, value: dict[str, Any], key: str, depth: int, held: Iterable[str] = ()) -> dict[str, Any] | None:
        """With one look at all but what is held, or stands under a name that decides; None is no more than a doubt."""
        deciding = _deciding(self, tuple(value))
        if deciding is None or (key == "tags" and len(value) > MAX_TAGS):
            return None
        apart = deciding.union(held)
        rest = [*{**value, **dict.fromkeys(apart, 0)}.values()]
        if not is_innocent(rest, "", depth):
            return None
        return {**value, **{name: self._under(name, value[name], depth + 1) for name in apart}} if apart else value

    def _mapping(self, value: Mapping[Any, Any], key: str, depth: int) -> dict[str, object]:
        items = list(value.items())[: MAX_TAGS if key == "tags" else None]
        # {"key": "password", "value": "…"} is how lists of attributes say it.
        named = value.get("key") or value.get("name")
        if "value" in value and isinstance(named, str) and is_sensitive(named):
            items = [(k, SCRUBBED if k == "value" else v) for k, v in items]
        return {self._name(str(k)[:MAX_KEY]): self._under(str(k), v, depth) for k, v in items}

    def _list(self, value: list[Any], key: str, depth: int) -> list[object]:
        if len(value) == 2 and isinstance(value[0], str) and is_sensitive(value[0]):
            return [self.text(value[0]), self._under(value[0], value[1], depth)]
        return [self.value(item, key, depth) for item in value[: MAX_TAGS if key == "tags" else None]]

    def _under(self, key: str, value: object, depth: int) -> object:
        if is_sensitive(key) and value and not isinstance(value, bool):
            return SCRUBBED
        return self.value(value, key, depth)

    def _name(self, key: str) -> str:
        """A name that holds more than a name: an address, or what somebody typed."""
        return self.text(key)

    def _record(self, record: Record) -> Record:
        return type(record)(**{name: self._field(name, getattr(record, name)) for name in record.__dataclass_fields__})

    def _field(self, name: str, value: object) -> Any:
        if isinstance(value, str):
            return self.text(value, name)
        if isinstance(value, dict):
            return self.record(value)
        if isinstance(value, tuple):
            return tuple(self._field(name, item) for item in value)
        if isinstance(value, Frame):
            return _safe(self, value)
        return self._record(value) if isinstance(value, Raised) else value


DEFAULT = Scrubber()


def scrub(value: object, scrubber: Scrubber = DEFAULT) -> object:
    return scrubber.value(value)


def holds_key(text: str) -> bool:
    """Whether a text holds a token or private key that is known by its look, whatever stands around it."""
    return bool(_PEM.search(text) or _TOKEN.search(text))


def scrub_event(event: AnyEvent, scrubber: Scrubber = DEFAULT) -> AnyEvent:
    return scrubber.event(event)


@lru_cache(4096)
def _deciding(scrubber: Scrubber, names: tuple[object, ...]) -> frozenset[str] | None:
    """Those of an object's names that decide about what stands under them; None if they tell more than that."""
    if not are_names(names) or any(scrubber._name(name) != name for name in names):
        return None
    return frozenset(name for name in names if is_sensitive(name) or name == "tags" or name in IDENTITIES)


@lru_cache(16384)
def _short(scrubber: Scrubber, text: str, key: str) -> str:
    """What is short is mostly said again and again."""
    text = clean(text)
    return text if key in IDENTITIES else scrubber._without_secrets(text, key)


@lru_cache(4096)
def _safe(scrubber: Scrubber, frame: Frame) -> Frame:
    """Most stacks share most of their frames."""
    return scrubber._record(frame)


def _may_hold(lower: str, words: tuple[str, ...]) -> bool:
    return not lower or any(word in lower for word in words)


def clean(text: str) -> str:
    """Neither lone surrogates nor NUL: no store takes them."""
    text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _without_keys(text: str) -> str:
    kept, at = [], 0
    while begin := _PEM.search(text, at):
        end = _PEM_END.search(text, begin.end())
        kept += [text[at : begin.start()], SCRUBBED]
        at = end.end() if end else len(text)
    return "".join([*kept, text[at:]])


def _card(found: re.Match[str]) -> str:
    return SCRUBBED if _luhn(found[0]) else found[0]


def _luhn(text: str) -> bool:
    digits = [int(char) for char in reversed(text) if char.isdigit()]
    doubled = sum(sum(divmod(digit * 2, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0
