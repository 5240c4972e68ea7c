"""One life of a daemon, in a process of its own that dies at a chosen moment, as if by kill -9."""

import json
import multiprocessing
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from improver import pipeline
from improver.audit import Audit
from improver.config import Settings
from improver.dispatching import attempts
from improver.model import Act, Entry
from improver.runtime import utc_now
from tests import world

KILLED, DONE = 137, 0
PATIENCE_S = 120


class Mortal(Audit):
    """Everything that is decided and every effect is written down before and after: those are the moments to die at."""

    def __init__(self, path: Path, moment: int) -> None:
        super().__init__(path, utc_now)
        self._left = moment

    def note_all(self, act: Act, details: Mapping[str, Mapping[str, object]]) -> list[Entry]:
        self._pass()
        entries = super().note_all(act, details)
        self._pass()
        return entries

    def _pass(self) -> None:
        self._left -= 1
        if self._left == 0:
            os._exit(KILLED)


def live(chosen: str, moment: int) -> None:
    """Look at all telemetry and drive every Attempt; die at this moment, if it comes."""
    settings = Settings.model_validate_json(chosen)
    with world.opened(settings) as runtime:
        mortal = replace(runtime, audit=Mortal(runtime.data.audit, moment))
        pipeline.digest(mortal)
        pipeline.analyse(mortal)
        attempts.reap(mortal)
        attempts.drive_all(mortal)
    os._exit(DONE)


def lived(settings: Settings, moment: int) -> int:
    """The exit code of one life."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.crashes.life"])
    process = context.Process(target=live, args=(json.dumps(settings.model_dump(mode="json")), moment))
    process.start()
    process.join(PATIENCE_S)
    if process.is_alive():
        process.kill()
        process.join()
        raise AssertionError(f"a life did not end within {PATIENCE_S} s")
    code = process.exitcode
    assert code in (KILLED, DONE), f"a life ended with {code}"
    return code
