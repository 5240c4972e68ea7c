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
    return shown.append_text(text(f"\n      → {one.todo}", "dim")) if one.todo else shown


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
    if not any(way.installed for way in found.ways):
        yield text("\nNone of the SDKs known here is among the dependencies. What follows works without one.", "dim")
    yield heading("Without a change to the app: crashes, their stacks, and restarts onto verified fixes")
    yield text(f"  {found.watch}", "cyan")
    yield text("  An OpenTelemetry, Sentry or PostHog SDK in it that was told nothing else then reports here.", "dim")
    for way in found.anyway:
        yield from _anyway(way)
    yield heading("Then")
    yield text("  improver doctor", "cyan")
    yield text("  tries, with `improver run` up, whether each kind of telemetry arrives.", "dim")


def retired(old: Sequence[str]) -> Iterator[RenderableType]:
    """What is left to do after a rotation."""
    if old:
        yield heading("Once no app shows the old keys any more")
        yield text("\n".join(f"  improver keys revoke {key}" for key in old), "cyan")


def _way(way: Way) -> Iterator[RenderableType]:
    yield heading(f"With {way.sdk} ({way.found_in or 'not among the dependencies yet'})")
    if not way.installed:
        yield text(f"  {way.install}", "cyan")
    yield from _lines(way)


def _anyway(way: Way) -> Iterator[RenderableType]:
    yield heading(f"{way.sdk}{f' ({way.found_in})' if way.found_in else ''}")
    yield from _lines(way)


def _lines(way: Way) -> Iterator[RenderableType]:
    if way.environment:
        yield text("  in the environment that the app starts with:" if way.code else f"  {way.place}:", "dim")
        yield from (text(f"  export {name}={value}", "cyan") for name, value in way.environment.items())
    if way.code or not way.environment:
        yield text(f"  {way.place}{':' if way.code else ''}", "dim")
        yield text("\n".join(f"  {line}".rstrip() for line in way.code.splitlines()), "cyan")
