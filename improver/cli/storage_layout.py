"""Lays out answers in SQL, backups, and what was forgotten."""

import csv as writing
import io
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType

from improver import render
from improver.answers.sql import Answered, TableRow
from improver.cli.output import fields, table, text
from improver.upkeep.backups import Backup
from improver.upkeep.forgetting import Forgotten
from improver.upkeep.restore import Restored


def tables(found: Sequence[TableRow]) -> Iterator[RenderableType]:
    yield table(("TABLE", "ROWS"), [(one.table, f"{one.rows:,}") for one in found], right=("ROWS",))
    yield "`improver sql \"select * from TABLE limit 1\"` shows its columns. Telemetry and records cannot be joined."


def answered(found: Answered) -> Iterator[RenderableType]:
    if not found.columns:
        return
    heads = [render.terminal(column) for column in found.columns]
    yield table(heads, [["" if value is None else value for value in row] for row in found.rows])


def records(found: Answered) -> list[dict[str, Any]]:
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def csv(found: Answered) -> str:
    out = io.StringIO()
    writer = writing.writer(out, lineterminator="\n")
    writer.writerow([render.csv(column) for column in found.columns])
    writer.writerows([[render.csv(v) if isinstance(v, str) else v for v in row] for row in found.rows])
    return out.getvalue()


def backup(made: Backup) -> Iterator[RenderableType]:
    state = sum(made.rows["state"].values())
    yield text(f"{made.file}: {render.size(made.bytes)}, {made.events:,} Events and {state:,} records, read back.")
    yield "It holds your keys: keep it where only you can read it."


def restored(done: Restored) -> Iterator[RenderableType]:
    yield text(f"Restored what was backed up at {done.backup.created_at:%Y-%m-%d %H:%M:%S} UTC:")
    yield text(f"{done.backup.events:,} Events. What was there before is in {done.replaced}.")
    yield "What the Spool still has besides is digested when improver starts."


def forgotten(done: Forgotten) -> Iterator[RenderableType]:
    if not (done.events or done.payloads or done.quarantined or done.records or done.files or done.left):
        yield "Nothing of this user was found: give the id as the app sends it, or the address."
    yield fields(
        [
            ("events", f"{done.events:,} removed"),
            ("payloads", f"{done.payloads:,} taken out of the Spool: they cannot be replayed"),
            ("quarantine", f"{done.quarantined:,} removed"),
            ("files", f"{done.files:,} rewritten"),
            ("records", f"{done.records:,} rewritten"),
            ("still there", text(", ".join(done.left), "bold red") if done.left else ""),
            ("not covered", ", ".join(done.not_covered)),
        ]
    )
