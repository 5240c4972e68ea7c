"""SQL that somebody typed: one SELECT over our own tables, which reaches no file, changes nothing, and has limits."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from improver.errors import ImproverError
from improver.machine import files
from improver.warehouse.database import Database

# Functions that make rows of their arguments. Any other could read a file.
ROW_MAKERS = {"generate_series", "json_each", "json_tree", "range", "unnest"}
# Not for SELECTs of ours: they change something, or tell of the machine.
REFUSED = {"currval", "getenv", "nextval", "write_log"}
# Cells that a spreadsheet would take for a formula.
FORMULA = r"^\s*[=+\-@]"
MAX_CHARACTERS = 16 << 20
FORMATS = {".parquet": "format parquet, compression zstd", ".csv": "format csv, header"}

Node = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """`cut` when there was more than may be shown."""

    columns: tuple[str, ...]
    rows: list[list[Any]]
    cut: bool


def tables(database: Database) -> tuple[str, ...]:
    """What may be asked for."""
    sql = "select table_name from information_schema.tables where table_schema = 'main' order by 1"
    names = (row["table_name"] for row in database.rows(sql))
    return tuple(name for name in names if name != "migrations" and not name.startswith("hot_"))


def asked_of(query: str) -> frozenset[str]:
    """The tables that a query names; a query that is anything but one harmless SELECT is refused."""
    with duckdb.connect(config={"enable_external_access": "false", "threads": "1"}) as parser:
        [(serialized,)] = parser.execute("select json_serialize_sql($query)", {"query": query}).fetchall()
    said = json.loads(serialized)
    if said.get("error"):
        # It says what it could not write as JSON, which tells nobody anything.
        why = "it is no SELECT" if said["error_type"] == "not implemented" else said["error_message"]
        raise ImproverError(f"this cannot be asked: {why}", hint="one SELECT; nothing can be changed")
    if len(said["statements"]) != 1:
        raise ImproverError("more than one query", hint="ask one thing at a time")
    nodes = list(_nodes(said["statements"]))
    _refuse_functions(nodes)
    own = {entry["key"].lower() for node in nodes for entry in (node.get("cte_map") or {}).get("map", ())}
    named = {_named(node) for node in nodes if node.get("type") in ("BASE_TABLE", "SHOW_REF")}
    return frozenset(named - own)


def ask(database: Database, query: str, *, limit: int, seconds: float) -> Table:
    """The transaction ends with its cursor, whose result may not have been taken whole."""
    with database.cursor() as cursor:
        clock = threading.Timer(seconds, cursor.interrupt)
        clock.start()
        try:
            cursor.execute("begin transaction read only")
            result = cursor.execute(query)
            columns = tuple(column[0] for column in result.description or ())
            return _cut(columns, result.fetchmany(limit + 1), limit)
        except duckdb.InterruptException as error:
            raise ImproverError(f"the query took longer than {seconds:g} s", hint="ask for less of it") from error
        except duckdb.OutOfMemoryException as error:
            raise ImproverError("the query needs more memory than it may have", hint="ask for less of it") from error
        except duckdb.Error as error:
            raise ImproverError(f"the query cannot be answered: {error}", hint="`improver sql` lists tables") from error
        finally:
            clock.cancel()
            clock.join()


def export(database: Database, table: str, file: Path) -> int:
    """A whole table as Parquet or CSV, to a file below `copies`; how many rows."""
    form = FORMATS[file.suffix]
    with database.cursor() as cursor:
        described = cursor.execute(f'describe "{table}"').fetchall()
        columns = ", ".join(_safe(name, kind) if file.suffix == ".csv" else f'"{name}"' for name, kind, *_ in described)
        where = str(file).replace("'", "''")
        [(rows,)] = cursor.execute(f"copy (select {columns} from \"{table}\") to '{where}' ({form})").fetchall()
    file.chmod(0o600)
    files.sync(file)
    return int(rows)


def _safe(name: str, kind: str) -> str:
    if kind not in ("VARCHAR", "JSON"):
        return f'"{name}"'
    return f"""case when regexp_matches("{name}", '{FORMULA}') then '''' || "{name}" else "{name}" end as "{name}\""""


def _nodes(found: Any) -> Iterator[Node]:
    if isinstance(found, dict):
        yield found
    for inner in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _nodes(inner)


def _refuse_functions(nodes: list[Node]) -> None:
    for node in nodes:
        if node.get("type") == "TABLE_FUNCTION" and node["function"]["function_name"].lower() not in ROW_MAKERS:
            name = node["function"]["function_name"]
            raise ImproverError(f"{name!r} may not be used here", hint="only our own tables can be asked")
        if node.get("class") == "FUNCTION" and str(node.get("function_name", "")).lower() in REFUSED:
            raise ImproverError(f"{node['function_name']!r} may not be used here", hint="a query can only look")


def _named(node: Node) -> str:
    name = str(node.get("table_name", "")).lower()
    where = [node.get("catalog_name"), node.get("schema_name")]
    if any(where) and where != ["", "main"]:
        there = ".".join(str(part) for part in (*where, name) if part)
        raise ImproverError(f"there is no table {there!r}", hint="name it without database and schema")
    return name.strip('"')


def _cut(columns: tuple[str, ...], rows: list[tuple[Any, ...]], limit: int) -> Table:
    shown: list[list[Any]] = []
    characters = 0
    for row in rows[:limit]:
        plain = [_plain(value) for value in row]
        characters += sum(len(value) for value in plain if isinstance(value, str))
        if characters > MAX_CHARACTERS:
            break
        shown.append(plain)
    return Table(columns=columns, rows=shown, cut=len(shown) < len(rows))


def _plain(value: Any) -> Any:
    """As JSON can say it."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return str(value)

