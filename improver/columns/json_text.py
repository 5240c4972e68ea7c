"""Columns as JSON text, in the very bytes that improver.warehouse.events.dumps writes."""

import json
from collections.abc import Callable

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import joined, mapped, patched, texts, where

ESCAPED = r'["\\\x00-\x1f]'
# Between these, Arrow writes what Python does, but for the ".0" of a whole number.
SMALLEST, LARGEST = 1e-4, 1e9


def quoted(values: pa.StringArray) -> pa.StringArray:
    special = pc.match_substring_regex(values, ESCAPED)
    return joined('"', mapped(values, special, lambda text: dumped(text)[1:-1]), '"')


def numbers(values: pa.DoubleArray) -> pa.StringArray:
    """As repr writes them."""
    return _numbers(values, repr)


def reals(values: pa.DoubleArray) -> pa.StringArray:
    """As JSON has them, which knows no number that is not finite."""
    return _numbers(values, dumped)


def dumped(value: object) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (OverflowError, RecursionError):
        return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _numbers(values: pa.DoubleArray, write: Callable[[float], str]) -> pa.StringArray:
    written = values.cast(pa.string())
    whole = pc.equal(pc.floor(values), values)
    size = pc.abs(values)
    alike = pc.or_(pc.equal(size, 0.0), pc.and_(pc.greater_equal(size, SMALLEST), pc.less(size, LARGEST)))
    written = pc.if_else(pc.and_(whole, alike), joined(written, ".0"), written)
    rows = where(pc.invert(pc.fill_null(alike, True)))
    return patched(written, rows, texts([write(value) for value in values.take(rows).to_pylist()]))
