"""Turns the values in a message into placeholders, so that messages which differ only in values are one."""

import re
from collections.abc import Callable
from functools import lru_cache

LIMIT = 2048
_RANDOM_LENGTH = 15

_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_TIME = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
_ZONE = r"(?:z\d\d:\d\d|z|[ ]?[+-]\d\d:?\d\d|[ ](?:[a-z]{0,3}st|[a-z]{0,3}dt|utc|gmt))"
_DATE = "|".join((
    rf"\b(?:{_DAY},? )?\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}(?:,? {_TIME}(?:{_ZONE}\b)?)?\b",
    rf"\b(?:{_DAY},? )?{_MONTH} \d{{1,2}},? \d{{4}}(?:,? {_TIME}(?:{_ZONE}\b)?)?\b",
    rf"\b(?:{_DAY} )?{_MONTH} [ \d]?\d {_TIME}(?: \d{{4}})?\b",
    rf"\b\d{{4}}[-/]\d\d[-/]\d\d(?:[t ]{_TIME}(?:{_ZONE}\b)?)?\b",
    rf"\b\d{{8}}[t ]{_TIME}(?:{_ZONE}\b)?\b",
    r"\b\d{1,2}:\d\d(?::\d\d)? ?[ap]m\b",
    r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b",
))  # fmt: skip
_TOP_LEVEL = "com|net|org|edu|gov|io|dev|cloud|local|localhost|internal"

# Order matters: each pattern sees what the ones before it left. No pattern may backtrack over an unbounded run.
# The characters are those without one of which the pattern can find nothing.
_PATTERNS = tuple(
    (f"<{name}>", needs, re.compile(pattern, re.ASCII | re.IGNORECASE))
    for name, needs, pattern in (
        ("email", "@", r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b"),
        ("url", ":", r"\b[a-z][a-z0-9+.-]{0,15}://[^\s\"'<>]{1,1024}"),
        ("hostname", ".", rf"(?<![\w.-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_TOP_LEVEL})(?![\w.-])"),
        ("ip", ".", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
        ("ip", ":", r"(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"),
        ("ip", ":", r"(?<![\w:])(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}(?![\w:])"),
        ("traceparent", "-", r"\b00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]\b"),
        ("uuid", "-", r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        ("sha1", "", r"\b[0-9a-f]{40}\b"),
        ("md5", "", r"\b[0-9a-f]{32}\b"),
        ("date", "0123456789", _DATE),
        ("duration", "0123456789", r"(?<![\w.])\d{1,20}(?:\.\d{1,20})?(?:ns|us|ms|s|min|h)\b"),
        ("hex", "x", r"\b0x[0-9a-f]{1,64}\b"),
        ("sha", "0123456789", r"\b(?=[0-9a-f]{0,11}[a-f])(?=[0-9a-f]{0,11}\d)[0-9a-f]{7,12}\b"),
        ("uniq_id", "0123456789", r"\b[a-z_]{0,64}\d{9,64}[a-z_][\w-]{0,256}"),
        ("float", ".", r"(?<![\w.])[+-]?\d{1,30}\.\d{1,30}(?![\w.])"),
        ("int", "0123456789", r"(?<![\w.])[+-]?\d{1,30}(?![\w])"),
        ("json_str_val", ":", r"(?<=[\"']: )(?:'[^'\n]{0,512}'|\"[^\"\n]{0,512}\")"),
        ("quoted_str", "=", r"(?<==)(?:'[^'\n]{0,512}'|\"[^\"\n]{0,512}\")"),
        ("bool", "=", r"(?<==)(?:true|false)\b"),
    )
)
_WORD = re.compile(rf"(?<![\w<-])[\w-]{{{_RANDOM_LENGTH},256}}(?![\w>-])", re.ASCII)
_DIGITS = re.compile(r"\d{1,256}")


@lru_cache(maxsize=4096)
def _parameterized(text: str) -> str:
    for placeholder, needs, pattern in _PATTERNS:
        if not needs or any(character in text for character in needs):
            text = pattern.sub(placeholder, text)
    return _WORD.sub(_unless_random, text) if any(character in text for character in "0123456789") else text


def parameterize(message: str) -> str:
    return _parameterized(message[:LIMIT].strip())


def _unless_random(found: re.Match[str]) -> str:
    """A long word of all kinds of letters, with digits here and there, was drawn by lot."""
    word = found[0]
    kinds: tuple[Callable[[str], bool], ...] = (str.islower, str.isupper)
    drawn = all(any(map(kind, word)) for kind in kinds) and len(_DIGITS.findall(word)) > 1
    return "<uniq_id>" if drawn else word
