"""Lays out Attempts and Outcomes for a terminal or a pipe."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import RenderableType

from improver import render
from improver.answers.attempts import AttemptRow, AttemptView, PullView, VerdictView
from improver.answers.transcripts import Transcript
from improver.cli.output import fields, heading, table, text
from improver.model import Outcome
from improver.sandbox.manifest import Sent

STYLES = {"delivered": "green", "failed": "red", "held": "green", "pass": "green", "fail": "red"}
NO_ATTEMPTS = ("No Attempts.", "`improver findings` says why each Finding waits; `improver dispatch ID` asks for one.")
NO_OUTCOMES = ("No Outcomes.", "One follows when a delivered change was seen running; `improver attempts` lists those.")


def attempts_listing(found: Sequence[AttemptRow]) -> Iterator[RenderableType]:
    if not found:
        yield from NO_ATTEMPTS
        return
    yield attempts_table(found)


def outcomes_listing(found: Sequence[Outcome]) -> Iterator[RenderableType]:
    if not found:
        yield from NO_OUTCOMES
        return
    yield outcomes_table(found)


def attempts_table(found: Sequence[AttemptRow]) -> RenderableType:
    now = datetime.now(UTC)
    heads = ("ID", "FINDING", "TRY", "BEGUN", "AGENT", "ISOLATION", "STATUS", "WHAT CAME OF IT")
    return table(heads, [_row(one, now) for one in found], right=("TRY",))


def _row(one: AttemptRow, now: datetime) -> tuple[object, ...]:
    return (
        text(one.id, "cyan"),
        one.finding_id,
        one.number,
        render.ago(one.claimed_at, now),
        one.agent,
        one.isolation,
        text(one.status, STYLES.get(one.status, "")),
        _end(one),
    )


def _end(one: AttemptRow) -> str:
    if one.delivered and not one.reason:
        return " ".join(part for part in (one.delivered, one.delivered_commit[:12], one.url or one.branch) if part)
    return f"{one.reason}: {one.detail or one.reason_gloss}" if one.reason else ""


def page(found: AttemptView) -> Iterator[RenderableType]:
    row = found.row
    yield text(f"Attempt {row.id}", "bold")
    yield fields(_facts(found))
    if row.verdicts:
        yield heading("Gates")
        yield table(("GATE", "VERDICT", "REASON", "DETAIL"), [_verdict(one) for one in row.verdicts])
    for one in row.verdicts:
        if one.result == "fail" and one.output:
            yield heading(f"What {one.gate} saw")
            yield text(one.output.rstrip())
    if found.sent:
        yield heading("Sent to the model")
        size = render.size(sum(one.bytes for one in found.sent))
        yield f"{len(found.sent)} requests, {size}; bodies are below {found.sent_to}"
        yield table(("AT", "BYTES", "PATH", "SHA-256", "BODY"), [_sent(one) for one in found.sent], right=("BYTES",))
    if found.diff:
        yield heading("Change")
        yield text(found.diff.rstrip("\n"))


def transcript(said: Transcript) -> Iterator[RenderableType]:
    """Its words, made inert: they may be anybody's."""
    if not said.file:
        yield "No transcript: its Agent has not begun, or it is past its time."
        return
    if said.left_out:
        yield f"… {said.left_out:,} bytes before this are in {said.file} …"
    for line in said.lines:
        yield text(line)


def _facts(found: AttemptView) -> list[tuple[str, object]]:
    row, now = found.row, datetime.now(UTC)
    ended = f", ended {render.ago(row.ended_at, now)}" if row.ended_at else ""
    cost = f"${row.usd:.2f}" if row.usd is not None else ""
    tokens = f"{row.tokens:,} tokens" if row.tokens is not None else ""
    return [
        ("finding", f"{row.finding_id}, try {row.number}"),
        ("target", row.target),
        ("agent", row.agent),
        ("isolation", f"{row.isolation}: {row.isolation_gloss}"),
        ("autonomy", [row.autonomy, *row.autonomy_reasons]),
        ("begun", f"{render.ago(row.claimed_at, now)}{ended}"),
        ("status", row.status),
        ("reason", f"{row.reason}: {row.detail or row.reason_gloss}" if row.reason else ""),
        ("delivered", _end(row) if row.delivered else ""),
        ("pull request", _pull(row.pull) if row.pull else ""),
        ("base", found.base),
        ("commit", found.commit),
        ("spent", ", ".join(part for part in (cost, tokens) if part)),
        ("summary", row.summary),
        ("transcript", found.transcript),
    ]


def _pull(pull: PullView) -> list[str]:
    state = f"{'draft, ' if pull.draft else ''}{pull.state}: {pull.closed_as or pull.state_gloss}"
    failing = f" ({', '.join(pull.failing)})" if pull.failing else ""
    conflict = "it conflicts with its base" if pull.conflict else ""
    return [part for part in (state, f"checks: {pull.checks}{failing}", conflict, pull.note) if part]


def _sent(one: Sent) -> tuple[object, ...]:
    kept = "kept" if one.body else "not kept: too much"
    return f"{one.at:%H:%M:%S}", f"{one.bytes:,}", one.path, one.sha256[:16], kept


def _verdict(one: VerdictView) -> tuple[object, ...]:
    return one.gate, text(one.result, STYLES.get(one.result, "")), one.reason, one.detail


def outcomes_table(found: Sequence[Outcome]) -> RenderableType:
    now = datetime.now(UTC)
    heads = ("OUTCOME", "FINDING", "ATTEMPT", "DECIDED", "EXPOSED", "RECURRED", "WHY")
    rows = [
        (
            text(one.kind, STYLES.get(one.kind, "")), one.finding_id, one.attempt_id, render.ago(one.decided_at, now),
            one.exposures, one.recurrences, one.detail,
        )
        for one in found
    ]  # fmt: skip
    return table(heads, rows, right=("EXPOSED", "RECURRED"))
