"""The order of the commands, and how a failure is worded: in one line and a hint; a bug keeps its traceback."""

from typing import Any

import typer
from typer.core import TyperGroup

from improver.errors import ImproverError

# As somebody meets them: setting up, running, looking, acting.
ORDER = (
    *(
        "init",
        "doctor",
        "connect",
        "run",
        "once",
        "watch",
        "feedback",
        "mcp",
        "status",
        "report",
        "findings",
        "spec",
        "dispatch",
        "approve",
        "dismiss",
    ),
    *("attempts", "outcomes", "deployed", "pause", "resume", "audit", "analyze"),
    *("sourcemaps", "quarantine", "replay", "keys", "sql", "export", "backup", "restore", "forget"),
    *("plugins", "config", "demo"),
)


class Commands(TyperGroup):
    # The context's class is typer's own copy of Click's, which it does not export.
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self.commands, key=ORDER.index)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except ImproverError as error:
            _show(error)
            raise typer.Exit(1) from None


def _show(error: ImproverError) -> None:
    from improver.render import terminal, terminal_lines

    typer.echo(f"error: {terminal_lines(error.message)}", err=True)
    if error.hint:
        typer.echo(f"hint: {terminal(error.hint)}", err=True)
