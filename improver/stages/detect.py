"""Events → Symptoms: every Detector that is due looks at what came in; one that fails does not stop the others."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import ModuleType
from typing import Any

import pyarrow as pa

from improver import plugins, sightings, windows
from improver.config import plugin_config
from improver.model import Symptom
from improver.runtime import Runtime
from improver.warehouse import Scratch, records

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 250_000
NEVER = windows.Look(seq=0, at=datetime(1970, 1, 2, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True, slots=True)
class Watcher:
    """A Detector that looks at whole traces, sessions or conversations, one batch of new rows after the other."""

    name: str
    plugin: ModuleType
    config: Any

    @property
    def scope(self) -> windows.Scope:
        return windows.SCOPES[self.plugin.OVER]


def run(runtime: Runtime, ended_by: datetime | None = None) -> int:
    """The number of Symptoms there are now; what had no further row by `ended_by` is over."""
    now = runtime.clock()
    over = ended_by or now - windows.OVER_AFTER
    watchers, found = [], 0
    for name in plugins.enabled("detectors", runtime.settings.detectors):
        plugin = plugins.load("detectors", name)
        config = plugin_config(runtime.settings, "detectors", name, plugin)
        if hasattr(plugin, "QUERY"):
            watchers.append(Watcher(name=name, plugin=plugin, config=config))
        else:
            found += _detect(runtime, name, partial(plugin.detect, config=config, now=now))
    for scope in windows.SCOPES.values():
        _look(runtime, scope, [watcher for watcher in watchers if watcher.scope == scope], now, over)
    return found + sum(_told(runtime, watcher, now) for watcher in watchers)


def _detect(runtime: Runtime, name: str, detect: Callable[..., list[Symptom]]) -> int:
    with runtime.warehouse.telemetry.reading() as cursor:
        symptoms, failure = plugins.guarded("detectors", name, lambda: detect(cursor))
    return 0 if failure else _replace(runtime, name, symptoms)


def _look(runtime: Runtime, scope: windows.Scope, watchers: list[Watcher], now: datetime, over: datetime) -> None:
    """Each at what it has not looked at yet: those that have come equally far share one window."""
    telemetry = runtime.warehouse.telemetry
    newest = windows.newest(telemetry, scope)
    while not runtime.stop.is_set() and watchers:
        looks = {
            watcher.name: sightings.last_look(telemetry, watcher.name, watcher.plugin.VERSION) or NEVER
            for watcher in watchers
        }
        last = min(looks.values(), key=lambda look: (look.seq, look.at))
        upto = min(newest, last.seq + ROWS_AT_ONCE)
        if last.seq >= newest and not (scope.lasting and last.at < now):
            return
        together = [watcher for watcher in watchers if looks[watcher.name] == last]
        with windows.opened(telemetry, scope, last, upto, over) as window:
            seen = {watcher.name: _sightings(window, scope, watcher) for watcher in together}
            touched = window.table("select unit from touched", {})
        with telemetry.transaction() as writer:
            for watcher in together:
                sightings.keep(writer, watcher.name, watcher.plugin.VERSION, touched, seen[watcher.name], upto, now)


def _sightings(window: Scratch, scope: windows.Scope, watcher: Watcher) -> pa.Table | None:
    query = sightings.whole(watcher.plugin.QUERY, watcher.name, scope.rows)
    found, failure = plugins.guarded(
        "detectors", watcher.name, lambda: window.table(query, watcher.config.model_dump())
    )
    return None if failure else found


def _told(runtime: Runtime, watcher: Watcher, now: datetime) -> int:
    with runtime.warehouse.telemetry.reading() as reader:
        symptoms, failure = plugins.guarded(
            "detectors",
            watcher.name,
            lambda: sightings.symptoms(reader, watcher.name, watcher.plugin, watcher.config, now),
        )
    return 0 if failure else _replace(runtime, watcher.name, symptoms)


def _replace(runtime: Runtime, detector: str, symptoms: list[Symptom]) -> int:
    with runtime.warehouse.state.transaction() as writer:
        writer.execute("delete from symptoms where detector = $detector", {"detector": detector})
        records.add_all(writer, symptoms)
    return len(symptoms)
