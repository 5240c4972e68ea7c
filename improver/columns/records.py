"""The clients' own records of many Events as JSON without secrets, put together from their parts."""

import json
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import by_distinct, joined
from improver.columns.attributes import objects
from improver.columns.json_text import dumped, quoted
from improver.columns.scrubbing import scrubbed
from improver.scrub import Scrubber


def records(parts: Mapping[str, pa.Array], scrubber: Scrubber) -> pa.StringArray:
    """One object per row, without the parts that are empty; for what parts there are see improver.model.Rows."""
    first, *others = [_named(name, part, scrubber) for name, part in parts.items()]
    # Arrow would leave out a row that has no part at all.
    first = pc.if_else(pc.is_null(pc.coalesce(first, *others)), "", first)
    return joined("{", pc.binary_join_element_wise(first, *others, ",", null_handling="skip"), "}")


def _named(name: str, part: pa.Array, scrubber: Scrubber) -> pa.StringArray:
    """Null where there is nothing to say."""
    prefix = f"{dumped(name)}:"
    if isinstance(part, pa.ListArray):
        return pc.if_else(pc.equal(pc.list_value_length(part), 0), None, joined(prefix, objects(part, scrubber)))
    if isinstance(part, pa.DictionaryArray):
        return by_distinct(part, lambda text: _shared(prefix, text, scrubber), pa.string())
    encoded = part.dictionary_encode()
    texts = encoded.dictionary
    said = joined(prefix, quoted(scrubbed(texts, name, scrubber)))
    return pc.if_else(pc.equal(texts, ""), None, said).take(encoded.indices)


def _shared(prefix: str, text: str, scrubber: Scrubber) -> str | None:
    value = json.loads(text)
    return prefix + dumped(scrubber.value(value)) if value else None
