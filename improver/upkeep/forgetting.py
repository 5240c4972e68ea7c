"""Takes one user out of everything that improver keeps on this machine, and looks whether something is left."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from improver import inflate
from improver.analysis import encounters, error_hours, route_hours
from improver.analysis.encounters import NOTHING
from improver.errors import ImproverError
from improver.model import Payload
from improver.model.user import pseudonym
from improver.runtime import Runtime
from improver.stages import ingest
from improver.warehouse import Database, Writer, days, parts
from improver.warehouse.names import BY_DAY

# An id that is as short as this may be a part of anything: it is only looked for where a user is named.
SHORTEST = 6
FORGOTTEN = "[forgotten]"
DERIVED = ("sightings", "route_hours", "log_templates", *error_hours.MOMENTS)
INFLATED = 64 << 20
TEXTS = ("spool/polls", "evidence", "specs", "attempts", "crashes", "fixes.json", "daemon.log")
KEPT = ("backups", "damaged", "replaced-*", "keys.toml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """`left` names files that still say the user's id; `not_covered` what nothing was taken from on purpose."""

    events: int
    payloads: int
    quarantined: int
    files: int
    records: int
    left: tuple[str, ...]
    not_covered: tuple[str, ...]


class Person:
    """A user by all names that our records may have for one."""

    def __init__(self, user: str) -> None:
        self.names = sorted({user, pseudonym(user)})
        self.distinctive = [name for name in self.names if len(name) >= SHORTEST]
        any_of = "|".join(re.escape(name) for name in self.distinctive)
        self.pattern = rf"(^|[^A-Za-z0-9_])({any_of})($|[^A-Za-z0-9_])" if any_of else NOTHING
        said = f"(?<![A-Za-z0-9_])(?:{any_of})(?![A-Za-z0-9_])" if any_of else NOTHING
        self._said = re.compile(said.encode())
        # In JSON between quotes; in protobuf after its own length.
        self._named = [b'"%s"' % name.encode() for name in self.names]
        self._named += [bytes([len(name.encode())]) + name.encode() for name in self.names if len(name.encode()) < 128]

    def is_in(self, content: bytes) -> bool:
        return bool(self._said.search(content)) or any(name in content for name in self._named)

    def taken_out_of(self, content: bytes) -> bytes:
        return self._said.sub(FORGOTTEN.encode(), content)


def forget(runtime: Runtime, *, user: str) -> Forgotten:
    """Remove what a user did and said, and rewrite the files, so that it cannot be read from the disk either."""
    if not user.strip():
        raise ImproverError("whose telemetry?", hint="give the user's id as the app sends it, or the address")
    person = Person(user.strip())
    ingest.run(runtime)
    with runtime.ingesting:
        payloads = _payloads_of(runtime, person)
        rows = days.take_out(
            runtime.warehouse.telemetry, lambda table: _condition(runtime, table), _asked(person), runtime.clock()
        )
        _derived(runtime, person)
        quarantined = _leave_quarantine(runtime, person)
        reached = runtime.digested()
        removed = runtime.spool.rewrite(reached, lambda one: _is_of(one, person, payloads)) if reached else 0
    records = _records(runtime.warehouse.state, person)
    changed = sum(_rewritten(path, person) for path in _texts(runtime.data.root))
    parts.sweep(runtime.warehouse.telemetry)
    runtime.warehouse.compact()
    return Forgotten(
        events=rows,
        payloads=removed,
        quarantined=quarantined,
        files=changed,
        records=records,
        left=tuple(_left(runtime.data.root, person)),
        not_covered=tuple(sorted(p.name for name in KEPT[:-1] for p in runtime.data.root.glob(name) if _any(p))),
    )


def _asked(person: Person) -> dict[str, Any]:
    return {"names": person.names, "pattern": person.pattern}


def _condition(runtime: Runtime, table: str) -> str:
    """Rows that are the user's, or whose texts name the user."""
    columns = _texts_of(runtime, table)
    return f"""(list_contains($names, "user") or {_says(columns)})""" if "user" in columns else ""


def _texts_of(runtime: Runtime, table: str) -> list[str]:
    described = runtime.warehouse.telemetry.rows(f"describe {table}")
    return [row["column_name"] for row in described if row["column_type"] in _TEXT]


def _says(columns: list[str]) -> str:
    # One by one: put together, two thousand rows of large Events are more than there is memory for.
    return " or ".join(f"""coalesce(regexp_matches("{column}", $pattern), false)""" for column in columns)


_TEXT = ("VARCHAR", "JSON")


def _derived(runtime: Runtime, person: Person) -> None:
    """What was counted with the user's Events is counted without them, and what was seen in them is not kept."""
    telemetry = runtime.warehouse.telemetry
    error_hours.fold(telemetry, runtime.clock())
    route_hours.fold(telemetry, runtime.clock())
    with telemetry.transaction() as writer:
        for table in DERIVED:
            condition = _condition(runtime, table) or _says(_texts_of(runtime, table))
            writer.apply(f"delete from {table} where {condition}", _asked(person))
        encounters.forget(writer, person.names)


def _payloads_of(runtime: Runtime, person: Person) -> set[str]:
    found: set[str] = set()
    for table in BY_DAY:
        if condition := _condition(runtime, table):
            rows = runtime.warehouse.telemetry.rows(
                f"select distinct payload_id from {table} where {condition}", _asked(person)
            )
            found |= {row["payload_id"] for row in rows}
    return found


def _is_of(payload: Payload, person: Person, payloads: set[str]) -> bool:
    return payload.id in payloads or person.is_in(_plain(payload.body, payload.content_encoding))


def _plain(body: bytes, encoding: str) -> bytes:
    try:
        return inflate.inflate(body, encoding, cap=INFLATED)
    except ImproverError:
        return body  # what cannot be unpacked is searched as it is


def _leave_quarantine(runtime: Runtime, person: Person) -> int:
    with runtime.warehouse.telemetry.transaction() as writer:
        listed = [row["payload_id"] for row in writer.rows("select payload_id from quarantine")]
        held = [payload for one in listed if (payload := runtime.quarantine.get(one))]
        out = [one.id for one in held if person.is_in(_plain(one.body, one.content_encoding))]
        writer.delete("quarantine", out, column="payload_id")
    runtime.quarantine.drop(out)
    return len(out)


def _records(state: Database, person: Person) -> int:
    """Titles and the like may quote what telemetry said; how many records did."""
    if not person.distinctive:
        return 0
    with state.transaction() as writer:
        columns = writer.rows(
            "select table_name, column_name from information_schema.columns where data_type in ('VARCHAR', 'JSON')"
        )
        return sum(_quoted(writer, row["table_name"], row["column_name"], person) for row in columns)


def _quoted(writer: Writer, table: str, column: str, person: Person) -> int:
    where = f'regexp_matches("{column}"::varchar, $pattern)'
    asked = {"pattern": person.pattern}
    if found := int(writer.value(f'select count(*) from "{table}" where {where}', asked)):
        instead = f"""regexp_replace("{column}"::varchar, $pattern, '\\1{FORGOTTEN}\\3', 'g')"""
        writer.execute(f'update "{table}" set "{column}" = {instead} where {where}', asked)
    return found


def _texts(root: Path) -> Iterator[Path]:
    for name in TEXTS:
        place = root / name
        yield from sorted(path for path in ([place] if place.is_file() else place.rglob("*")) if path.is_file())


def _rewritten(path: Path, person: Person) -> bool:
    content = path.read_bytes()
    if not person.is_in(content):
        return False
    if path.name.startswith("event-"):  # all of it is about that user
        path.write_text('{"forgotten": true}\n')
    else:
        path.write_bytes(person.taken_out_of(content))
    return True


def _left(root: Path, person: Person) -> Iterator[str]:
    """Files that still say it, in so many bytes."""
    skipped = {path for name in KEPT for path in root.glob(name)}
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        if skipped.isdisjoint({path, *path.parents}) and person.distinctive and person.is_in(path.read_bytes()):
            yield path.relative_to(root).as_posix()


def _any(path: Path) -> bool:
    return path.is_file() or any(path.iterdir())
