"""Usage as rows: what _posthog_events says of one record, said of all at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from improver.collectors._lenient import SKEW
from improver.collectors._lookup import Lookup
from improver.collectors._posthog_elements import element_name
from improver.collectors._posthog_events import MAX_ID, MAX_NAME, Sending, off
from improver.columns.arrays import constant, first_of, or_, patched, some, texts, where
from improver.columns.pairs import marked, pairs_of, with_inner
from improver.columns.scrubbing import suspects
from improver.scrub import MAX_KEY

# A record, the number of the Payload that brought it, and its ordinal there.
Plain = tuple[dict[str, Any], int, int]

PROPERTIES = "properties"
# The first of several that is not empty counts, even if it is no text.
CHOSEN = ("$current_url", "$screen_name", "$window_id", "window_id", "$elements_chain", "elements_chain")
USERS = ("distinct_id", "$distinct_id")
URLS = CHOSEN[:2]
KEEPING_TIME = ("$ignore_sent_at", "options")
# Between these, Arrow reads times as Python does.
MOMENT = (
    r"^[12]\d{3}-[01]\d-[0-3]\d[T ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3}|\.\d{6})?"
    r"(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$"
)
EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)
SKEW_US = SKEW // MICROSECOND
MAX_OFFSET = 1 << 31
SHORT = 2048


@dataclass(frozen=True, kw_only=True)
class Told:
    """The pairs of some records and of their properties, and by record what is known of their Payloads."""

    record: Lookup
    properties: Lookup
    payload: pa.Array
    ordinal: pa.Array
    received: pa.Array  # in microseconds, as is `off`: how far the client's clock is behind, as far as it is believed
    off: pa.Array


def told(plain: Sequence[Plain], sendings: Sequence[Sending]) -> Told:
    records, payloads, ordinals = zip(*plain, strict=True)
    inner = pairs_of([record[PROPERTIES] for record in records])
    outer = pairs_of(records, PROPERTIES)
    payload = pa.array(payloads, pa.int64())
    return Told(
        record=Lookup(pairs=with_inner(outer, PROPERTIES, inner)),
        properties=Lookup(pairs=inner),
        payload=payload,
        ordinal=pa.array(ordinals, pa.int64()),
        received=pa.array([_micros(one.payload.received_at) for one in sendings], pa.int64()).take(payload),
        off=pa.array([off(one) // MICROSECOND for one in sendings], pa.int64()).take(payload),
    )


def needs_care(told: Told) -> pa.BooleanArray:
    """Records with strange names, with what is not of the type it should be, or with times that Arrow may not read."""
    untimed = pc.and_(pc.is_null(_ago(told)), pc.invert(_timed(told)))
    odd_times = [told.record.column("offset", kind).is_valid() for kind in ("text", "real")]
    both = (told.record, told.properties)
    return or_(
        *(_strange(lookup.pairs) for lookup in both),
        # Beside a "key" or a "name", a value may be what is secret.
        *(pc.and_(lookup.has(("value",)), lookup.has(("key", "name"))) for lookup in both),
        *(lookup.has(KEEPING_TIME) for lookup in both),
        *odd_times,
        pc.and_(untimed, or_(told.record.has(("timestamp", "offset")), told.properties.has(("$time",)))),
    )


def columns(told: Told) -> dict[str, pa.Array]:
    def said(*names: str) -> pa.StringArray:
        return told.properties.first(names)

    def record(*names: str) -> pa.StringArray:
        return told.record.first(names)

    def either(*found: pa.StringArray) -> pa.StringArray:
        return first_of(found, len(told.payload))

    return {
        "payload": told.payload,
        "ordinal": told.ordinal,
        "occurred_at": _occurred_at(told),
        "client_id": either(_cut(record("uuid")), said("$insert_id")),
        "service": said("service.name", "service", "$app_name"),
        "environment": said("environment", "$environment"),
        "release": said("$release_id", "release", "$app_version"),
        "user": either(record(*USERS), said("distinct_id")),
        "session": either(said("$session_id"), _cut(record("session_id"))),
        "trace_id": said("$ai_trace_id", "$trace_id"),
        "span_id": said("$ai_span_id", "$span_id"),
        "route": said("$pathname"),
        "name": record("event"),
        "url": said(*URLS),
        "element": _elements(told),
        "window": _cut(either(said("$window_id"), record("window_id"))),
        "device": _cut(said("$device_type")),
    }


def _strange(pairs: pa.ListArray) -> pa.BooleanArray:
    inside = pairs.flatten()
    keys, whole = inside.field("key"), inside.field("whole")
    names = keys.dictionary
    strange, chosen, users, urls = (
        mask.take(keys.indices)
        for mask in (
            or_(suspects(names), pc.greater(pc.utf8_length(names), MAX_KEY)),
            *(pc.is_in(names, texts(found)) for found in (CHOSEN, USERS, URLS)),
        )
    )
    no_id = or_(*(inside.field(kind).is_valid() for kind in ("json", "flag", "real")))
    no_text = or_(no_id, whole.is_valid())
    no_id = or_(no_id, pc.fill_null(pc.equal(whole, 0), False))
    long = pc.fill_null(pc.greater(pc.binary_length(inside.field("text")), MAX_NAME), False)
    return marked(pairs, or_(strange, pc.and_(chosen, no_text), pc.and_(users, no_id), pc.and_(urls, long)))


def _ago(told: Told) -> pa.Int64Array:
    """In milliseconds, where it is told as a number."""
    offset = told.record.column("offset", "whole")
    known = pc.and_(pc.less(offset, MAX_OFFSET), pc.greater(offset, -MAX_OFFSET))
    return pc.if_else(known, pc.if_else(pc.less(offset, 0), 0, offset), None)


def _timed(told: Told) -> pa.BooleanArray:
    return pc.match_substring_regex(told.record.first(("timestamp",)), MOMENT)


def _occurred_at(told: Told) -> pa.TimestampArray:
    said = pc.if_else(_timed(told), told.record.first(("timestamp",)), None)
    happened = pc.add(said.cast(pa.timestamp("us", "UTC")).cast(pa.int64()), told.off)
    believed = pc.fill_null(pc.less_equal(happened, pc.add(told.received, SKEW_US)), False)
    ago = pc.subtract(told.received, pc.multiply(_ago(told), 1000))
    return pc.coalesce(ago, pc.if_else(believed, happened, told.received)).cast(pa.timestamp("us"))


def _elements(told: Told) -> pa.StringArray:
    length = len(told.payload)
    chains = [of.column(name, "text") for of, name in ((told.properties, CHOSEN[4]), (told.record, CHOSEN[5]))]
    listed, chain = pc.fill_null(told.properties.column("$elements", "json"), ""), first_of(chains, length)
    rows = where(or_(pc.not_equal(listed, ""), pc.not_equal(chain, "")))
    says = told.properties.first(("$el_text",))
    asked = (one.take(rows).to_pylist() for one in (listed, chain, says))
    return patched(constant("", length), rows, texts(_named(*one) for one in zip(*asked, strict=True)))


def _named(listed: str, chain: str, says: str) -> str:
    """People click on the same few elements."""
    return (_known if len(listed) + len(chain) <= SHORT else _name)(listed, chain, says)


@lru_cache(4096)
def _known(listed: str, chain: str, says: str) -> str:
    return _name(listed, chain, says)


def _name(listed: str, chain: str, says: str) -> str:
    elements = json.loads(listed) if listed else None
    return element_name({"$elements": elements, "$el_text": says}, chain)


def _cut(said: pa.StringArray) -> pa.StringArray:
    return pc.utf8_slice_codeunits(said, 0, MAX_ID) if some(pc.greater(pc.binary_length(said), MAX_ID)) else said


def _micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
