"""Lays out the audit log."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from improver.cli.output import table, text
from improver.model import Chain, Entry


def listing(found: Sequence[Entry]) -> Iterator[RenderableType]:
    if not found:
        yield "Nothing was decided or done yet."
        return
    rows = [(f"{e.at:%Y-%m-%d %H:%M:%S}", e.act, e.about, _said(e)) for e in found]
    yield table(("AT (UTC)", "ACT", "ABOUT", ""), rows)


def _said(entry: Entry) -> str:
    return ", ".join(f"{name}: {value}" for name, value in entry.detail.items())


def checked(chain: Chain) -> Iterator[RenderableType]:
    if chain.problem:
        yield text(f"The audit log is broken after {chain.entries:,} entries: {chain.problem}.", "bold red")
    else:
        yield text(f"{chain.entries:,} entries, each chained to the one before.")
    if chain.contains is not None:
        yield text(f"The hash {'is' if chain.contains else 'is not'} among them.", "" if chain.contains else "bold red")
    yield text(f"The last one's hash: {chain.head}")
    yield "Kept elsewhere, it proves later that nothing up to here was changed or cut off: --contains HASH."
