"""The JSON Schema of the whole config: the settings, and each built-in plugin's own section."""

from typing import Any

from improver import plugins
from improver.config.settings import Settings

# `enabled` is read by improver itself, for plugins that are on unless they are switched off.
SWITCH = {"type": "boolean", "default": True, "description": "Whether it is used at all."}
SWITCHED = ("collectors", "detectors")


def schema() -> dict[str, Any]:
    described = Settings.model_json_schema()
    described["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    for kind in plugins.KINDS:
        sections = {name: _section(kind, name, described["$defs"]) for name in plugins.names(kind)}
        # A dotted name is somebody else's plugin, whose section only it can describe.
        described["properties"][kind] |= {"properties": sections, "additionalProperties": {"type": "object"}}
    return described


def _section(kind: str, name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    plugin = plugins.load(kind, name)
    section: dict[str, Any] = plugin.Config.model_json_schema(ref_template=f"#/$defs/{kind}.{name}.{{model}}")
    for model, definition in section.pop("$defs", {}).items():
        definitions[f"{kind}.{name}.{model}"] = definition
    if kind in SWITCHED:
        section.setdefault("properties", {})["enabled"] = SWITCH
    return section | {"title": name, "description": plugins.describe(plugin)}
