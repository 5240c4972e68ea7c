"""Turns the values in a message into placeholders, so that messages which differ only in values are one."""

import re

LIMIT = 2048

# Order matters: each pattern sees what the ones before it left. No pattern may backtrack over an unbounded run.
_PATTERNS = tuple(
    (f"<{name}>", re.compile(pattern, re.ASCII | re.IGNORECASE))
    for name, pattern in (
        ("email", r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b"),
        ("url", r"\b[a-z][a-z0-9+.-]{0,15}://[^\s\"'<>]{1,1024}"),
        ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
        ("traceparent", r"\b00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]\b"),
        ("uuid", r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        ("sha1", r"\b[0-9a-f]{40}\b"),
        ("md5", r"\b[0-9a-f]{32}\b"),
        ("date", r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?\b"),
        ("duration", r"\b\d{1,20}(?:\.\d{1,20})?(?:ns|us|ms|s|min|h)\b"),
        ("hex", r"\b0x[0-9a-f]{1,64}\b"),
        ("sha", r"\b(?=[0-9a-f]{0,11}[a-f])(?=[0-9a-f]{0,11}\d)[0-9a-f]{7,12}\b"),
        ("float", r"(?<![\w.])[+-]?\d{1,30}\.\d{1,30}(?![\w.])"),
        ("int", r"(?<![\w.])[+-]?\d{1,30}(?![\w])"),
        ("quoted", r"(?<==)(?:'[^'\n]{0,512}'|\"[^\"\n]{0,512}\")"),
        ("bool", r"(?<==)(?:true|false)\b"),
    )
)


def parameterize(message: str) -> str:
    text = message[:LIMIT].strip()
    for placeholder, pattern in _PATTERNS:
        text = pattern.sub(placeholder, text)
    return text
