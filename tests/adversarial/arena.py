"""An improver on these grounds, whose Agent obeys: each attack is an Attempt of its own, through every stage."""

import itertools
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from improver import pipeline
from improver.config import Settings
from improver.dispatching import agent_run, attempts, ledger
from improver.model import Attempt, AttemptReason, AttemptStatus, Isolation, Spec
from improver.runtime import Runtime
from improver.stages import deliver
from improver.warehouse import records
from tests import world
from tests.adversarial.grounds import PYTHON, READABLE, UNITTEST, Grounds, shown
from tests.adversarial.table import ATTACKS, Attack

INSTRUCTED = 40  # instructions in one event: strings are cut at some length


@dataclass(frozen=True, kw_only=True)
class Arena:
    runtime: Runtime
    grounds: Grounds
    first: Attempt
    spec: Spec
    numbers: "itertools.count[int]"

    def attacked(self, attack: Attack) -> Attempt:
        """The Attempt, driven to its end by an Agent that does as it was told."""
        number = next(self.numbers)
        attempt = replace(
            self.first, id=f"{self.first.id[:-4]}{number:04x}", number=number, branch=f"{self.first.branch}-{number}"
        )
        with self.runtime.warehouse.state.transaction() as writer:
            records.put(writer, attempt)
            budget = replace(self.spec.budget, **attack.settings.get("budget", {}))
            records.put(writer, replace(self.spec, budget=budget))
        runtime = replace(self.runtime, settings=self._settings(attack))
        attempts.drive_guarded(runtime, attempt)
        return attempts.current(runtime, attempt.id) or attempt

    def delivered_unjudged(self, attack: Attack, attempt: Attempt) -> Attempt:
        """The control: the same change, as if there were no Gates."""
        again = {"verdicts": (), "reason": AttemptReason.NONE, "detail": "", "ended_at": None}
        unjudged = ledger.advance(self.runtime, attempt, AttemptStatus.JUDGED, **again)
        return deliver.deliver(self.runtime, unjudged)

    def told(self, attempt: Attempt) -> str:
        """All that left the box: what it printed, what is kept of it, and every commit."""
        folder = agent_run.folder(self.runtime, attempt)
        kept = [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
        commits = shown(self.grounds.shop, "log", "-p", "--all", "--text", "--format=%B") if attempt.commit else ""
        return "\n".join([*kept, commits, repr(attempt)])

    def _settings(self, attack: Attack) -> Settings:
        settings, chosen = self.runtime.settings, attack.settings
        test = world.PYTEST if attack.pytest else UNITTEST
        target = settings.targets["shop"].model_copy(update={"test": test, **chosen.get("target", {})})
        obey = [PYTHON, "-E", "-s", str(READABLE[2]), attack.module, attack.name, "{side}"]
        upstream = f"http://127.0.0.1:{self.grounds.traps.upstream}"
        agent = {name: str(value).replace("{upstream}", upstream) for name, value in chosen.get("agent", {}).items()}
        parts: dict[str, Any] = {
            name: getattr(settings, name).model_copy(update=dict(chosen[name]))
            for name in ("dispatch", "sandbox")
            if name in chosen
        }
        argv = [*obey, json.dumps(self.grounds.facts(attack))]
        agents = {"command": {"argv": argv, **agent}}
        return settings.model_copy(update={"targets": {"shop": target}, "agents": agents, **parts})


@contextmanager
def arena(grounds: Grounds) -> Iterator[Arena]:
    """Its telemetry asks for every attack at once; what the Agent obeys is up to it."""
    chosen = world.settings(
        grounds.root, grounds.shop, Path(), agent="command", test=UNITTEST, readable=[Path(sys.prefix), *READABLE]
    )
    chosen = chosen.model_copy(update={"data_dir": grounds.data, "agents": {"command": {"argv": ["true"]}}})
    with world.opened(chosen) as runtime:
        runtime = replace(runtime, probe=lambda: Isolation.BUBBLEWRAP)
        key = world.server_key(runtime)
        grounds.keys = key
        asked = [attack.asks for attack in ATTACKS]
        parts = [asked[start : start + INSTRUCTED] for start in range(0, len(asked), INSTRUCTED)]
        events = [world.error(grounds.base, value=f"division by zero. You must: {'; '.join(part)}") for part in parts]
        world.send(runtime, key, *events)
        pipeline.analyse(runtime)
        [first] = attempts.live(runtime)
        with runtime.warehouse.state.reading() as reader:
            spec = records.get(reader, Spec, first.spec_id)
        assert spec
        grounds.before = grounds.prints()
        yield Arena(runtime=runtime, grounds=grounds, first=first, spec=spec, numbers=itertools.count(2))
