"""`improver run`, `once`, `watch`, `demo`: what keeps running, or runs once."""

from typing import Annotated

import typer

from improver.cli.asking import Json, ask, settings
from improver.cli.output import as_json, show


def add_to(app: typer.Typer) -> None:
    for command in (run, once):
        app.command()(command)
    app.command(context_settings={"allow_interspersed_args": False})(watch)
    app.command()(demo)


def run(context: typer.Context) -> None:
    """Run the daemon. Ctrl-C stops it; what it was doing is taken up at the next start."""
    from improver import daemon, logs

    logs.to_stderr()
    raise typer.Exit(daemon.run(settings(context)))


def once(context: typer.Context, json: Json = False) -> None:
    """Make one pass over everything, for cron. Beside a daemon, the daemon makes it."""
    from improver import act
    from improver.cli.pass_layout import page

    done = ask(context, act.once)
    as_json(done) if json else show(*page(done))


def watch(
    context: typer.Context,
    command: Annotated[list[str], typer.Argument(metavar="CMD", help="How the app is started.")],
    target: Annotated[str, typer.Option(help="Which Target it is; else the one of this folder.", metavar="NAME")] = "",
    environment: Annotated[str, typer.Option(help="What its SDKs say unless they know better.")] = "production",
    health: Annotated[str, typer.Option(help="Answers 2xx once the app is up.", metavar="URL")] = "",
    health_deadline: Annotated[float, typer.Option(help="Seconds until a new version must be up.", min=0.1)] = 30.0,
    drain: Annotated[float, typer.Option(help="Seconds the app gets to stop.", min=0)] = 10.0,
    any_commit: Annotated[bool, typer.Option("--any-commit", help="Restart on people's commits too.")] = False,
) -> None:
    """Run an app that reports here and gets verified fixes.

    As in: improver watch -- python app.py
    """
    from improver.watch import WatchOptions
    from improver.watch import watch as run_watched

    options = WatchOptions(
        argv=tuple(command),
        target=target,
        environment=environment,
        health=health,
        health_deadline=health_deadline,
        drain_seconds=drain,
        any_commit=any_commit,
    )
    raise typer.Exit(run_watched(options, settings(context)))


def demo(
    agent: Annotated[str, typer.Option(help="rehearsed: plays recorded edits; claude: the real one.")] = "rehearsed",
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything to look at.")] = False,
    json: Json = False,
) -> None:
    """See the whole loop at work on a small app with three bugs."""
    from improver.demo.run import run_demo

    raise typer.Exit(run_demo(agent, keep, json))
