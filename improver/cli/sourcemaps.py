"""`improver sourcemaps upload`: so that errors of bundled JavaScript name the files that people wrote."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from improver.cli.asking import Json, settings
from improver.cli.output import as_json, show

if TYPE_CHECKING:
    from improver.config import Settings

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    app.add_typer(group, name="sourcemaps")


@group.callback()
def sourcemaps() -> None:
    """Keep the source maps of bundled JavaScript."""


@group.command()
def upload(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Map files, or the bundler's output folders.")],
    target: Annotated[str, typer.Option("--target", help="The Target they belong to.", metavar="NAME")] = "",
    release: Annotated[str, typer.Option(help="The release, as the SDK names it.", metavar="R")] = "",
    url_prefix: Annotated[
        str, typer.Option(help="The address that PATH is served from; ~ is any host.", metavar="P")
    ] = "~/",
    json: Json = False,
) -> None:
    """Keep maps by their debug ids; those that have none by --release and address."""
    from improver.bundles.sourcemap_upload import Upload
    from improver.bundles.sourcemap_upload import upload as keep
    from improver.datadir import DataDir

    chosen = settings(context)
    told = Upload(target=_target(chosen, target), release=release, prefix=url_prefix)
    data = DataDir(chosen.data_dir)
    data.prepare()
    kept = keep(data.sourcemaps, paths, told)
    as_json(kept) if json else show(*(f"{one.file}: {one.known_by}" for one in kept))


def _target(chosen: "Settings", name: str) -> str:
    from improver.errors import ImproverError

    names = [name] if name else list(chosen.targets)
    if len(names) != 1 or names[0] not in chosen.targets:
        problem = f"there is no target {name!r}" if name else "which target?"
        raise ImproverError(problem, hint=f"--target, one of: {', '.join(chosen.targets) or 'none is configured'}")
    return names[0]
