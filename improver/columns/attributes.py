"""Attributes of many items as JSON objects without secrets: what Scrubber.value and json.dumps make of each."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import flat, joined, or_, patched, some, texts, where
from improver.columns.json_text import dumped, quoted, reals
from improver.columns.scrubbing import suspects
from improver.scrub import MAX_KEY, SCRUBBED, Scrubber, is_sensitive

# The least number that could be that of a card.
CARD = 2 * 10**12


def objects(pairs: pa.ListArray, scrubber: Scrubber) -> pa.StringArray:
    """One object per row; `pairs` holds structs of `key` (a dictionary), `text`, `whole`, `real` and `flag`."""
    inside = pairs.flatten()
    keys = inside.field("key")
    names = keys.dictionary.to_pylist()
    written = _values(inside, names, scrubber)
    prefixes = texts([f"{dumped(scrubber.text(name[:MAX_KEY]))}:" for name in names])
    pieces = joined(prefixes.take(keys.indices), _without_sensitive(inside, names, written))
    return joined("{", pc.binary_join(pa.ListArray.from_arrays(_offsets(pairs), pieces), ","), "}")


def _values(inside: pa.StructArray, names: list[str], scrubber: Scrubber) -> pa.StringArray:
    whole, real = inside.field("whole"), inside.field("real")
    said = _texts(inside.field("text"), inside.field("key"), names, scrubber)
    numerals = whole.cast(pa.string())
    long = where(pc.fill_null(pc.greater_equal(whole, CARD), False))
    numerals = patched(numerals, long, texts([dumped(scrubber.value(one)) for one in whole.take(long).to_pylist()]))
    return pc.coalesce(said, numerals, reals(real), inside.field("flag").cast(pa.string()), "null")


def _texts(said: pa.StringArray, keys: pa.DictionaryArray, names: list[str], scrubber: Scrubber) -> pa.StringArray:
    """In quotes; most of them are said again and again."""
    encoded = said.dictionary_encode()
    written = quoted(encoded.dictionary).take(encoded.indices)
    rows = where(pc.fill_null(suspects(encoded.dictionary).take(encoded.indices), False))
    if not len(rows):
        return written
    known: dict[tuple[int, str], str] = {}
    safe = []
    for key, text in zip(keys.indices.take(rows).to_pylist(), said.take(rows).to_pylist(), strict=True):
        if (key, text) not in known:
            known[key, text] = scrubber.text(text, names[key])
        safe.append(known[key, text])
    return patched(written, rows, quoted(texts(safe)))


def _without_sensitive(inside: pa.StructArray, names: list[str], written: pa.StringArray) -> pa.StringArray:
    """Nothing is hidden where nothing is said: empty texts, zeros and flags."""
    sensitive = pa.array([is_sensitive(name) for name in names], pa.bool_())
    if not some(sensitive):
        return written
    told = or_(
        pc.fill_null(pc.greater(pc.binary_length(inside.field("text")), 0), False),
        pc.fill_null(pc.not_equal(inside.field("whole"), 0), False),
        pc.fill_null(pc.not_equal(inside.field("real"), 0.0), False),
    )
    hidden = pc.and_(sensitive.take(inside.field("key").indices), told)
    return pc.if_else(hidden, dumped(SCRUBBED), written)


def _offsets(pairs: Any) -> pa.Int32Array:
    offsets = flat(pairs.offsets)
    return pc.subtract(offsets, offsets[0])
