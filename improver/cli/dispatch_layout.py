"""Lays out what a dispatch would do."""

from collections.abc import Iterator

from rich.console import RenderableType

from improver.cli.output import fields, heading, text
from improver.dispatching.planning import Plan


def plan(found: Plan) -> Iterator[RenderableType]:
    yield text(_verdict(found), "bold green" if found.would_dispatch else "bold yellow")
    yield fields(
        [
            ("finding", found.finding_id),
            ("spec", found.spec),
            ("agent", found.agent),
            ("isolation", found.isolation),
            ("autonomy", [found.autonomy, *found.limits]),
            ("unasked", f"no, {found.policy}: {found.policy_because}" if found.policy else "yes, by the policy"),
            ("approval", found.approval),
            ("files", found.files),
            ("command", found.command),
            ("environment", found.environment),
            ("asks only", found.upstream),
        ]
    )
    if found.prompt:
        yield heading("Prompt")
        yield text(found.prompt.rstrip())


def _verdict(found: Plan) -> str:
    if found.would_dispatch:
        return "It would be attempted. Nothing was started."
    return f"It would not be attempted: {found.skip}: {found.skip_because}"


def next_step(daemon_answers: bool) -> Iterator[RenderableType]:
    if not daemon_answers:
        yield "No daemon runs: `improver run` or `improver once` carries it out."
