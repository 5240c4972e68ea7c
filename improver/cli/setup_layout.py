"""Lays out what `init` wrote, what `doctor` found, and how to connect an app."""

import shlex
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from improver.cli.output import fields, heading, text
from improver.connect import Connection, Way
from improver.doctor import Check, Health
from improver.init import Plan

NO_TESTS = "none found: set `test`, or nothing goes further than `report`"
STYLES = {Health.OK: "green", Health.WARN: "yellow", Health.FAIL: "bold red"}


def written(plan: Plan, dsn: str) -> Iterator[RenderableType]:
    yield text(f"Written: {plan.file}", "bold")
    yield fields(
        [
            ("target", plan.name),
            ("language", plan.language or "not recognised"),
            ("branch", plan.branch),
            ("tests", shlex.join(plan.test) or NO_TESTS),
            ("data", plan.data_dir),
            ("DSN", dsn),
            ("kept out", "of commits, by .git/info/exclude"),
        ]
    )
    yield heading("Next")
    yield fields(
        [
            ("  improver doctor", "checks that everything it needs works"),
            (f"  improver connect {plan.name}", "says what to set in the app"),
            ("  improver run", "starts the daemon"),
        ]
    )


def check(one: Check) -> Text:
    shown = text(f"{one.health:<4}  ", STYLES[one.health])
    shown.append_text(text(f"{one.name}: {one.said}", "not bold default"))
    return shown.append(f"\n      → {one.todo}", style="dim") if one.todo else shown


def verdict(done: Sequence[Check]) -> Text:
    failed = sum(one.health == Health.FAIL for one in done)
    warned = sum(one.health == Health.WARN for one in done)
    if failed:
        return text(f"\n{failed} of {len(done)} checks failed.", "bold red")
    return text(f"\nEverything works{f', {warned} with a warning' if warned else ''}.", "bold green")


def ways(found: Connection) -> Iterator[RenderableType]:
    yield text(f"Pointing {found.target} at improver", "bold")
    yield fields([("DSN", found.dsn)])
    for way in found.ways:
        yield from _way(way)
    yield heading("Without any SDK: crashes, their stacks, and restarts onto verified fixes")
    yield text(f"  {found.watch}", "cyan")


def retired(old: Sequence[str]) -> Iterator[RenderableType]:
    """What is left to do after a rotation."""
    if old:
        yield heading("Once no app shows the old keys any more")
        yield text("\n".join(f"  improver keys revoke {key}" for key in old), "cyan")


def _way(way: Way) -> Iterator[RenderableType]:
    yield heading(f"With {way.sdk}{'' if way.installed else ' (not among the dependencies yet)'}")
    if not way.installed:
        yield text(f"  {way.install}", "cyan")
    yield from (text(f"  export {name}={value}", "cyan") for name, value in way.environment.items())
    yield text(f"\n  {way.place}:", "dim")
    yield text("\n".join(f"  {line}".rstrip() for line in way.code.splitlines()), "cyan")
