"""What came of the examples that `improver doctor` sends, and how they are taken back: they count nowhere."""

from dataclasses import dataclass

from improver.model import DOCTOR
from improver.runtime import Runtime
from improver.warehouse import events

# Those that came under the doctor's key, and those that its service names: a file in a folder shows no key.
MINE = f"""
list_contains($keys, p.key_id) or p.payload_id in ({
    " union ".join(f"select payload_id from {table} where target = $doctor" for table in events.TABLES.values())
})
"""
ARRIVED = f"""
select p.payload_id as payload, p.collector, p.events, coalesce(q.reason, '') as reason
from payloads as p left join quarantine as q using (payload_id) where {MINE}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrived:
    """One Payload of the doctor's; `reason` is why it is in quarantine, if it is."""

    payload: str
    collector: str
    events: int
    reason: str


def examples_arrived(runtime: Runtime) -> tuple[Arrived, ...]:
    """Those that can be asked for in the Warehouse by now."""
    return tuple(Arrived(**row) for row in runtime.warehouse.telemetry.rows(ARRIVED, _mine(runtime)))


def forget_examples(runtime: Runtime) -> int:
    """Take them all back: Events, counts, and what is in quarantine."""
    with runtime.ingesting:
        found = [one.payload for one in examples_arrived(runtime)]
        if found:
            with runtime.warehouse.telemetry.transaction() as writer:
                events.forget(writer, found)
    return len(found)


def _mine(runtime: Runtime) -> dict[str, object]:
    keys = [key.id for key in runtime.keys.all() if key.target == DOCTOR]
    return {"keys": keys, "doctor": DOCTOR}


CALLS = {function.__name__: function for function in (examples_arrived, forget_examples)}
