"""Objects that Python has parsed from JSON as lists of pairs, which is how improver.model.Rows tells of a record."""

import json
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import constant, some, spread, texts, where

NAMES = ("key", "text", "whole", "real", "flag", "json")
MAX_WHOLE = 1 << 63


def pairs_of(objects: Sequence[dict[str, Any]], inner: str = "") -> pa.ListArray:
    """What is neither text, number nor flag comes as JSON: lists, objects, and numbers that no column holds.

    What is below `inner` is left out, for `with_inner` to put in.
    """
    names = list(chain.from_iterable(objects))
    values = list(chain.from_iterable(one.values() for one in objects))
    length = len(values)
    said = pa.array([value if type(value) is str else None for value in values], pa.string())
    found: dict[type, tuple[list[int], list[Any]]] = {kind: ([], []) for kind in (int, float, bool, object)}
    for row in where(pc.is_null(said)).to_pylist():
        value = values[row]
        if value is None or (inner and names[row] == inner):
            continue
        kind = type(value)
        if kind not in found or (kind is int and not -MAX_WHOLE <= value < MAX_WHOLE):
            kind, value = object, json.dumps(value)
        rows, kept = found[kind]
        rows.append(row)
        kept.append(value)
    kinds = zip((int, float, bool, object), (pa.int64(), pa.float64(), pa.bool_(), pa.string()), strict=True)
    others = [spread(pa.array(found[kind][1], to), pa.array(found[kind][0], pa.int64()), length) for kind, to in kinds]
    keys = texts(names).dictionary_encode()
    inside = pa.StructArray.from_arrays([keys, said, *others], names=list(NAMES))
    return pa.ListArray.from_arrays(_offsets(pa.array(map(len, objects), pa.int32())), inside)


def with_inner(outer: pa.ListArray, name: str, inner: pa.ListArray) -> pa.ListArray:
    """The same, with what the objects below `name`, which each of them has, say as `pairs`."""
    inside = outer.flatten()
    keys = inside.field("key")
    held = pc.equal(keys.indices, pc.index(keys.dictionary, name).as_py())
    lengths = pc.fill_null(spread(pc.list_value_length(inner), where(held), len(inside)), 0)
    below = pa.ListArray.from_arrays(_offsets(lengths), inner.flatten(), mask=pc.invert(held))
    fields = [inside.field(one) for one in NAMES]
    whole = pa.StructArray.from_arrays([*fields, below], names=[*NAMES, "pairs"])
    return pa.ListArray.from_arrays(outer.offsets, whole)


def marked(pairs: pa.ListArray, mask: pa.BooleanArray) -> pa.BooleanArray:
    """The objects with a pair that the mask, which is as long as all pairs, says yes to."""
    if not some(mask):
        return constant(False, len(pairs), pa.bool_())
    rows = pc.list_parent_indices(pairs).filter(mask)
    return pc.is_in(pa.array(range(len(pairs)), rows.type), rows)


def _offsets(lengths: pa.Int32Array) -> pa.Int32Array:
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
