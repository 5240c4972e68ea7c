"""Which names tell of a secret, and whether a JSON value could hold anything at all that the Scrubber changes."""

import math
from functools import cache, lru_cache
from typing import Any, TypeGuard

import msgspec
import re2

MAX_DEPTH = 64
MAX_KEY = 200
MAX_TEXT = 16 * 1024
MAX_TAGS = 100

SECRET_PARTS = (
    "password", "passwd", "passphrase", "secret", "apikey", "accesskey", "privatekey", "authtoken", "authorization",
    "credential", "cookie", "csrf", "xsrf", "sessionid", "sessid", "bearer", "jwt", "creditcard", "cardnumber",
)  # fmt: skip
SECRET_NAMES = ("pwd", "pass", "pw", "auth", "ssn", "cvv", "cvc")
ADDRESS_ENDS = (
    "ipaddress", "remoteaddr", "xforwardedfor", "xrealip", "clientip", "cfconnectingip", "trueclientip", "remoteip",
    "userip", "clientaddress", "netpeerip",
)  # fmt: skip

# What any of the Scrubber's patterns needs to match, and more: RE2 knows no look-behind, and other blanks than Python.
WORDS = (
    r"passw|pwd|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key|token|authorization|credential"
    r"|cookie|[cx]srf|sess(?:ion)?[_-]?id|jwt|card|cv[vc]|addr|forwarded|(?:real|client|remote)[_-]ip"
)
TOKENS = (
    r"eyJ[\w-]{8}|gh[pousr]_\w{20}|github_pat_|glpat-|xox[abeprs]-|sk-[\w-]{16}|[sr]k_(?:live|test)_|phx_\w{16}"
    r"|AKIA[0-9A-Z]{16}|AIza"
)
CARDS = r"[2-6][0-9]{12}|[2-6][0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{5}"
# Letters that Python counts as i, s and k, if case does not matter.
LETTERS = r"[\x{130}\x{131}\x{17f}\x{212a}]"
# What JSON writes for a blank or a control character: its last letter belongs to no word.
_ESCAPED = r"\\[bfnrt]|\\u00[01][0-9a-f]"
# A text of JSON holds names too, so a telling word needs no sign behind it.
_SUSPECT = "|".join((
    r"@|-----BEGIN |[/\\](?:home|Users)[/\\]|\\u0000",
    LETTERS,
    rf"(?i:{WORDS})",
    rf"(?i:bearer(?:\s|\\)|(?:basic|token)(?:\s|{_ESCAPED})+[\w.~+/=-]{{16}})",
    rf"(?:^|[^\w-]|{_ESCAPED})(?:{TOKENS}|[0-9]{{3}}-[0-9]{{2}}-[0-9]{{4}})",
    rf"(?:^|[^\w.-]|{_ESCAPED})(?:{CARDS})",
))  # fmt: skip
_SCALARS = frozenset((str, int, float, bool, type(None)))
# What msgspec says of what it cannot write: it has no halves of surrogate pairs, and no bottom.
UNWRITABLE = (ValueError, TypeError, OverflowError, RecursionError)


@lru_cache(4096)
def is_sensitive(key: str) -> bool:
    plain = "".join(filter(str.isalnum, key[:MAX_KEY].lower()))
    return (
        plain in SECRET_NAMES
        or plain.endswith(("token", *ADDRESS_ENDS))
        or plain in ("forwarded", "httpforwarded")
        or any(part in plain for part in SECRET_PARTS)
    )


def is_innocent(value: object, key: str, depth: int) -> bool:
    """Whether the Scrubber would leave it as it is, found without a look at each value; no is no more than a doubt."""
    try:
        text = msgspec.json.encode(value)
    except UNWRITABLE:
        return False
    # No text in it is too long if all of them together are not.
    if len(text) > MAX_TEXT or _suspect().search(text):
        return False
    return (key != "tags" or _few(value)) and _is_plain(value, depth, finite=b"null" not in text)


@cache
def _suspect() -> Any:
    return re2.compile(_SUSPECT)


def _is_plain(value: object, depth: int, finite: bool) -> bool:
    """Whether its names are harmless, and nothing in it is too deep, too many, or no JSON."""
    level: list[Any] = [value]
    while level:
        if depth >= MAX_DEPTH:
            return False
        if not all(_are_harmless(tuple(one)) if type(one) is dict else _is_plain_list(one) for one in level):
            return False
        # What is not finite is written as null.
        if not (finite or _are_finite(level)):
            return False
        depth += 1
        held = (one.values() if type(one) is dict else one for one in level)
        level = [inner for values in held for inner in values if type(inner) not in _SCALARS]
    return True


@lru_cache(4096)
def _are_harmless(names: tuple[object, ...]) -> bool:
    """The names of an object; of tags only some are kept."""
    return are_names(names) and "tags" not in names and not any(map(is_sensitive, names))


def are_names(names: tuple[object, ...]) -> TypeGuard[tuple[str, ...]]:
    """Of an object, and no more than that: {"key": …, "value": …} may hold one more."""
    if "value" in names and not {"key", "name"}.isdisjoint(names):
        return False
    return all(type(name) is str and len(name) <= MAX_KEY for name in names)


def _is_plain_list(value: Any) -> bool:
    """A list of two may be a name and what it stands for."""
    return type(value) is list and not (len(value) == 2 and type(value[0]) is str and is_sensitive(value[0]))


def _few(tags: Any) -> bool:
    if type(tags) not in (dict, list):
        return True
    return len(tags) <= MAX_TAGS and (type(tags) is dict or all(map(_few, tags)))


def _are_finite(level: list[Any]) -> bool:
    held = (one.values() if type(one) is dict else one for one in level)
    return all(math.isfinite(inner) for values in held for inner in values if type(inner) is float)
