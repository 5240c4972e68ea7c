"""Events → Symptoms: every Detector that is due looks at what came in; one that fails does not stop the others."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa

from improver import plugins
from improver.analysis import error_hours, log_templates, route_hours, sightings, windows
from improver.config import plugin_config
from improver.model import DOCTOR, Symptom
from improver.runtime import Runtime
from improver.warehouse import Scratch, records

log = logging.getLogger(__name__)

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
    if not watchers:
        return
    telemetry = runtime.warehouse.telemetry
    versions = {watcher.name: int(watcher.plugin.VERSION) for watcher in watchers}
    looks = dict.fromkeys(versions, NEVER) | sightings.last_looks(telemetry, versions)
    ends = windows.ends(telemetry, scope, min(look.seq for look in looks.values()))
    while not runtime.stop.is_set():
        last = min(looks.values(), key=lambda look: (look.seq, look.at))
        upto = next((end for end in ends if end > last.seq), last.seq)
        if upto == last.seq and not (scope.lasting and last.at < now):
            return
        together = [watcher for watcher in watchers if looks[watcher.name] == last]
        try:
            done, touched, found = _seen(runtime, scope, together, last, upto, over)
        except duckdb.OutOfMemoryException:
            if not (smaller := windows.smaller(scope)):
                raise
            log.info("DuckDB has too little memory for a window; going on in smaller ones", extra={"of": scope.rows})
            return _look(runtime, smaller, watchers, now, over)
        with telemetry.transaction() as writer:
            # One that failed goes on behind what it failed at.
            sightings.keep(writer, touched, done, found)
            sightings.looked(writer, {watcher.name: versions[watcher.name] for watcher in together}, upto, now)
        looks |= dict.fromkeys((watcher.name for watcher in together), windows.Look(seq=upto, at=now))


def _seen(
    runtime: Runtime, scope: windows.Scope, together: list[Watcher], last: windows.Look, upto: int, over: datetime
) -> tuple[list[str], pa.Table, pa.Table]:
    """Which Detectors did not fail, at which units they looked, and what they found in them."""
    with windows.opened(runtime.warehouse.telemetry, scope, last, upto, over) as window:
        sightings.await_all(window)
        done = [watcher.name for watcher in together if _has_looked(runtime, window, watcher)]
        found = sightings.whole(window, scope, windows.within(scope, last, upto))
        return done, window.table("select unit from touched", {}), found


def _has_looked(runtime: Runtime, window: Scratch, watcher: Watcher) -> bool:
    query, settings = watcher.plugin.QUERY, watcher.config.model_dump()
    added = _guarded(runtime, watcher.name, lambda: sightings.add(window, watcher.name, query, settings))
    return added is not None


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
