"""Everything that reads what somebody else wrote: by name, how it is driven, and what it is first given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.fuzz import collecting, reading, seeds
from bench.fuzz.samples import Sample


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoder:
    """`run` returns for whatever it is given, or raises: that is a crash."""

    seeds: Callable[[], Sequence[Sample]]
    run: Callable[[Sample], None]


def decoders(folder: Path) -> Mapping[str, Decoder]:
    """`folder` is for files that some of them read."""
    return {
        "otlp": Decoder(seeds=seeds.otlp, run=collecting.over_http("otlp")),
        "sentry": Decoder(seeds=seeds.sentry, run=collecting.over_http("sentry")),
        "posthog": Decoder(seeds=seeds.posthog, run=collecting.over_http("posthog")),
        "feedback": Decoder(seeds=seeds.feedback, run=collecting.over_http("feedback")),
        "crash": Decoder(seeds=seeds.crash, run=collecting.crash_file(folder)),
        "logs": Decoder(seeds=seeds.logs, run=collecting.log_file(folder)),
        "reports": Decoder(seeds=seeds.reports, run=collecting.log_file(folder, "report.xml")),
        "agent_sessions": Decoder(seeds=seeds.transcripts, run=collecting.transcript(folder)),
        "sentry_api": Decoder(seeds=seeds.sentry_api, run=collecting.pulled("sentry_api", organization="acme")),
        "posthog_api": Decoder(seeds=seeds.posthog_api, run=collecting.pulled("posthog_api", project="7")),
        "inflate": Decoder(seeds=seeds.compressed, run=reading.inflated),
        "scrub": Decoder(seeds=seeds.values, run=reading.scrubbed),
        "grouping": Decoder(seeds=seeds.errors, run=reading.grouped),
        "schedules": Decoder(seeds=seeds.schedules, run=reading.scheduled),
        "sourcemaps": Decoder(seeds=seeds.maps, run=reading.mapped(folder)),
        "mcp": Decoder(seeds=seeds.calls, run=reading.tool_called(folder)),
        "spool": Decoder(seeds=seeds.segments, run=reading.segment(folder)),
    }
