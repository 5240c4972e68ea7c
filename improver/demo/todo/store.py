"""Keeps every visitor's tasks in one SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

import estimate

SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY,
    visitor TEXT NOT NULL,
    title TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '',
    minutes INTEGER,
    created_at TEXT NOT NULL,
    done_at TEXT
)
"""


@dataclass(frozen=True)
class Task:
    id: int
    visitor: str
    title: str
    notes: str
    minutes: int | None
    created_at: str
    done_at: str | None

    @property
    def steps(self) -> list[str]:
        return estimate.steps(self.notes)


class Store:
    def __init__(self, path: str) -> None:
        self.path = path
        with self._connection() as connection:
            connection.execute(SCHEMA)

    def tasks(self, visitor: str) -> list[Task]:
        with self._connection() as connection:
            rows = connection.execute("SELECT * FROM tasks WHERE visitor = ? ORDER BY id DESC", (visitor,))
            return [Task(**row) for row in rows]

    def task(self, task_id: int, visitor: str) -> Task | None:
        with self._connection() as connection:
            rows = connection.execute("SELECT * FROM tasks WHERE id = ? AND visitor = ?", (task_id, visitor))
            return next((Task(**row) for row in rows), None)

    def add(self, visitor: str, title: str, now: datetime) -> int:
        with self._connection() as connection:
            added = connection.execute(
                "INSERT INTO tasks (visitor, title, created_at) VALUES (?, ?, ?)", (visitor, title, now.isoformat())
            )
            return added.lastrowid

    def edit(self, task_id: int, visitor: str, title: str, notes: str) -> None:
        minutes = estimate.time_needed(notes)
        with self._connection() as connection:
            connection.execute(
                "UPDATE tasks SET title = ?, notes = ?, minutes = ? WHERE id = ? AND visitor = ?",
                (title, notes, minutes, task_id, visitor),
            )

    def mark_done(self, task_id: int, visitor: str, now: datetime) -> None:
        with self._connection() as connection:
            connection.execute(
                "UPDATE tasks SET completed_at = ? WHERE id = ? AND visitor = ?", (now.isoformat(), task_id, visitor)
            )

    def delete(self, task_id: int, visitor: str) -> None:
        with self._connection() as connection:
            connection.execute("DELETE FROM tasks WHERE id = ? AND visitor = ?", (task_id,))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = _as_dict
            with connection:
                yield connection


def _as_dict(cursor: sqlite3.Cursor, row: tuple) -> dict:
    return {column[0]: value for column, value in zip(cursor.description, row)}
