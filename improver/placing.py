"""What Collectors decoded as rows of the telemetry tables: scrubbed, and with what only improver knows of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from improver.columns.arrays import by_distinct, flat, or_, texts
from improver.columns.records import records
from improver.columns.scrubbing import scrubbed, users
from improver.model import DOCTOR, Batch, Event, LogEvent, Payload, Rows, TrustLabel
from improver.model.ids import digests
from improver.runtime import Runtime
from improver.scrub import IDENTITIES, MAX_TEXT, Scrubber
from improver.warehouse import events

UNASSIGNED = "unassigned"
SKEW_US = int(events.CLOCK_SKEW.total_seconds() * 1e6)

Tables = dict[str, pa.Table]


class Placer:
    """Knows the Payloads of a batch, and whose they are."""

    def __init__(self, runtime: Runtime, payloads: Sequence[Payload]) -> None:
        self._runtime = runtime
        self._payloads = payloads
        self._scrubber = Scrubber(emails=runtime.settings.ingest.scrub_emails)
        self._owners: dict[str, str] = {}
        self._by_id = {payload.id: payload for payload in payloads}

    def tables(self, batch: Batch) -> Tables:
        """One Arrow table per telemetry table, without `seq`."""
        placed = events.tables(self._placed(batch))
        return together([placed, *({events.TABLES[rows.kind]: self._table(rows)} for rows in batch.rows)])

    def _placed(self, batch: Batch) -> Iterable[events.Placed]:
        counted: Counter[str] = Counter()
        for number, event in enumerate(batch.events):
            payload = self._by_id[event.payload_id]
            ordinal = batch.ordinals[number] if batch.ordinals else counted[payload.id]
            counted[payload.id] += 1
            target = self._target(payload, event.service)
            if target == DOCTOR:
                # Whatever a Collector's example says of itself: no environment or release of the user's is touched.
                event = replace(event, environment=DOCTOR, release="")
            yield events.Placed(event=self._safe(event, target), payload=payload, ordinal=ordinal, target=target)

    def _safe(self, event: Event, target: str) -> Event:
        """With the frames of bundled code resolved first, so that lines of source are scrubbed like the rest."""
        return self._scrubber.event(self._runtime.maps.resolved(event, target))

    def _table(self, rows: Rows) -> pa.Table:
        given = {name: flat(rows.columns.column(name)) for name in rows.columns.column_names}
        payload = given.pop("payload")
        received = self._of_payload([_micros(one) for one in self._payloads], pa.int64()).take(payload)
        occurred = given.pop("occurred_at").cast(pa.int64())
        late = pc.greater(occurred, pc.add(received, SKEW_US))
        known = {
            "event_id": self._event_ids(payload, given.pop("ordinal")),
            "payload_id": self._of_payload([one.id for one in self._payloads]).take(payload),
            "collector": self._of_payload([one.collector for one in self._payloads]).take(payload),
            "occurred_at": pc.if_else(late, received, occurred).cast(pa.timestamp("us")),
            "received_at": received.cast(pa.timestamp("us")),
            "target": self._targets(payload, given["service"]),
            "trust": self._of_payload([one.trust.value for one in self._payloads]).take(payload),
        }
        said = {name: self._safe_column(name, column) for name, column in given.items()}
        doctors = pc.equal(known["target"], DOCTOR)
        said |= {
            "environment": pc.if_else(doctors, DOCTOR, said["environment"]),
            "release": pc.if_else(doctors, "", said["release"]),
        }
        lines = _lines(said) if rows.kind is LogEvent else {}
        return pa.table({**known, **said, "data": self._data(rows), **lines})

    def _data(self, rows: Rows) -> pa.StringArray:
        if not rows.records:
            return records(rows.data, self._scrubber)
        return texts([events.dumps(self._scrubber.record(record)) for record in rows.records])

    def _safe_column(self, name: str, column: pa.Array) -> pa.Array:
        if not pa.types.is_string(column.type):
            return column
        if name == "user":
            return users(column)
        if name in IDENTITIES and not pc.any(_unclean(column)).as_py():
            return column
        encoded = column.dictionary_encode()
        return scrubbed(encoded.dictionary, name, self._scrubber).take(encoded.indices)

    def _event_ids(self, payload: pa.Array, ordinals: pa.Array) -> pa.StringArray:
        places: dict[int, list[int]] = {}
        numbers = payload.to_pylist()
        for number, ordinal in zip(numbers, ordinals.to_pylist(), strict=True):
            places.setdefault(number, []).append(ordinal)
        made = {number: digests(self._payloads[number].id, found) for number, found in places.items()}
        return texts([next(made[number]) for number in numbers])

    def _targets(self, payload: pa.Array, service: pa.Array) -> pa.StringArray:
        services = service.dictionary_encode()
        owner = self._of_payload([self._owner(one.key_id) for one in self._payloads]).take(payload)
        claimed = by_distinct(services, self._claimant, pa.string())
        return pc.if_else(pc.equal(owner, ""), claimed, owner)

    def _target(self, payload: Payload, service: str) -> str:
        """The Target of the sender's key, else the one that claims the service."""
        found_here = payload.trust is TrustLabel.SERVER and not payload.key_id
        if service == DOCTOR and found_here:
            return DOCTOR
        return self._owner(payload.key_id) or self._claimant(service)

    def _owner(self, key_id: str) -> str:
        if key_id not in self._owners:
            key = self._runtime.keys.by_id(key_id)
            known = key and (key.target in self._runtime.settings.targets or key.target == DOCTOR)
            self._owners[key_id] = key.target if key and known else ""
        return self._owners[key_id]

    def _claimant(self, service: str) -> str:
        return self._claims.get(service, UNASSIGNED)

    @cached_property
    def _claims(self) -> dict[str, str]:
        claims: dict[str, str] = {}
        for name, target in self._runtime.settings.targets.items():
            for service in (name, *target.services):
                claims.setdefault(service, name)
        return {service: name for service, name in claims.items() if service}

    def _of_payload(self, values: list[object], kind: pa.DataType | None = None) -> pa.Array:
        return pa.array(values, kind or pa.string())


def together(many: Iterable[Tables]) -> Tables:
    """Tables of one name, one after the other."""
    found: dict[str, list[pa.Table]] = {}
    for tables in many:
        for name, table in tables.items():
            found.setdefault(name, []).append(table)
    return {name: _joined(tables) for name, tables in found.items()}


def only(tables: Tables, payload_ids: list[str]) -> Tables:
    """What these Payloads brought."""
    good = pa.array(payload_ids, pa.string())
    found = {name: table.filter(pc.is_in(table.column("payload_id"), good)) for name, table in tables.items()}
    return {name: table for name, table in found.items() if table.num_rows}


def without(tables: Tables, payload_ids: list[str]) -> Tables:
    """What others than these Payloads brought."""
    bad = pa.array(payload_ids, pa.string())
    return {name: table.filter(pc.invert(pc.is_in(table.column("payload_id"), bad))) for name, table in tables.items()}


def _joined(tables: list[pa.Table]) -> pa.Table:
    return pa.concat_tables([table.select(tables[0].column_names) for table in tables]) if tables[1:] else tables[0]


def _lines(said: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
    bodies, severities = said["body"].to_pylist(), said["severity"].to_pylist()
    found = [events.of_line(body, severity) for body, severity in zip(bodies, severities, strict=True)]
    fails = pa.array([one["fails"] for one in found], pa.bool_())
    return {"template": texts([one["template"] for one in found]), "fails": fails}


def _micros(payload: Payload) -> int:
    return int(pa.scalar(payload.received_at.replace(tzinfo=None), pa.timestamp("us")).value)


def _unclean(column: pa.StringArray) -> pa.BooleanArray:
    return or_(pc.match_substring(column, "\0"), pc.greater(pc.binary_length(column), MAX_TEXT))
