"""Lays out what an analysis of files found."""

from collections.abc import Iterator
from dataclasses import replace

from rich.console import RenderableType

from improver import render
from improver.analyze import Analysis
from improver.cli.finding_layout import listing
from improver.cli.output import heading, table, text


def without_events(found: Analysis) -> Analysis:
    return replace(found, events=())


def page(found: Analysis) -> Iterator[RenderableType]:
    yield from listing(found.findings) if found.findings else ("Nothing goes wrong in these files.",)
    left_out = ", ".join(f"{reason} {number:,}" for reason, number in found.rejected.items())
    yield text(f"\n{render.counted(found.lines, 'line')}{f'; left out: {left_out}' if left_out else ''}", "dim")
    if found.unreadable:
        yield text(f"not understood: {', '.join(found.unreadable[:10])}", "yellow")


def events(found: Analysis) -> Iterator[RenderableType]:
    yield heading("Events")
    heads = ("LINE", "KIND", "GROUP", "TEMPLATE")
    yield table(heads, [(one.ref, one.kind, one.fingerprint, one.template) for one in found.events])
