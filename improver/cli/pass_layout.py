"""Lays out what one pass of the pipeline did."""

from collections.abc import Iterator

from rich.console import RenderableType

from improver import render
from improver.act import Pass
from improver.cli.output import fields


def page(done: Pass) -> Iterator[RenderableType]:
    yield fields(
        [
            ("ingest", render.counted(done.events, "event")),
            *((stage, number) for stage, number in done.stages.items()),
            ("attempts", f"{done.attempts:,} driven to their end" if done.attempts else "none to drive here"),
        ]
    )
