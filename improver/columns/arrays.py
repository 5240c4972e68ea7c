"""Arrow arrays put together and taken apart: what pyarrow has no function for."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def flat(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def texts(values: Iterable[str]) -> pa.StringArray:
    return pa.array(values, pa.string())


def constant(value: object, length: int, kind: pa.DataType | None = None) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind or pa.string()), length)


def counted(length: int, first: int = 0) -> pa.Int64Array:
    """`first`, and so many numbers on."""
    return pc.add(pc.cumulative_sum(constant(1, length, pa.int64())), first - 1)


def joined(*parts: Any) -> pa.StringArray:
    return pc.binary_join_element_wise(*parts, "")


def hexed(values: pa.Array) -> pa.StringArray:
    """Bytes as hexadecimal text, as bytes.hex writes it."""
    offsets = _offsets(values)
    first, last = offsets[0].as_py(), offsets[-1].as_py()
    data = values.buffers()[2]
    digits = data.slice(first, last - first).to_pybytes().hex().encode() if data and last > first else b""
    doubled = pc.multiply(pc.subtract(offsets, pa.scalar(first, offsets.type)), pa.scalar(2, offsets.type))
    return pa.Array.from_buffers(pa.string(), len(values), [None, doubled.buffers()[1], pa.py_buffer(digits)])


def unhexed(digits: pa.StringArray) -> pa.BinaryArray:
    """The bytes that hexadecimal text stands for; raises ValueError where it is anything else."""
    offsets = _offsets(digits)
    first, last = offsets[0].as_py(), offsets[-1].as_py()
    told = digits.buffers()[2].slice(first, last - first).to_pybytes() if last > first else b""
    data = bytes.fromhex(told.decode())
    # bytes.fromhex leaves out spaces, which are no digits here.
    if 2 * len(data) != len(told) or some(pc.equal(pc.bit_wise_and(pc.binary_length(digits), 1), 1)):
        raise ValueError("not hexadecimal")
    halved = pc.divide(pc.subtract(offsets, pa.scalar(first, offsets.type)), pa.scalar(2, offsets.type))
    return pa.Array.from_buffers(pa.binary(), len(digits), [None, halved.buffers()[1], pa.py_buffer(data)])


def words(values: pa.Array) -> pa.UInt64Array:
    """Values of eight bytes each as numbers, to compare them fast."""
    first = _offsets(values)[0].as_py() if len(values) else 0
    data = values.buffers()[2].slice(first, 8 * len(values)) if len(values) else pa.py_buffer(b"")
    return pa.Array.from_buffers(pa.uint64(), len(values), [None, data])


def spread(values: pa.Array, rows: pa.Array, length: int) -> pa.Array:
    """`values` at these rows, null elsewhere."""
    if not len(values):
        return pa.nulls(length, values.type)
    return pc.scatter(values, rows, max_index=length - 1)


def patched(values: pa.Array, rows: pa.Array, others: pa.Array) -> pa.Array:
    """`values`, but `others` at these rows."""
    if not len(rows):
        return values
    places = pc.coalesce(spread(counted(len(rows), len(values)), rows, len(values)), counted(len(values)))
    return pa.chunked_array([values, others]).take(places).combine_chunks()


def where(mask: pa.Array) -> pa.Array:
    return pc.indices_nonzero(mask).cast(pa.int64(), safe=False)


def some(mask: pa.Array) -> bool:
    return bool(pc.any(mask).as_py())


def mapped(values: pa.Array, doubtful: pa.Array, change: Callable[[str], str]) -> pa.StringArray:
    """`values` with the doubtful ones changed by Python, each distinct one once."""
    rows = where(pc.fill_null(doubtful, False))
    if not len(rows):
        return values
    asked = values.take(rows).dictionary_encode()
    changed = texts([change(text) for text in asked.dictionary.to_pylist()])
    return patched(values, rows, changed.take(asked.indices))


def by_distinct(values: pa.Array, change: Callable[[str], Any], kind: pa.DataType) -> pa.Array:
    """What Python makes of each distinct value."""
    encoded = values if isinstance(values, pa.DictionaryArray) else values.dictionary_encode()
    made = pa.array([change(text) for text in encoded.dictionary.to_pylist()], kind)
    return made.take(encoded.indices)


def first_of(found: Sequence[pa.Array], length: int) -> pa.StringArray:
    """Per row, the first that says something."""
    said = [pc.if_else(pc.equal(pc.binary_length(one), 0), None, one) for one in found]
    return pc.coalesce(*said, "") if said else constant("", length)


def _offsets(values: pa.Array) -> pa.Int32Array:
    return pa.Array.from_buffers(pa.int32(), len(values) + 1, [None, values.buffers()[1]], offset=values.offset)


def or_(*masks: pa.Array) -> pa.BooleanArray:
    found, *others = masks
    for mask in others:
        found = pc.or_(found, mask)
    return found
