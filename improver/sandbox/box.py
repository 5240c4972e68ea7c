"""Runs one Order in its box, to its end or to ours."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from improver.errors import ImproverError
from improver.model import Boxed, Ending, Isolation
from improver.sandbox import bubblewrap, host, landlock
from improver.sandbox.kept import PATIENCE_S, Kept
from improver.sandbox.order import Order
from improver.sandbox.output import Excerpt
from improver.sandbox.traffic import Traffic
from improver.sandbox.wrapped import Workbench, Wrapped

TICK_S = 0.1
LAST_WORDS_S = 0.5
GRACE_S = 5.0  # for who is stopped to put away what it has; a daemon that drains waits twice as long

WRAPPERS: dict[Isolation, Callable[[Order, Workbench], Wrapped]] = {
    Isolation.BUBBLEWRAP: bubblewrap.wrap,
    Isolation.LANDLOCK: landlock.wrap,
    Isolation.HOST: host.wrap,
    Isolation.EXEMPT: host.wrap,
}


def run(
    order: Order,
    isolation: Isolation,
    *,
    on_line: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
    spent: Callable[[], bool] = lambda: False,
) -> Boxed:
    """Each line of stdout goes to `on_line`, in the calling thread; on return nothing that was started is left.

    `spent` says that it must end because its model's budget did.
    """
    _check(order, isolation)
    begun = time.monotonic()
    excerpt = Excerpt(order.output_limit)

    def heard(line: bytes) -> None:
        excerpt.add(line)
        if on_line:
            on_line(line.decode(errors="replace"))

    def over() -> Ending | None:
        if stop is not None and stop.is_set():
            return Ending.STOPPED
        if time.monotonic() - begun >= order.wall_clock_s:
            return Ending.WALL_CLOCK
        return Ending.BUDGET if spent() else None

    with _workbench() as bench:
        wrapped = WRAPPERS[isolation](order, bench)
        bench.options.seek(0)
        with Kept(wrapped, order, bench) as child:
            ending = _follow(child, Traffic(child.process, order.stdin, heard, excerpt.add), over)
        bench.breach.seek(0)
        if passed := bench.breach.read().decode():
            ending = Ending(passed)
        code = _shell_code(child.process.returncode) if ending is Ending.ITSELF else None
        bench.report.seek(0)
        if ending is Ending.ITSELF and wrapped.proof not in bench.report.read():
            raise _not_made(isolation, excerpt.text())
    return Boxed(
        code=code, output=excerpt.text(), seconds=time.monotonic() - begun, isolation=isolation, ending=ending
    )


def _check(order: Order, isolation: Isolation) -> None:
    if isolation not in WRAPPERS:
        raise ImproverError(
            f"no sandbox on this machine for {order.argv[0]}",
            hint='install bubblewrap, or set isolation = "host" for this Target to run it unsandboxed',
        )
    if not order.tree.is_dir():
        raise ImproverError(f"no folder {order.tree} to run {order.argv[0]} in", hint="was the worktree removed?")


@contextmanager
def _workbench() -> Iterator[Workbench]:
    with (
        tempfile.TemporaryDirectory(prefix="improver-box-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile(buffering=0) as options,
        tempfile.TemporaryFile(buffering=0) as report,
        tempfile.TemporaryFile(buffering=0) as breach,
    ):
        yield Workbench(folder=Path(folder), options=options, report=report, breach=breach)


def _follow(child: Kept, traffic: Traffic, over: Callable[[], Ending | None]) -> Ending:
    """What ended the command: it has ended afterwards, and its last words were heard."""
    ending = None
    with traffic:
        while child.running and not (ending := over()):
            traffic.turn(TICK_S)
        if ending is Ending.STOPPED:
            child.ask()
            _wait(child, traffic, GRACE_S)
        child.let_go()
        _wait(child, traffic, PATIENCE_S)
        traffic.drain(LAST_WORDS_S)
    return ending or Ending.ITSELF


def _wait(child: Kept, traffic: Traffic, seconds: float) -> None:
    patience = time.monotonic() + seconds
    while child.running and time.monotonic() < patience:
        traffic.turn(TICK_S)


def _shell_code(returncode: int) -> int:
    return returncode if returncode >= 0 else 128 - returncode


def _not_made(isolation: Isolation, output: str) -> ImproverError:
    return ImproverError(
        f"the {isolation} box could not be made: {output.strip()[-500:] or 'its launcher said nothing'}",
        hint="`improver doctor` tries the sandbox by itself",
    )
