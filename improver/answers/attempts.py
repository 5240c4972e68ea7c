"""Attempts: what an Agent did, what the Gates said, where it went."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from improver.dispatching import spend
from improver.errors import ImproverError
from improver.model import Attempt, AttemptReason, Pull
from improver.repo import Repository
from improver.runtime import Runtime
from improver.sandbox.manifest import Sent, sent
from improver.warehouse import records


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictView:
    gate: str
    result: str
    reason: str
    detail: str
    output: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PullView:
    """A pull request, as its forge last showed it."""

    state: str
    state_gloss: str
    checks: str
    failing: tuple[str, ...]
    conflict: bool
    draft: bool
    closed_as: str
    note: str
    opened_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptRow:
    id: str
    finding_id: str
    target: str
    number: int
    status: str
    reason: str
    reason_gloss: str
    detail: str
    agent: str
    isolation: str
    isolation_gloss: str
    autonomy: str
    autonomy_reasons: tuple[str, ...]
    delivered: str | None
    delivered_commit: str
    branch: str
    url: str
    pull: PullView | None
    usd: float | None
    tokens: int | None
    summary: str
    claimed_at: datetime
    ended_at: datetime | None
    verdicts: tuple[VerdictView, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptView:
    row: AttemptRow
    base: str
    commit: str
    diff: str
    transcript: str  # where the Agent's whole output is kept
    sent: tuple[Sent, ...]  # every request that left for a model, in order
    sent_to: str  # the folder from which their bodies are named: gzipped files
    spent: spend.Sum  # by improver's own count


def attempts(runtime: Runtime, *, finding: str = "") -> list[AttemptRow]:
    """Attempts, newest first, of one Finding or of all."""
    with runtime.warehouse.state.reading() as reader:
        found = records.select(
            reader,
            Attempt,
            "($finding = '' or starts_with(finding_id, $finding)) order by claimed_at desc",
            {"finding": finding},
        )
        pulls = {pull.id: pull for pull in records.select(reader, Pull)}
    return [row_of(attempt, pulls.get(attempt.id)) for attempt in found]


def attempt(runtime: Runtime, *, id: str) -> AttemptView:
    """One Attempt with its diff."""
    with runtime.warehouse.state.reading() as reader:
        found = records.select(reader, Attempt, "starts_with(id, $id) limit 2", {"id": id}) if id else []
        pull = records.get(reader, Pull, found[0].id) if found else None
    if len(found) != 1:
        raise ImproverError(f"there is no attempt {id!r}", hint="`improver attempts` lists them")
    one = found[0]
    diff = Repository(runtime.target(one.target).repo).diff(one.base, one.commit) if one.commit else ""
    transcript = runtime.data.attempts / one.id / "transcript.jsonl"
    return AttemptView(
        row=row_of(one, pull),
        base=one.base,
        commit=one.commit,
        diff=diff,
        transcript=str(transcript) if transcript.exists() else "",
        sent=_sent(runtime.data.attempts / one.id),
        sent_to=str(runtime.data.attempts / one.id),
        spent=spend.of(runtime, one),
    )


def _sent(folder: Path) -> tuple[Sent, ...]:
    """By the Agent, and by the one that reviewed its change."""
    reviewed = (replace(one, body=one.body and f"review/{one.body}") for one in sent(folder / "review"))
    return tuple(sorted((*sent(folder), *reviewed), key=lambda one: one.at))


def row_of(one: Attempt, pull: Pull | None) -> AttemptRow:
    return AttemptRow(
        id=one.id,
        finding_id=one.finding_id,
        target=one.target,
        number=one.number,
        status=one.status,
        reason=one.reason,
        reason_gloss=AttemptReason(one.reason).gloss if one.reason else "",
        detail=one.detail,
        agent=one.agent,
        isolation=one.isolation,
        isolation_gloss=one.isolation.gloss,
        autonomy=one.autonomy,
        autonomy_reasons=one.autonomy_reasons,
        delivered=one.delivered,
        delivered_commit=one.delivered_commit,
        branch=one.branch,
        url=one.url,
        pull=_pull_view(pull) if pull else None,
        usd=one.usd,
        tokens=one.tokens,
        summary=one.summary,
        claimed_at=one.claimed_at,
        ended_at=one.ended_at,
        verdicts=tuple(
            VerdictView(gate=v.gate, result=v.result, reason=v.reason, detail=v.detail, output=v.output)
            for v in one.verdicts
        ),
    )


def _pull_view(pull: Pull) -> PullView:
    return PullView(
        state=pull.state,
        state_gloss=pull.state.gloss,
        checks=pull.checks,
        failing=pull.failing,
        conflict=pull.conflict,
        draft=pull.draft,
        closed_as=pull.closed_as,
        note=pull.note,
        opened_at=pull.opened_at,
        updated_at=pull.updated_at,
    )
