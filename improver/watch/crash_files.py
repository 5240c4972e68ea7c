"""Leaves records for the `crash` Collector, as docs/crash-files.md says: whole or not at all, readable by us only."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from improver.watch.app import App, Ending, signal_name

# The hook tells of an exception right before the process ends; an older word is about something else.
TOLD_JUST_NOW_S = 10


@dataclass(frozen=True, kw_only=True)
class CrashFiles:
    folder: Path
    service: str
    environment: str
    argv: tuple[str, ...]
    now: Callable[[], float]
    say: Callable[[str], None]

    def alive(self, app: App, phase: str) -> None:
        """`started`, `healthy` or `ended`."""
        self._leave({**self._about(app, "run"), "phase": phase, "runtime_s": app.seconds})

    def died(self, app: App, ending: Ending) -> None:
        told = self._told(app.run) and ending.code == 1
        how = {"signal": signal_name(ending.signal)} if ending.signal else {"exit_code": ending.code}
        kind = "signal" if ending.signal else "exit"
        end = {"runtime_s": ending.seconds, "reported": told, "stderr_tail": app.stderr_tail()}
        self._leave({**self._about(app, kind), **how, **end})

    def never_up(self, app: App, ending: Ending, why: str) -> None:
        """It lived, but did not come up: a failure all the same, told in our words after its own."""
        tail = f"{app.stderr_tail()}\nimprover: {why}\n"
        end = {"runtime_s": ending.seconds, "reported": False, "stderr_tail": tail}
        self._leave({**self._about(app, "exit"), **end})

    def _about(self, app: App, kind: str) -> dict[str, Any]:
        return {
            "version": 1,
            "kind": kind,
            "time": self.now(),
            "run": app.run,
            "pid": app.pid,
            "service": self.service,
            "environment": self.environment,
            "release": app.release,
            "argv": [part[:300] for part in self.argv[:100]],
        }

    def _told(self, run: str) -> bool:
        mark = self.folder / f"{run}.told"
        try:
            age = time.time() - mark.stat().st_mtime
        except FileNotFoundError:
            return False
        mark.unlink(missing_ok=True)
        return age < TOLD_JUST_NOW_S

    def _leave(self, record: dict[str, Any]) -> None:
        try:
            self._write(record)
        except OSError as error:
            # The app matters more than what is told about it.
            self.say(f"could not write a crash file into {self.folder}: {error.strerror}")

    def _write(self, record: dict[str, Any]) -> None:
        path = self.folder / f"{time.time_ns()}-{os.getpid()}.json"
        unfinished = path.with_suffix(".json.tmp")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
