"""Lays out the quarantine, what a replay came to, and the keys."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import RenderableType

from improver import render
from improver.answers.keys import KeyRow
from improver.answers.quarantine import QuarantinedRow
from improver.cli.output import table, text
from improver.upkeep.replay import Replayed


def quarantined(found: Sequence[QuarantinedRow]) -> Iterator[RenderableType]:
    if not found:
        yield "Nothing is in quarantine."
        return
    now = datetime.now(UTC)
    rows = [(o.id, o.collector, render.ago(o.received_at, now), render.size(o.bytes), o.reason) for o in found]
    yield table(("ID", "COLLECTOR", "RECEIVED", "SIZE", "REASON"), rows, right=("SIZE",))


def replayed(done: Replayed) -> Iterator[RenderableType]:
    yield f"{done.payloads:,} Payloads digested once more: {done.events:,} Events."
    if done.quarantined:
        yield text(f"{done.quarantined:,} still cannot be understood: `improver quarantine` says why.", "yellow")


def listing(found: Sequence[KeyRow]) -> Iterator[RenderableType]:
    if not found:
        yield "There are no keys yet: `improver connect TARGET` makes one."
        return
    now = datetime.now(UTC)
    heads = ("ID", "TARGET", "TRUST", "CREATED", "LAST USED", "STATE")
    yield table(heads, [_row(one, now) for one in found])


def _row(one: KeyRow, now: datetime) -> tuple[object, ...]:
    used = render.ago(one.last_used, now) if one.last_used else "never seen"
    state = "revoked" if one.revoked_at else "valid"
    only = f", only for {', '.join(one.origins)}" if one.origins else ""
    return one.id, one.target, one.trust, f"{one.created:%Y-%m-%d}", used, f"{state}{only}"
