"""Lays out the plugins that are here."""

from rich.console import RenderableType

from improver import plugins
from improver.cli.output import table, text


def every() -> list[dict[str, str]]:
    return [
        {"kind": kind, "name": name, "help": plugins.describe(plugins.load(kind, name))}
        for kind in plugins.KINDS
        for name in plugins.names(kind)
    ]


def listing(found: list[dict[str, str]]) -> RenderableType:
    rows = [(one["kind"], text(one["name"], "cyan"), one["help"]) for one in found]
    return table(("KIND", "NAME", "WHAT IT DOES"), rows)
