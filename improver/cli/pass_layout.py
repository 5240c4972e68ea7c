"""Lays out what one pass of the pipeline did."""

from collections.abc import Iterator

from rich.console import RenderableType

from improver import render
from improver.act import Pass
from improver.cli.output import fields

# What each stage counts.
UNITS = {
    "detect": ("symptom", ""),
    "cluster": ("finding", "touched"),
    "rank": ("finding", "ranked"),
    "observe": ("outcome", "decided"),
    "learn": ("outcome", "counted for trust"),
    "specify": ("spec", "written"),
    "dispatch": ("attempt", "claimed"),
}


def page(done: Pass) -> Iterator[RenderableType]:
    yield fields(
        [
            ("ingest", render.counted(done.events, "event")),
            *((stage, _counted(stage, number)) for stage, number in done.stages.items()),
            ("attempts", f"{done.attempts:,} driven to their end" if done.attempts else "none to drive here"),
        ]
    )


def _counted(stage: str, number: int) -> str:
    noun, done = UNITS[stage]
    return f"{render.counted(number, noun)} {done}".strip()
