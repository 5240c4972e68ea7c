"""Lays out what an analysis of files found."""

from collections.abc import Iterator
from dataclasses import replace

from rich.console import RenderableType

from improver import render
from improver.analyze import Analysis
from improver.cli.finding_layout import listing
from improver.cli.output import heading, table, text
from improver.errors import ImproverError

UNREADABLE_SHOWN = 10


def refuse_if_nothing_was_understood(found: Analysis, collector: str) -> None:
    """Nothing is wrong in what nobody could read: that must not be the answer."""
    if found.lines and len(found.unreadable) == found.lines:
        raise ImproverError(
            f"none of the {render.counted(found.lines, 'line')} could be understood as {collector}: "
            f"{found.unreadable[0]}: {found.unreadable_because[0]}",
            hint="one record a line, in the format that --as names",
        )


def without_events(found: Analysis) -> Analysis:
    return replace(found, events=())


def page(found: Analysis) -> Iterator[RenderableType]:
    yield from listing(found.findings) if found.findings else ("Nothing goes wrong in these files.",)
    left_out = ", ".join(f"{reason} {number:,}" for reason, number in found.rejected.items())
    yield text(f"\n{render.counted(found.lines, 'line')}{f'; left out: {left_out}' if left_out else ''}", "dim")
    for ref, because in list(zip(found.unreadable, found.unreadable_because, strict=True))[:UNREADABLE_SHOWN]:
        yield text(f"not understood: {ref}: {because}", "yellow")
    if len(found.unreadable) > UNREADABLE_SHOWN:
        yield text(f"and {len(found.unreadable) - UNREADABLE_SHOWN:,} more lines; --json names them all", "yellow")


def events(found: Analysis) -> Iterator[RenderableType]:
    yield heading("Events")
    heads = ("LINE", "KIND", "GROUP", "TEMPLATE")
    yield table(heads, [(one.ref, one.kind, one.fingerprint, one.template) for one in found.events])
