"""Keeps the nouns of the model in tables of state.duckdb: one column per field, JSON where a field is no scalar."""

import dataclasses
import json
import types
import typing
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import msgspec
import pyarrow as pa
from pydantic import TypeAdapter

from improver.model import Approval, Attempt, Deployment, Finding, Kinship, Outcome, Pull, Spec, Symptom, TrustEntry
from improver.warehouse.cursors import Reader, Writer

Record = TypeVar("Record")
TABLES: dict[type, str] = {
    Symptom: "symptoms",
    Finding: "findings",
    Kinship: "kinships",
    Spec: "specs",
    Attempt: "attempts",
    Deployment: "deployments",
    Outcome: "outcomes",
    Approval: "approvals",
    Pull: "pulls",
    TrustEntry: "trust",
}


_ARROW = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), datetime: pa.timestamp("us")}


def put(writer: Writer, record: Any) -> None:
    """Insert or replace by id."""
    put_all(writer, [record])


def put_all(writer: Writer, records: Sequence[Any]) -> None:
    """Insert or replace records of one kind by their ids."""
    if not records:
        return
    table = TABLES[type(records[0])]
    writer.delete(table, [record.id for record in records])
    add_all(writer, records)


def add_all(writer: Writer, records: Sequence[Any]) -> None:
    """In one statement: a value bound to a parameter costs DuckDB more than a row of an Arrow table."""
    if not records:
        return
    kind: Any = type(records[0])
    rows = pa.Table.from_pylist([_row(record) for record in records], schema=_schema(kind))
    writer.append(TABLES[kind], rows)


def get(reader: Reader, kind: type[Record], record_id: str) -> Record | None:
    found = select(reader, kind, "id = $id", {"id": record_id})
    return found[0] if found else None


def select(
    reader: Reader, kind: type[Record], where: str = "true", parameters: dict[str, object] | None = None
) -> list[Record]:
    """Records for which `where` (our own SQL, never a user's) holds; append "order by" to it as needed."""
    columns = ", ".join(f'"{field.name}"' for field in dataclasses.fields(kind))  # type: ignore[arg-type]
    rows = reader.rows(f"select {columns} from {TABLES[kind]} where {where}", parameters)
    return [_record(kind, row) for row in rows]


def _row(record: Any) -> dict[str, Any]:
    kind: Any = type(record)
    plain = _adapter(kind).dump_python(record, mode="json")
    scalars = _scalars(kind)
    return {name: _stored(getattr(record, name)) if name in scalars else _json(plain[name]) for name in plain}


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value)


def _record(kind: Any, row: dict[str, Any]) -> Any:
    scalars = _scalars(kind)
    loaded = {name: _loaded(value) if name in scalars else (value and _parsed(value)) for name, value in row.items()}
    return _adapter(kind).validate_python(loaded)


def _parsed(text: str) -> Any:
    """Three times as fast as json.loads, which is only needed for what is no JSON to others: NaN."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _stored(value: object) -> object:
    """Times are kept as UTC without a zone: DuckDB needs a further package to hand zoned ones back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value.value if isinstance(value, Enum) else value


def _loaded(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _schema(kind: Any) -> pa.Schema:
    hints = typing.get_type_hints(kind)
    return pa.schema([(field.name, _arrow_type(hints[field.name])) for field in dataclasses.fields(kind)])


def _arrow_type(hint: Any) -> pa.DataType:
    """Scalars as they are, and text for JSON and enums."""
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return next((_ARROW[option] for option in options if option in _ARROW), pa.string())


@cache
def _scalars(kind: Any) -> frozenset[str]:
    hints = typing.get_type_hints(kind)
    return frozenset(name for name, hint in hints.items() if _is_scalar(hint))


def _is_scalar(hint: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return all(_is_scalar(part) for part in typing.get_args(hint))
    return hint in (str, int, float, bool, datetime, type(None)) or (isinstance(hint, type) and issubclass(hint, Enum))


def changed(record: Record, **fields: object) -> Record:
    return dataclasses.replace(record, **fields)  # type: ignore[type-var]
