"""Events → Symptoms: every Detector that is due looks at what came in; one that fails does not stop the others."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

import pyarrow as pa

from improver import plugins
from improver.analysis import error_hours, log_templates, route_hours, sightings, windows
from improver.config import plugin_config
from improver.model import DOCTOR, Symptom
from improver.runtime import Runtime
from improver.warehouse import Scratch, records

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 200_000  # more take more memory, fewer more looks at the rest of their units
AS_IT_IS = 0  # the version under which runs of those that do not follow `seq` are remembered
NEVER = windows.Look(seq=0, at=datetime(1970, 1, 2, tzinfo=UTC))


@dataclass(frozen=True, kw_only=True, slots=True)
class Watcher:
    """A Detector with its settings."""

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
    route_hours.fold(runtime.warehouse.telemetry, now)
    error_hours.fold(runtime.warehouse.telemetry, now)
    log_templates.learn(runtime.warehouse.telemetry, now)
    watchers, found = [], 0
    for name in plugins.enabled("detectors", runtime.settings.detectors):
        runtime.trouble.pop(f"detector {name}", None)
        watcher = _guarded(runtime, name, partial(_loaded, runtime, name))
        if watcher is None:
            continue
        plugin = watcher.plugin
        if hasattr(plugin, "QUERY"):
            watchers.append(watcher)
        elif _is_due(runtime, name, plugin.EVERY, now):
            found += _detect(runtime, name, partial(plugin.detect, config=watcher.config, now=now))
            _remember(runtime, name, plugin.EVERY, now)
    for scope in windows.SCOPES.values():
        _look(runtime, scope, [watcher for watcher in watchers if watcher.scope == scope], now, over)
    return found + sum(_told(runtime, watcher, now) for watcher in watchers)


def _loaded(runtime: Runtime, name: str) -> Watcher:
    plugin = plugins.load("detectors", name)
    return Watcher(name=name, plugin=plugin, config=plugin_config(runtime.settings, "detectors", name, plugin))


def _is_due(runtime: Runtime, name: str, every: float, now: datetime) -> bool:
    """What it found last stands until then."""
    last = sightings.last_looks(runtime.warehouse.telemetry, {name: AS_IT_IS}).get(name) if every else None
    return last is None or not last.at <= now < last.at + timedelta(seconds=every)


def _remember(runtime: Runtime, name: str, every: float, now: datetime) -> None:
    if every:
        with runtime.warehouse.telemetry.transaction() as writer:
            sightings.looked(writer, {name: AS_IT_IS}, 0, now)


def _detect(runtime: Runtime, name: str, detect: Callable[..., list[Symptom]]) -> int:
    with runtime.warehouse.telemetry.reading() as cursor:
        symptoms = _guarded(runtime, name, lambda: detect(cursor))
    return 0 if symptoms is None else _replace(runtime, name, symptoms)


def _guarded(runtime: Runtime, name: str, call: Callable[[], Any]) -> Any:
    """None if it failed: that is told by `improver status` until it works again, and the others go on."""
    done, failure = plugins.guarded("detectors", name, call)
    if failure:
        runtime.trouble[f"detector {name}"] = failure
    return done


def _look(runtime: Runtime, scope: windows.Scope, watchers: list[Watcher], now: datetime, over: datetime) -> None:
    """Each at what it has not looked at yet: those that have come equally far share one window."""
    telemetry = runtime.warehouse.telemetry
    newest = windows.newest(telemetry, scope)
    versions = {watcher.name: int(watcher.plugin.VERSION) for watcher in watchers}
    looks = dict.fromkeys(versions, NEVER) | sightings.last_looks(telemetry, versions)
    while not runtime.stop.is_set() and watchers:
        last = min(looks.values(), key=lambda look: (look.seq, look.at))
        upto = min(newest, last.seq + ROWS_AT_ONCE)
        if last.seq >= newest and not (scope.lasting and last.at < now):
            return
        together = [watcher for watcher in watchers if looks[watcher.name] == last]
        with windows.opened(telemetry, scope, last, upto, over) as window:
            found = {watcher.name: _sightings(runtime, window, scope, watcher) for watcher in together}
            touched = window.table("select unit from touched", {})
        with telemetry.transaction() as writer:
            # One that failed goes on behind what it failed at.
            sightings.keep(writer, touched, {name: seen for name, seen in found.items() if seen is not None})
            sightings.looked(writer, {name: versions[name] for name in found}, upto, now)
        looks |= dict.fromkeys(found, windows.Look(seq=upto, at=now))


def _sightings(runtime: Runtime, window: Scratch, scope: windows.Scope, watcher: Watcher) -> pa.Table | None:
    query = sightings.whole(watcher.plugin.QUERY, watcher.name, scope.rows)
    found: pa.Table | None = _guarded(runtime, watcher.name, lambda: window.table(query, watcher.config.model_dump()))
    return found


def _told(runtime: Runtime, watcher: Watcher, now: datetime) -> int:
    with runtime.warehouse.telemetry.reading() as reader:
        symptoms = _guarded(
            runtime,
            watcher.name,
            lambda: sightings.symptoms(reader, watcher.name, watcher.plugin, watcher.config, now),
        )
    return 0 if symptoms is None else _replace(runtime, watcher.name, symptoms)


def _replace(runtime: Runtime, detector: str, found: list[Symptom]) -> int:
    """What the doctor sent is nobody's."""
    symptoms = [symptom for symptom in found if symptom.target != DOCTOR]
    with runtime.warehouse.state.transaction() as writer:
        writer.execute("delete from symptoms where detector = $detector", {"detector": detector})
        records.add_all(writer, symptoms)
    return len(symptoms)
