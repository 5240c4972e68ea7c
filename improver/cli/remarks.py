"""`improver feedback`, `mcp`: what people and agents say about the software."""

from typing import Annotated

import typer

from improver.cli.asking import ask, settings
from improver.cli.output import show


def add_to(app: typer.Typer) -> None:
    for command in (feedback, mcp):
        app.command()(command)


def feedback(
    context: typer.Context,
    said: Annotated[str, typer.Argument(metavar="TEXT", help="What is wrong, in your own words.")] = "",
    goal: Annotated[str, typer.Option(help="What you wanted.", metavar="TEXT")] = "",
    attempted: Annotated[str, typer.Option(help="What you tried.", metavar="TEXT")] = "",
    blocker: Annotated[str, typer.Option(help="What was in the way.", metavar="TEXT")] = "",
    suggestion: Annotated[str, typer.Option(help="What would be better.", metavar="TEXT")] = "",
    calls_wasted: Annotated[int, typer.Option(help="Tool calls that were in vain.", metavar="N", min=0)] = 0,
    about: Annotated[str, typer.Option(help="Which tool or page.", metavar="NAME")] = "",
    target: Annotated[str, typer.Option(help="Which Target, if there are several.", metavar="NAME")] = "",
) -> None:
    """Say what is wrong: TEXT, --blocker or --suggestion."""
    if not (said.strip() or blocker.strip() or suggestion.strip()):
        raise typer.BadParameter("say what is wrong: TEXT, --blocker or --suggestion")
    from improver import act

    done = ask(
        context,
        act.feedback,
        said=said,
        goal=goal,
        attempted=attempted,
        blocker=blocker,
        suggestion=suggestion,
        calls_wasted=calls_wasted,
        about=about,
        target=target,
    )
    show(done.message)


def mcp(context: typer.Context) -> None:
    """Serve MCP on stdin and stdout, for an agent on this machine."""
    from improver import logs
    from improver import mcp as serving

    logs.to_stderr()
    serving.stdio(settings(context))
