"""A sample, changed: its compression taken off, its content mutated as what it is, and compressed again."""

import base64
import binascii
import gzip
import json
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import brotli
import zstandard

from bench.fuzz import odd, trees, wire
from bench.fuzz.samples import Sample
from improver.errors import ImproverError
from improver.inflate import inflate

MAX_PLAIN = 8 << 20
MAX_GROWN = 24 << 20
MAX_LINES = 400
BOMB = 96 << 20
FORM = b"data="
ENCODINGS = ("gzip", "deflate", "br", "zstd", "identity", "", "x-gzip", "gzip, gzip", "snappy", "GZIP ")


def mutated(sample: Sample, rng: random.Random, others: Sequence[Sample]) -> Sample:
    """One to four changes; parts may come from the others."""
    plain = plain_of(sample)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        other = plain_of(rng.choice(others))
        plain = _bytes(plain, rng, other) if rng.random() < 0.2 else _content(plain, rng, other, sample.content_type)
        plain = plain[:MAX_GROWN]
    return _sent(_elsewhere(sample, rng, others), plain, rng)


def plain_of(sample: Sample) -> bytes:
    try:
        return inflate(sample.body, sample.encoding, cap=MAX_PLAIN)
    except ImproverError:
        return sample.body


def _content(plain: bytes, rng: random.Random, other: bytes, content_type: str) -> bytes:
    if "protobuf" in content_type:
        return _protobuf(plain, rng, other)
    if plain.startswith(FORM):
        return _form(plain, rng, other)
    return _json(plain, rng, other) or _lines(plain, rng, other)


def _json(plain: bytes, rng: random.Random, other: bytes) -> bytes:
    """Nothing for what is none, or nested too deeply."""
    try:
        return trees.written(trees.mutate(trees.parsed(plain), rng, _tree(other))).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return b""


def _protobuf(plain: bytes, rng: random.Random, other: bytes) -> bytes:
    try:
        fields = wire.parsed(plain)
        wire.mutate(fields, rng, wire.parsed(other))
    except ValueError:
        return _bytes(plain, rng, other)
    return wire.written(fields)


def _form(plain: bytes, rng: random.Random, other: bytes) -> bytes:
    """A form field of base64, as browsers send on leaving a page."""
    try:
        inside = base64.b64decode(plain[len(FORM) :].replace(b"%3D", b"=").replace(b"%2B", b"+").replace(b"%2F", b"/"))
    except binascii.Error:
        return _bytes(plain, rng, other)
    return FORM + base64.b64encode(_content(inside, rng, other, "")).replace(b"+", b"%2B")


def _lines(plain: bytes, rng: random.Random, other: bytes) -> bytes:
    """An envelope, a log, a transcript: each line by itself, and mostly with the length that is told of it."""
    lines = plain.split(b"\n", MAX_LINES)
    at = rng.randrange(len(lines))
    deed = rng.randrange(8)
    if deed == 0:
        del lines[at]
    elif deed == 1:
        lines.insert(at, rng.choice(other.split(b"\n", MAX_LINES)))
    elif deed == 2:
        lines[at : at + 1] = lines[max(0, at - 1) : at + 1] * rng.choice((2, 101, 101, 1001))
    else:
        another = rng.choice(other.split(b"\n", MAX_LINES))
        lines[at] = _json(lines[at], rng, another) or _bytes(lines[at], rng, another)
        if at and rng.random() < 0.8:
            lines[at - 1] = _relengthened(lines[at - 1], len(lines[at]))
    return b"\n".join(lines)


def _relengthened(header: bytes, length: int) -> bytes:
    try:
        record = json.loads(header)
    except (ValueError, RecursionError):
        return header
    if not isinstance(record, dict) or "length" not in record:
        return header
    return json.dumps(record | {"length": length}).encode()


def _tree(other: bytes) -> object:
    try:
        return trees.parsed(other.partition(b"\n")[0] if len(other) > 1 << 16 else other)
    except (ValueError, RecursionError):
        return [1, "a", {}]


def _bytes(plain: bytes, rng: random.Random, other: bytes) -> bytes:
    at = rng.randint(0, len(plain))
    deed = rng.randrange(8)
    if deed == 0:
        return plain[:at]
    if deed == 1:
        return plain[:at] + plain[at + rng.choice((1, 2, 8, 60)) :]
    if deed == 2:
        return plain[:at] + rng.choice(odd.BYTES) + plain[at:]
    if deed == 3:
        begin = rng.randint(0, len(other))
        return plain[:at] + other[begin : begin + rng.choice((4, 40, 400))] + plain[at:]
    if deed == 4:
        return plain[:at] + plain[at : at + rng.choice((4, 40, 400))] * rng.choice((2, 20, 300)) + plain[at:]
    if deed == 5:
        return plain[:at] + odd.text(rng).encode() + plain[at:]
    if deed == 6:
        return plain[:at] + rng.choice(odd.NUMBERS).encode() + plain[at + rng.choice((0, 1, 4)) :]
    return plain[:at] + rng.randbytes(rng.choice((1, 1, 2, 4))) + plain[at + 1 :]


def _elsewhere(sample: Sample, rng: random.Random, others: Sequence[Sample]) -> Sample:
    """Now and then under the address or the headers of another sample."""
    if rng.random() < 0.05:
        return replace(sample, path=rng.choice(others).path)
    if rng.random() < 0.05 and sample.headers:
        name = rng.choice(list(sample.headers))
        said = rng.choice((odd.text(rng)[:200], rng.choice(others).headers.get(name, "")))
        return replace(sample, headers={**sample.headers, name: said})
    return sample


def _sent(sample: Sample, plain: bytes, rng: random.Random) -> Sample:
    if not sample.headers:
        return replace(sample, body=plain)
    chance = rng.random()
    encoding = sample.encoding if chance < 0.8 else rng.choice(ENCODINGS)
    body = compressed(plain, encoding) if chance < 0.95 else rng.choice((plain, gzip.compress(plain, 1, mtime=0)))
    if chance > 0.97:
        body = _bytes(body, rng, sample.body)
    if chance > 0.998:
        body = _bomb(encoding, plain[:1])
    return replace(sample, body=body, headers=_with_encoding(sample.headers, encoding))


def _with_encoding(headers: Mapping[str, str], encoding: str) -> dict[str, str]:
    others = {name: value for name, value in headers.items() if name != "content-encoding"}
    return {**others, "content-encoding": encoding} if encoding else others


def compressed(plain: bytes, encoding: str) -> bytes:
    name = encoding.strip().lower()
    if "gzip" in name:
        return gzip.compress(plain, 1, mtime=0)
    if name == "deflate":
        return zlib.compress(plain, 1)
    if name == "br":
        return bytes(brotli.compress(plain, quality=1))
    return zstandard.compress(plain, 1) if name == "zstd" else plain


@cache
def _bomb(encoding: str, of: bytes) -> bytes:
    return compressed((of or b" ") * BOMB, encoding or "gzip")
