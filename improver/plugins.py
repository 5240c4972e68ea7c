"""Finds plugins: one module is one plugin, and its file name is the name used in the config."""

import importlib
import logging
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from improver.errors import ImproverError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Contract:
    """A plugin of a kind defines every name of `needs`, or every name of one of the `alternatives` besides."""

    needs: tuple[str, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()


KINDS = {
    "collectors": Contract(
        needs=("decode",),
        alternatives=(
            ("ROUTES", "key_of", "check", "accepted"),
            ("ROUTES", "key_of", "examine"),
            ("EVERY", "poll"),
            ("EVERY", "pull"),
        ),
    ),
    "detectors": Contract(alternatives=(("EVERY", "detect"), ("OVER", "KIND", "VERSION", "QUERY", "told"))),
    "agents": Contract(needs=("missing", "command", "parse", "ended")),
    "gates": Contract(needs=("ORDER", "Reason", "judge")),
    "forges": Contract(needs=("open", "find", "status")),
    "channels": Contract(needs=("deliver",)),
}


def names(kind: str) -> list[str]:
    package = importlib.import_module(f"improver.{kind}")
    return sorted(found.name for found in pkgutil.iter_modules(package.__path__) if not found.name.startswith("_"))


def enabled(kind: str, sections: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The built-in plugins, and those of dotted names that the config has a section for, unless switched off there."""
    known = [*names(kind), *sorted(name for name in sections if "." in name)]
    return [name for name in known if sections.get(name, {}).get("enabled", True)]


def load(kind: str, name: str) -> ModuleType:
    """Import a built-in plugin by name, or anybody else's by its dotted path."""
    if "." in name:
        try:
            plugin = importlib.import_module(name)
        except ImportError as error:
            raise ImproverError(
                f"cannot import the plugin {name!r} of [{kind}]: {error}", hint="is it installed where improver is?"
            ) from error
        broken = violations(kind, plugin)
        if broken:
            raise ImproverError(
                f"{name!r} is no plugin of [{kind}]: it lacks {', '.join(broken)}", hint="see docs/plugins.md"
            )
        return plugin
    if name not in names(kind):
        raise ImproverError(f"unknown name {name!r} under [{kind}]", hint=f"available: {', '.join(names(kind))}")
    return importlib.import_module(f"improver.{kind}.{name}")


def violations(kind: str, plugin: ModuleType) -> list[str]:
    """The names that a plugin of this kind must define and does not."""
    contract = KINDS[kind]
    missing = [name for name in (*contract.needs, "Config") if not hasattr(plugin, name)]
    if contract.alternatives and not any(all(hasattr(plugin, n) for n in group) for group in contract.alternatives):
        missing.append(" or ".join("+".join(group) for group in contract.alternatives))
    return missing


def describe(plugin: ModuleType) -> str:
    return (plugin.__doc__ or "").strip().partition("\n")[0]


def remedy(plugin: ModuleType) -> str:
    """What a Detector says would help, in words of its own that nothing from telemetry is in."""
    return str(getattr(plugin, "REMEDY", ""))


def guarded(
    kind: str, name: str, call: Callable[[], Any], *, passing: tuple[type[Exception], ...] = ()
) -> tuple[Any, str]:
    """One plugin call whose failure must not stop the others: its result, and what went wrong ("" if nothing did).

    Errors that are `passing` are the caller's to handle.
    """
    try:
        return call(), ""
    except passing:
        raise
    except Exception as error:
        log.exception("a plugin failed", extra={"kind": kind, "plugin": name})
        return None, str(error) if isinstance(error, ImproverError) else f"{type(error).__name__}: {error}"


def asked(kind: str, name: str, call: Callable[[], Any]) -> tuple[Any, str]:
    """The same for a call that may be refused, by an ImproverError: that needs no traceback in the log."""
    try:
        return guarded(kind, name, call, passing=(ImproverError,))
    except ImproverError as refusal:
        return None, refusal.message
