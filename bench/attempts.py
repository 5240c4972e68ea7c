"""What an Attempt costs besides its Agent and its tests, and what many of them leave behind."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure, Target
from bench.timing import summarised
from improver import pipeline, sandbox
from improver.dispatching import attempts
from improver.errors import ImproverError
from improver.model import Isolation
from improver.runtime import Runtime
from improver.sandbox.watchdog import started_by
from improver.stages import dispatch
from improver.warehouse import records
from tests import world

FEW, MANY = 20, 200
MOST_S = 1.5
OPEN = Path("/proc/self/fd")
NOTHING = ["true"]  # instead of tests: so it is always a Gate that ends it, the last one to look before delivery


def measure(full: bool = False) -> Iterator[Figure]:
    if sandbox.probe() != Isolation.BUBBLEWRAP:
        sys.stderr.write("no Attempts: they need bubblewrap\n")
        return
    with tempfile.TemporaryDirectory(prefix="improver-bench-") as folder:
        scratch = Path(folder, "scratch")
        scratch.mkdir()
        tempfile.tempdir = str(scratch)
        try:
            yield from _measured(Path(folder), MANY if full else FEW)
        finally:
            tempfile.tempdir = None


def _measured(folder: Path, times: int) -> Iterator[Figure]:
    shop = world.make_shop(folder / "shop")
    settings = world.settings(folder, shop, world.plan(folder), test=NOTHING, autonomy="branch")
    with world.opened(settings, world.Clock()) as runtime:
        world.send(runtime, world.server_key(runtime), world.error(world.git(shop, "rev-parse", "HEAD")))
        pipeline.analyse(runtime)
        attempts.drive_all(runtime)  # with warm caches: the first one does not count
        open_before = len(list(OPEN.iterdir()))
        timing = summarised([_one(runtime) for _ in range(times)])
        left = _left(runtime, shop)
        opened = len(list(OPEN.iterdir())) - open_before
    yield Figure(
        name="an Attempt without Agent and tests", value=timing.seconds, unit="s", spread=timing.spread,
        target=Target(at_most=MOST_S), note=f"{times} in sequence, in bubblewrap; each ends at a Gate",
    )  # fmt: skip
    for what, count in {**left, "open files": max(0, opened)}.items():
        yield Figure(name=f"{what} left by them", value=count, unit="", target=Target(at_most=0))


def _one(runtime: Runtime) -> float:
    with runtime.warehouse.state.reading() as reader:
        [finding] = records.select(reader, dispatch.Finding)
    begun = time.monotonic()
    claimed = dispatch.claim(runtime, dispatch.reckon(runtime, finding))
    if claimed is None:
        raise ImproverError("the Finding could not be claimed again", hint="see what the Attempt before it left")
    attempts.drive(runtime, claimed)
    return time.monotonic() - begun


def _left(runtime: Runtime, shop: Path) -> dict[str, int]:
    """Transcripts, and the change as a ref of improver's own, are kept on purpose."""
    folders = [path.name for one in runtime.data.attempts.iterdir() for path in one.iterdir() if path.is_dir()]
    return {
        "worktrees": world.git(shop, "worktree", "list").count("\n"),
        "branches": world.git(shop, "branch", "--list").count("\n"),
        "processes": len(started_by(os.getpid(), MANY)),
        "folders of Attempts": sum(name in ("tree", "home") or name[:5] == "gate-" for name in folders),
        "temporary files": len(list(Path(tempfile.gettempdir()).iterdir())),
    }
