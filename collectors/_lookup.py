"""Attributes of many items at once: which have one of a name, and what the first of several names says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from improver.collectors._otlp_source import MAX_ATTRIBUTES, MAX_NAME
from improver.columns.arrays import constant, first_of, or_, some, spread, where
from improver.columns.json_text import numbers
from improver.scrub import MAX_KEY


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """`pairs` are lists of `key` (a dictionary), `text`, `whole`, `real`, `flag` and `other`, one list per item."""

    pairs: pa.ListArray

    @classmethod
    def of(cls, attributes: pa.ListArray) -> "Lookup":
        flat = attributes.flatten()
        value = flat.field("value")
        others = [value.field(name).is_valid() for name in ("array_value", "kvlist_value", "bytes_value")]
        columns = {
            "key": flat.field("key").dictionary_encode(),
            "text": value.field("string_value"),
            "whole": value.field("int_value"),
            "real": value.field("double_value"),
            "flag": value.field("bool_value"),
            "other": or_(*others),
        }
        offsets = pc.subtract(attributes.offsets, attributes.offsets[0]) if len(attributes) else attributes.offsets
        inside = pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
        return cls(pairs=pa.ListArray.from_arrays(offsets, inside))

    def first(self, names: Iterable[str]) -> pa.StringArray:
        """Per item, the first of these attributes that says something; numbers say what they are, flags nothing."""
        return first_of([self._said(name) for name in names if name in self._codes], len(self.pairs))

    def column(self, name: str, kind: str) -> pa.Array:
        """What items say under this name, if it is of this kind; null for the others."""
        found = self._flat.field(kind)
        if name not in self._codes:
            return pa.nulls(len(self.pairs), found.type)
        places = self._places(name)
        return spread(found.take(places), self._parents.take(places), len(self.pairs))

    def has(self, names: Iterable[str]) -> pa.BooleanArray:
        """Whether an item has one of these attributes, whatever it says."""
        masks = [spread(constant(True, len(rows), pa.bool_()), rows, len(self.pairs)) for rows in self._rows(names)]
        return pc.fill_null(or_(*(mask.is_valid() for mask in masks)), False) if masks else self._none()

    def beyond_columns(self, names: Sequence[str]) -> pa.BooleanArray:
        """Items whose attributes are too many, said twice, nested, of a strange name, or one of these."""
        strange = [name for name in self._names if name in names or len(name) > MAX_KEY or "\0" in name]
        found = [pc.greater(pc.list_value_length(self.pairs), MAX_ATTRIBUTES), self.has(strange)]
        if some(self._flat.field("other")):
            found.append(self._marked(self._parents.filter(self._flat.field("other"))))
        return or_(*found, self._repeated())

    def _said(self, name: str) -> pa.StringArray:
        places = self._places(name)
        said = self._flat.field("text").take(places)
        if said.null_count:
            whole, real = (self._flat.field(kind).take(places) for kind in ("whole", "real"))
            said = pc.coalesce(said, whole.cast(pa.string()), numbers(real))
        if some(pc.greater(pc.binary_length(said), MAX_NAME)):
            said = pc.utf8_slice_codeunits(said, 0, MAX_NAME)
        return spread(said, self._parents.take(places), len(self.pairs))

    def _rows(self, names: Iterable[str]) -> list[pa.Array]:
        return [self._parents.take(self._places(name)) for name in names if name in self._codes]

    def _places(self, name: str) -> pa.Array:
        return where(pc.equal(self._flat.field("key").indices, self._codes[name]))

    def _marked(self, rows: pa.Array) -> pa.BooleanArray:
        return pc.is_in(pa.array(range(len(self.pairs)), rows.type), rows)

    def _none(self) -> pa.BooleanArray:
        return constant(False, len(self.pairs), pa.bool_())

    def _repeated(self) -> pa.BooleanArray:
        """Which say one name twice."""
        codes = self._flat.field("key").indices
        order = pc.array_sort_indices(codes)  # stable: within a name by item
        codes, items = codes.take(order), self._parents.take(order)
        again = pc.and_(pc.equal(codes[1:], codes[:-1]), pc.equal(items[1:], items[:-1]))
        return self._marked(items[1:].filter(again)) if some(again) else self._none()

    @cached_property
    def _flat(self) -> Any:
        return self.pairs.flatten()

    @cached_property
    def _parents(self) -> pa.Array:
        return pc.list_parent_indices(self.pairs)

    @cached_property
    def _names(self) -> list[str]:
        found: list[str] = self._flat.field("key").dictionary.to_pylist()
        return found

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self._names)}


