"""Usage as rows: what _posthog_events says of one record, said of all at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from improver.collectors._lenient import SKEW, text
from improver.collectors._posthog_elements import element_name
from improver.collectors._posthog_events import MAX_ID, MAX_NAME, MAX_URL, Sending, chain_of, occurred_at, off
from improver.columns.arrays import constant, first_of, patched, some, texts, where

# A record, the number of the Payload that brought it, and its ordinal there.
Plain = tuple[dict[str, Any], int, int]

PROPERTIES = "properties"
ELEMENTS, CHAIN = ("$elements", "$elements_chain"), "elements_chain"
# What decides about a time beside the text that tells it.
TIMING, IGNORED = ("offset", "options"), "$ignore_sent_at"
# Between these, Arrow reads times as Python does.
MOMENT = (
    r"^[12]\d{3}-[01]\d-[0-3]\d[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3}|\.\d{6})?"
    r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$"
)
EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)
SKEW_US = SKEW // MICROSECOND


@dataclass(frozen=True, kw_only=True)
class Objects:
    """Many objects, and what each says under some names."""

    each: Sequence[dict[str, Any]]

    def first(self, *names: str, limit: int = MAX_NAME) -> pa.StringArray:
        """Per object, the first of these that says something."""
        return first_of([self.said(name, limit=limit) for name in names if name in self.names], len(self.each))

    def said(self, *names: str, limit: int = MAX_NAME) -> pa.StringArray:
        """As text, what stands under the first of these that is not empty, even if it is no text."""
        return _texts(self.under(*names), limit)

    def under(self, *names: str) -> list[Any]:
        first, *others = names
        found = [one.get(first) for one in self.each]
        for name in others:
            found = [value or one.get(name) for value, one in zip(found, self.each, strict=True)]
        return found

    def having(self, *names: str) -> list[int]:
        """Those that say anything at all under one of these."""
        known = self.names.intersection(names)
        return [row for row, one in enumerate(self.each) if not known.isdisjoint(one)] if known else []

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(chain.from_iterable(set(map(tuple, self.each))))


@dataclass(frozen=True, kw_only=True)
class Told:
    """Some records and their properties, and by record what is known of their Payloads."""

    record: Objects
    properties: Objects
    sendings: Sequence[Sending]
    payload: pa.Array
    ordinal: pa.Array
    received: pa.Array  # in microseconds, as is `off`: how far the client's clock is behind, as far as it is believed
    off: pa.Array


def told(plain: Sequence[Plain], sendings: Sequence[Sending]) -> Told:
    records, payloads, ordinals = zip(*plain, strict=True)
    payload = pa.array(payloads, pa.int64())
    return Told(
        record=Objects(each=records),
        properties=Objects(each=[record[PROPERTIES] for record in records]),
        sendings=sendings,
        payload=payload,
        ordinal=pa.array(ordinals, pa.int64()),
        received=pa.array([_micros(one.payload.received_at) for one in sendings], pa.int64()).take(payload),
        off=pa.array([off(one) // MICROSECOND for one in sendings], pa.int64()).take(payload),
    )


def columns(told: Told) -> dict[str, pa.Array]:
    said, record = told.properties.first, told.record.said

    def either(*found: pa.StringArray) -> pa.StringArray:
        return first_of(found, len(told.payload))

    return {
        "payload": told.payload,
        "ordinal": told.ordinal,
        "occurred_at": _occurred_at(told),
        "client_id": either(record("uuid", limit=MAX_ID), said("$insert_id")),
        "service": said("service.name", "service", "$app_name"),
        "environment": said("environment", "$environment"),
        "release": said("$release_id", "release", "$app_version"),
        "user": either(record("distinct_id", "$distinct_id"), said("distinct_id")),
        "session": either(said("$session_id"), record("session_id", limit=MAX_ID)),
        "trace_id": said("$ai_trace_id", "$trace_id"),
        "span_id": said("$ai_span_id", "$span_id"),
        "route": said("$pathname"),
        "name": record("event"),
        "url": told.properties.said("$current_url", "$screen_name", limit=MAX_URL),
        "element": _elements(told),
        "window": _windows(told),
        "device": said("$device_type", limit=MAX_ID),
    }


def _texts(values: list[Any], limit: int) -> pa.StringArray:
    """Nearly all of what comes is text; what is not is told as one by one."""
    try:
        said = pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        said = texts(text(value, limit) for value in values)
    said = pc.fill_null(said, "")
    return pc.utf8_slice_codeunits(said, 0, limit) if some(pc.greater(pc.binary_length(said), limit)) else said


def _windows(told: Told) -> pa.StringArray:
    pairs = zip(told.properties.under("$window_id"), told.record.under("window_id"), strict=True)
    return _texts([one or other for one, other in pairs], MAX_ID)


def _occurred_at(told: Told) -> pa.TimestampArray:
    said = told.record.said("timestamp")
    timed = pc.match_substring_regex(said, MOMENT)
    happened = pc.add(pc.if_else(timed, said, None).cast(pa.timestamp("us", "UTC")).cast(pa.int64()), told.off)
    believed = pc.fill_null(pc.less_equal(happened, pc.add(told.received, SKEW_US)), False)
    moments = pc.if_else(believed, happened, told.received).cast(pa.timestamp("us"))
    odd = {*told.record.having(*TIMING), *told.properties.having(IGNORED), *where(pc.invert(timed)).to_pylist()}
    rows = sorted(odd)
    return patched(moments, pa.array(rows, pa.int64()), pa.array(_singly(told, rows), pa.timestamp("us")))


def _singly(told: Told, rows: Sequence[int]) -> list[datetime]:
    of = pa.array(rows, pa.int64())
    asked = zip(rows, told.payload.take(of).to_pylist(), strict=True)
    records, properties = told.record.each, told.properties.each
    found = (occurred_at(records[row], properties[row], told.sendings[payload]) for row, payload in asked)
    return [moment.replace(tzinfo=None) for moment in found]


def _elements(told: Told) -> pa.StringArray:
    rows = sorted({*told.properties.having(*ELEMENTS), *told.record.having(CHAIN)})
    each = ((told.record.each[row], told.properties.each[row]) for row in rows)
    found = texts(element_name(properties, chain_of(record, properties)) for record, properties in each)
    return patched(constant("", len(told.payload)), pa.array(rows, pa.int64()), found)


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
