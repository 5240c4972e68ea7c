"""`improver config`, `plugins`: what can be set, and what there is to set."""

import typer

from improver.cli.asking import Json, settings
from improver.cli.output import as_json, show

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.command()(plugins)
    app.add_typer(group, name="config")


@group.callback()
def config() -> None:
    """Check the config, or describe it."""


@group.command()
def check(context: typer.Context, json: Json = False) -> None:
    """Read the config as the daemon would, and say what is wrong."""
    found = settings(context)
    if json:
        as_json({"ok": True, "file": found.source, "targets": sorted(found.targets)})
        return
    show(f"ok: {found.source or 'there is no config, so the defaults hold; `improver init` writes one'}")


@group.command()
def schema() -> None:
    """Print the JSON Schema of the config, plugins included."""
    from improver.config.schema import schema

    as_json(schema())


def plugins(json: Json = False) -> None:
    """List every plugin by kind, with what it does."""
    from improver.cli.plugin_layout import every, listing

    found = every()
    as_json(found) if json else show(listing(found))
