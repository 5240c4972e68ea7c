"""Events → Symptoms: every Detector that is due looks at its window; one that fails does not stop the others."""

import logging
from datetime import datetime

from improver import plugins
from improver.config import plugin_config
from improver.model import DOCTOR, Symptom
from improver.runtime import Runtime
from improver.warehouse import records

log = logging.getLogger(__name__)


def run(runtime: Runtime) -> int:
    """The number of Symptoms there are now."""
    now = runtime.clock()
    found = 0
    for name in plugins.enabled("detectors", runtime.settings.detectors):
        symptoms = _detect(runtime, name, now)
        if symptoms is not None:
            found += len(symptoms)
            _replace(runtime, name, symptoms)
    return found


def _detect(runtime: Runtime, name: str, now: datetime) -> list[Symptom] | None:
    plugin = plugins.load("detectors", name)
    config = plugin_config(runtime.settings, "detectors", name, plugin)
    with runtime.warehouse.telemetry.reading() as cursor:
        symptoms, failure = plugins.guarded("detectors", name, lambda: plugin.detect(cursor, config, now))
    return None if failure else [one for one in symptoms if one.target != DOCTOR]


def _replace(runtime: Runtime, detector: str, symptoms: list[Symptom]) -> None:
    with runtime.warehouse.state.transaction() as writer:
        writer.execute("delete from symptoms where detector = $detector", {"detector": detector})
        records.add_all(writer, symptoms)
