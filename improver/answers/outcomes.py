"""What became of delivered changes, and what was seen running."""

from improver.model import Deployment, Outcome
from improver.runtime import Runtime
from improver.warehouse import records


def outcomes(runtime: Runtime, *, finding: str = "") -> list[Outcome]:
    """Outcomes, newest first."""
    with runtime.warehouse.state.reading() as reader:
        return records.select(
            reader,
            Outcome,
            "($finding = '' or starts_with(finding_id, $finding)) order by decided_at desc",
            {"finding": finding},
        )


def deployments(runtime: Runtime, *, target: str = "") -> list[Deployment]:
    """Releases seen running, newest first."""
    with runtime.warehouse.state.reading() as reader:
        return records.select(
            reader, Deployment, "($target = '' or target = $target) order by seen_at desc limit 100", {"target": target}
        )
