"""Log records as rows: what _otlp_logs says of one record, said of all at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from improver.collectors import _otlp_logs as one_by_one
from improver.collectors._lenient import MAX_TEXT
from improver.collectors._lookup import Lookup
from improver.collectors._otlp_columns import SPAN_ID, TRACE_ID, Items
from improver.collectors._otlp_messages import Sources
from improver.collectors._otlp_signals import EXPORTER, EXPORTERS
from improver.collectors._otlp_source import MAX_NAME
from improver.collectors._otlp_source_rows import ASIDE, common, moments, shared
from improver.collectors._otlp_together import Read, Together, ordinals, received
from improver.columns.arrays import by_distinct, constant, first_of, hexed, or_, texts, where
from improver.model import LogEvent, Payload, Rows
from improver.model.ids import begun, ended

# What tells of itself as Claude Code does, which may be a call of a tool.
CLAUDE = "^claude[-_]code"
NO_TEXT = ("bool_value", "int_value", "double_value", "array_value", "kvlist_value", "bytes_value")
TOLD_OF_MORE = (*one_by_one.EXCEPTION, "event.name", *ASIDE)


@dataclass(frozen=True, kw_only=True)
class Told:
    """The columns of some records, and what they are made of."""

    logs: Items
    lookup: Lookup
    received: pa.Array  # per record, in microseconds
    common: dict[str, pa.Array]


def logs(payloads: Sequence[Payload], bodies: Mapping[int, bytes], read: Read, made: Together) -> None:
    """`bodies` are the requests of some of the Payloads, by number, of a format that `read` reads."""
    numbers, found = made.read(bodies, read)
    if len(found):
        _place(made, _told(found, payloads, numbers), Sources.of(found, [payloads[one] for one in numbers]), numbers)


def _told(logs: Items, payloads: Sequence[Payload], numbers: list[int]) -> Told:
    lookup = Lookup.of(logs.fields.field("attributes"))
    return Told(logs=logs, lookup=lookup, received=received(payloads, numbers, logs), common=common(logs, lookup))


def _place(made: Together, told: Told, sources: Sources, numbers: list[int]) -> None:
    logs, exported = told.logs, _exported(told.logs)
    careful = pc.and_not(_needs_care(told), exported)
    whole = [list(one_by_one.logs([logs.message(row)], sources[row])) for row in where(careful).to_pylist()]
    left_out = where(exported)
    places = ordinals(logs, [(where(careful), [len(one) - 1 for one in whole]), (left_out, [-1] * len(left_out))])
    made.rejected[EXPORTER] += len(left_out)
    made.add(whole, places.take(where(careful)).to_pylist())
    plain = pc.invert(or_(careful, exported))
    payload = pa.array(numbers, pa.int64()).take(logs.payload)
    rows = pa.table({"payload": payload, "ordinal": places, **_columns(told)}).filter(plain)
    ids = texts(_identities(told, sources, where(plain).to_pylist()))
    data = {name: part.filter(plain) for name, part in _data(told).items()}
    made.rows.append(Rows(kind=LogEvent, columns=rows.append_column("client_id", ids), data=data))


def _needs_care(told: Told) -> pa.BooleanArray:
    """Records that are more than their columns say: with an exception or a call, or a body that is no short text."""
    body, said, event = told.logs.fields.field("body"), _body(told), _event(told)
    return or_(
        told.lookup.beyond_columns(TOLD_OF_MORE),
        *(body.field(name).is_valid() for name in NO_TEXT),
        pc.greater(pc.binary_length(said), MAX_TEXT),
        pc.greater(pc.binary_length(event), MAX_NAME),
        *(pc.match_substring_regex(one, CLAUDE) for one in (said, event, told.common["service"])),
    )


def _exported(logs: Items) -> pa.BooleanArray:
    names = [one.name.startswith(EXPORTERS) for one in logs.scopes.messages]
    return pa.array(names, pa.bool_()).take(logs.scopes.numbers)


def _columns(told: Told) -> dict[str, pa.Array]:
    fields, length, scopes = told.logs.fields, len(told.logs), told.logs.scopes
    return {
        "occurred_at": moments(
            fields.field("time_unix_nano"), fields.field("observed_time_unix_nano"), told.received
        ),
        **told.common,
        "trace_id": hexed(_of_length(fields.field("trace_id"), TRACE_ID)),
        "span_id": hexed(_of_length(fields.field("span_id"), SPAN_ID)),
        "route": constant("", length),
        "severity": _severities(told),
        "body": first_of([_body(told), _event(told)], length),
        "logger": texts([one.name[:MAX_NAME] for one in scopes.messages]).take(scopes.numbers),
    }


def _data(told: Told) -> dict[str, pa.Array]:
    return {"attributes": told.lookup.pairs, **shared(told.logs), "event": _event(told)}


def _identities(told: Told, sources: Sources, rows: list[int]) -> Iterator[str]:
    """What _otlp_logs calls them; what they share is hashed once."""
    fields, known = told.logs.fields, dict[int, Any]()
    told_of, observed = fields.field("time_unix_nano"), fields.field("observed_time_unix_nano")
    moment = pc.if_else(pc.equal(told_of, pa.scalar(0, pa.uint64())), observed, told_of).to_pylist()
    for row in rows:
        if not moment[row]:
            yield ""
            continue
        scope = sources.scope[row]
        if scope not in known:
            known[scope] = begun(sources[row].resource, sources[row].scope)
        yield ended(known[scope], moment[row], one_by_one.serialised(told.logs.message(row)))


def _severities(told: Told) -> pa.Int64Array:
    number = told.logs.fields.field("severity_number").cast(pa.int64())
    known = pc.and_(pc.greater(number, 0), pc.less_equal(number, one_by_one.MAX_SEVERITY))
    said = by_distinct(told.logs.fields.field("severity_text"), one_by_one.severity_of, pa.int64())
    return pc.if_else(known, number, said)


def _body(told: Told) -> pa.StringArray:
    return pc.fill_null(told.logs.fields.field("body").field("string_value"), "")


def _event(told: Told) -> pa.StringArray:
    return told.logs.fields.field("event_name")


def _of_length(ids: pa.BinaryArray, length: int) -> pa.BinaryArray:
    """Those of a wrong length are as good as none."""
    return pc.if_else(pc.equal(pc.binary_length(ids), length), ids, pa.scalar(b"", ids.type))
