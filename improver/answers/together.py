"""Why Events are one Finding: the grouping key line by line, what is merged into it, and what only looks alike."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from improver import grouping
from improver.analysis.merging import Kinships
from improver.grouping import Part
from improver.model import ErrorEvent, Finding, Kin, Kinship, Raised
from improver.runtime import Runtime
from improver.warehouse import Reader, records

STACK = """
select payload_id, occurred_at, platform, message, template, raised, client_fingerprint
from errors where list_contains($evidence, event_id) order by seq desc limit 1
"""

# A line that there was no room for in what is learned stands for itself.
TEMPLATE = """
select coalesce(known.template, logs.template) as template
from logs left join log_templates as known
    on known.target = logs.target and known.service = logs.service and known.message = logs.template
where list_contains($evidence, event_id) order by seq desc limit 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """Another Finding, and what it has to do with this one."""

    id: str
    title: str
    kin: str
    because: str
    likeness: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Together:
    """`parts` are of the newest Event; `merged_into` names the Finding that this one's Events count with."""

    parts: tuple[Part, ...]
    merged_into: str
    related: tuple[Related, ...]


def together(runtime: Runtime, reader: Reader, found: Finding) -> Together:
    kinships = Kinships.read(reader)
    into = kinships.root(found.id)
    told = [(k, _other(k, found.id)) for kin in Kin for k in kinships.of(found.id, kin)]
    titles = {f.id: f.title for f in records.select(reader, Finding, "list_contains($ids, id)", _ids(told))}
    return Together(
        parts=_parts(runtime, found),
        merged_into="" if into == found.id else into,
        related=tuple(_related(k, other, titles.get(other, "")) for k, other in told),
    )


def _other(kinship: Kinship, finding: str) -> str:
    return kinship.other_id if kinship.finding_id == finding else kinship.finding_id


def _ids(told: list[tuple[Kinship, str]]) -> dict[str, object]:
    return {"ids": [other for _, other in told]}


def _related(kinship: Kinship, other: str, title: str) -> Related:
    return Related(
        id=other, title=title, kin=kinship.kin, because=kinship.told_by.gloss, likeness=kinship.likeness
    )


def _parts(runtime: Runtime, found: Finding) -> tuple[Part, ...]:
    """Of the Event itself: nothing where it has aged out, or is neither an error nor a line of a log."""
    telemetry, asked = runtime.warehouse.telemetry, {"evidence": list(found.evidence)}
    rows = telemetry.rows(STACK, asked)
    if not rows:
        return tuple(Part(what="template", text=row["template"]) for row in telemetry.rows(TEMPLATE, asked))
    row = rows[0]
    error = ErrorEvent(
        payload_id=row["payload_id"],
        occurred_at=row["occurred_at"],
        platform=row["platform"],
        message=row["message"],
        template=row["template"],
        raised=_CHAIN.validate_json(row["raised"]),
        client_fingerprint=_WORDS.validate_json(row["client_fingerprint"]),
    )
    return grouping.explain(error)


_CHAIN = TypeAdapter(tuple[Raised, ...])
_WORDS = TypeAdapter(tuple[str, ...])
