"""Findings in one order: minutes lost a week × trend × fixability, each factor with its reason."""

from improver import render, statistics
from improver.model import Finding, FindingStatus, Score
from improver.runtime import Runtime
from improver.warehouse import records

UNLOCATED = 0.3


def run(runtime: Runtime) -> int:
    """The number of Findings scored."""
    minutes = runtime.settings.analysis.minutes_lost
    with runtime.warehouse.state.transaction() as writer:
        found = records.select(writer, Finding, "status <> $dismissed", {"dismissed": FindingStatus.DISMISSED})
        scored = [records.changed(f, score=score_of(f, minutes.get(f.kind, 1.0))) for f in found]
        records.put_all(writer, [after for before, after in zip(found, scored, strict=True) if after != before])
    return len(found)


def score_of(finding: Finding, minutes_each: float) -> Score:
    lost = round(finding.minutes_week or finding.events_week * minutes_each, 1)
    trend = statistics.trend_factor(finding.hourly) if finding.hourly else 1.0
    fixable = 1.0 if finding.location else UNLOCATED
    where = f"it points at {finding.location.file}" if finding.location else "no frame resolves to a file of the target"
    return Score(
        value=round(lost * trend * fixable, 1),
        minutes_per_week=lost,
        reasons=(
            f"{render.number(lost)} min a week: {_price(finding, minutes_each)}",
            f"trend × {trend:.2g}: the last day against the six before",
            f"fixability × {fixable:g}: {where}",
            *_met(finding),
        ),
    )


def _met(finding: Finding) -> tuple[str, ...]:
    """Whether what people say and what telemetry saw are the same."""
    said, seen = "feedback" in finding.sources, set(finding.sources) - {"feedback"}
    if said and seen:
        return (f"said and seen: remarks are about what {', '.join(sorted(seen))} shows, and count with it",)
    return ("said only: no Finding of telemetry is about the same",) if said else ()


def _price(finding: Finding, minutes_each: float) -> str:
    if finding.minutes_week:
        return f"measured over {finding.events_week:,} times"
    return f"{finding.events_week:,} × {minutes_each:g} min each ({finding.kind})"
