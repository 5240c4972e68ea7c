# ruff: noqa: E501 - a table
"""Values that decoders trip over, and the words that ours know."""

import ast
import random
from functools import cache

from bench.fuzz.samples import ROOT

NUMBERS = (
    "0", "-0", "-1", "1e999", "-1e999", "NaN", "Infinity", "1e-400", "2147483647", "2147483648", "-2147483649",
    "9223372036854775807", "9223372036854775808", "18446744073709551615", "1e308", "253402300800", "-62135596801",
    "1e18", "0.1", "-0.0000001", "9" * 400, "9" * 5000, "1.7976931348623157e309", "8640000000000001",
)  # fmt: skip
WORDS = (
    "null", "true", "false", '""', '"\\ud800"', '"\\u0000"', '"\\udc00\\ud800"', "[]", "{}", "[[]]", "[null]", "[{}]",
    '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59.999999-23:59"', '"2026-11-21T12:00:00+99:99"', '"1e999"',
    '"NaN"', '"-1"', '"٣"', '"²"', '"１２"', '"2026-W47-6"', '"20261121T120000Z"', '{"": null}', '[["a", 1]]',
    '{"values": null}',
    '{"key": "password", "value": {"stringValue": "x"}}', '"http://[::1"', '"//["', '"%"', '"\\u2028"',
    '"[{\\"text\\":1}]"', '"{\\"a\\":"', '"/../../etc/passwd"', '"data:,"',
    '"<anonymous>"', '"\\r\\n"', '"4111111111111111"',
)  # fmt: skip
BYTES = (
    b"\0", b"\xff", b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"\xc3", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\x1b[31m", b"\x85",
    b"\x1f\x8b", b"{", b"}", b"[", b"]", b'"', b"\\", b"%", b"&", b"=", b"<", b">", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x80" * 10, b"\x7f", b"  File \"", b"\tat ", b"Caused by: ", b"goroutine 1 [",
    b"Traceback (most recent call last):\n", b"##[error]", b"::error::", b"data=", b"-----BEGIN PRIVATE KEY-----",
)  # fmt: skip
_UNITS = ("a", "\0", "\n", "(", ":", "/", "'", "at ", '="', "key=", " ", "9", "@a.", "é", "\U0001f600")


def literal(rng: random.Random) -> str:
    """A JSON value, written out: also such as no JSON writer would write."""
    kind = rng.randrange(10)
    if kind < 4:
        return rng.choice(NUMBERS)
    if kind < 8:
        return rng.choice(WORDS)
    if kind == 8:
        depth = rng.choice((10, 63, 64, 65, 100, 500, 2000, 100_000))
        return rng.choice(("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth))
    return f'"{rng.choice(("a", "(", ":", "at ", "key=", " ", "9", "%20", "@a.")) * rng.choice((300, 3000, 70_000))}"'


def text(rng: random.Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(words())
    return rng.choice(_UNITS) * rng.choice((1, 2, 70, 300, 5000))


@cache
def words() -> tuple[str, ...]:
    """The short strings in the sources of our Collectors: the names of fields, formats and kinds."""
    found: set[str] = set()
    for path in (ROOT / "collectors").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 40:
                found.add(node.value)
    return tuple(sorted(found))
