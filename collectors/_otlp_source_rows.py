"""What OTLP says about all items alike, of many at once: what _otlp_source says of one."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from improver.collectors._lookup import Lookup
from improver.collectors._otlp_columns import Items, Shared
from improver.collectors._otlp_source import ENVIRONMENT, SESSION, USER, Source, attributes_of
from improver.columns.arrays import first_of, texts
from improver.model import Payload

# Beside a "key" or a "name", this may be what is secret.
ASIDE = ("value",)
OF_ITEM = {"environment": ENVIRONMENT, "user": USER, "session": SESSION}
RESOURCE = ("service", "environment", "release", "user", "session")
SKEW_US = 60_000_000


def common(items: Items, lookup: Lookup) -> dict[str, pa.Array]:
    """The fields that every Event has; an item's own attributes win over those of its resource."""
    resources = items.resources
    payload = Payload(id="", collector="", path="", received_at=datetime.fromtimestamp(0, UTC), body=b"")
    said = [Source(payload=payload, resource=attributes_of(one.attributes)).common({}) for one in resources.messages]
    of_resource = {name: texts([one[name] for one in said]).take(resources.numbers) for name in RESOURCE}
    of_item = {name: lookup.first(names) for name, names in OF_ITEM.items()}
    return {
        name: first_of([of_item[name], found], len(found)) if name in of_item else found
        for name, found in of_resource.items()
    }


def shared(items: Items) -> dict[str, pa.Array]:
    """The parts of the clients' own records that many have in common."""
    return {
        "resource": _shared(items.resources, lambda one: attributes_of(one.attributes)),
        "scope": _shared(items.scopes, _named),
    }


def _named(scope: Any) -> dict[str, str]:
    return {name: said for name, said in (("name", scope.name), ("version", scope.version)) if said}


def moments(told: pa.Array, otherwise: pa.Array, received: pa.Array) -> pa.TimestampArray:
    """The first that is set; a clock that is ahead of ours counts as ours."""
    none, thousand = (pa.scalar(number, pa.uint64()) for number in (0, 1000))
    told = pc.if_else(pc.equal(told, none), otherwise, told)
    happened = pc.divide(told, thousand).cast(pa.int64())
    believed = pc.and_(pc.not_equal(told, none), pc.less_equal(happened, pc.add(received, SKEW_US)))
    return pc.if_else(believed, happened, received).cast(pa.timestamp("us"))


def _shared(found: Shared, said: Callable[[Any], object]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(found.numbers, texts([json.dumps(said(one)) for one in found.messages]))
