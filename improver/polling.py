"""Collectors that fetch rather than receive: what they find goes through the Spool like everything else."""

import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from improver import plugins
from improver.config import plugin_config
from improver.machine import files
from improver.model import Polled
from improver.model.configured import Configured
from improver.runtime import Runtime


def collectors(runtime: Runtime) -> list[str]:
    """Those that read what is on this machine, and those with a section that names an API to pull from."""
    sections = runtime.settings.collectors
    enabled = plugins.enabled("collectors", sections)
    verbs = {name: ("poll", "pull") if name in sections else ("poll",) for name in enabled}
    return [name for name in enabled if any(hasattr(plugins.load("collectors", name), verb) for verb in verbs[name])]


def poll(runtime: Runtime, name: str) -> int:
    """One poll: what it found is files before its state says so; duplicates are ingest's to drop."""
    plugin = plugins.load("collectors", name)
    config = _placed(runtime, name, plugin_config(runtime.settings, "collectors", name, plugin))
    state = _state(runtime, name)
    polled = plugin.poll(state, config) if hasattr(plugin, "poll") else _pulled(runtime, plugin, state, config)
    if polled.payloads:
        runtime.spool.append_now(polled.payloads)
    if polled.rejected:
        _count(runtime, name, polled.rejected)
    if dict(polled.state) != state:
        _remember(runtime, name, dict(polled.state))
    return len(polled.payloads)


def _pulled(runtime: Runtime, plugin: ModuleType, state: dict[str, Any], config: Configured) -> Polled:
    from improver.http import HttpxClient, Patience  # which few daemons ever need

    # Somebody's analytics may think a while, and answer with many events.
    patience = Patience(silence_s=60, whole_s=90, max_bytes=32 << 20)
    with HttpxClient(config.base_url, patience=patience) as http:  # type: ignore[attr-defined]
        polled: Polled = plugin.pull(state, config, http, runtime.clock())
    return polled


def _count(runtime: Runtime, name: str, rejected: Mapping[str, int]) -> None:
    now = runtime.clock().replace(tzinfo=None)
    with runtime.warehouse.telemetry.transaction() as writer:
        for reason, items in rejected.items():
            writer.execute("insert into rejections values (?, ?, ?, ?)", [name, reason, items, now])


def _placed(runtime: Runtime, name: str, config: Configured) -> Configured:
    """A Collector that reads a folder of ours is told where ours is."""
    folder = getattr(runtime.data, "crashes", None) if "directory" in type(config).model_fields else None
    return config.model_copy(update={"directory": folder}) if folder and not config.directory else config  # type: ignore[attr-defined]


def _state(runtime: Runtime, name: str) -> dict[str, Any]:
    try:
        state: dict[str, Any] = json.loads((runtime.data.polls / f"{name}.json").read_bytes())
    except FileNotFoundError:
        return {}
    return state


def _remember(runtime: Runtime, name: str, state: dict[str, Any]) -> None:
    """Beside the Spool, not in the Warehouse: what has no end yet, such as an agent's call, is unscrubbed in it."""
    files.write(runtime.data.polls / f"{name}.json", json.dumps(state).encode())
