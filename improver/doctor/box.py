"""The sandbox: a program in it tries every way out that is known, and must fail."""

import ctypes
import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from improver import sandbox
from improver.doctor import escapes
from improver.doctor.check import Check, fail, failed, ok, warn
from improver.errors import ImproverError
from improver.model import Boxed, Ending, Isolation
from improver.sandbox import Limits, Order

TRIAL_S = 30.0
INSTALL = "apt-get install bubblewrap"
MIB = 1 << 20
# One limit each, so that it is the one that is passed.
SMALL = {
    Ending.MEMORY: Limits(memory=128 * MIB),
    Ending.PROCESSES: Limits(processes=32),
    Ending.DISK: Limits(disk=32 * MIB),
}
# What would pass it, and is ended when it does.
EXCESSES = {
    Ending.MEMORY: "import time\nheld = [bytearray(8 << 20) for _ in range(40)]\ntime.sleep(30)",
    Ending.PROCESSES: "import os, time\nfor _ in range(64): os.fork() or (time.sleep(30), os._exit(0))\ntime.sleep(30)",
    Ending.DISK: "import time\nfor n in range(8): open(str(n), 'wb').write(bytes(8 << 20))\ntime.sleep(30)",
}


def examine(isolation: Isolation, data: Path) -> Iterator[Check]:
    """The sandbox as a whole, then each way out of it."""
    if isolation == Isolation.NONE:
        yield warn("sandbox", f"{isolation.gloss}: nothing is attempted", _install())
        return
    try:
        tries = _tries(isolation, data)
        tries += [_excess(isolation, limit) for limit in EXCESSES]
    except ImproverError as error:
        yield failed("sandbox", error)
        return
    yield _whole(isolation, tries)
    yield from tries


def _whole(isolation: Isolation, tries: list[Check]) -> Check:
    out = [check.name for check in tries if check.todo]
    said = f"{isolation}: {isolation.gloss}; {len(tries) - len(out)} of {len(tries)} ways out are closed"
    said += f"; {sandbox.held(isolation)}"
    if isolation == Isolation.BUBBLEWRAP and out:
        return fail("sandbox", said, "start no Agent here; report this with your kernel's and bubblewrap's version")
    if isolation.cap.rank < Isolation.BUBBLEWRAP.cap.rank:
        return warn("sandbox", f"{said}; changes go no further than {isolation.cap}", _install())
    return fail("sandbox", said, _install()) if out else ok("sandbox", said)


def _install() -> str:
    if sys.platform != "linux":
        return f"there is no sandbox for {sys.platform}, and improver is untested there: use Linux"
    return INSTALL


def _tries(isolation: Isolation, data: Path) -> list[Check]:
    with _bait(data) as (tree, facts):
        argv = (sys.executable, "-I", "-c", Path(escapes.__file__).read_text(), json.dumps(facts))
        done = sandbox.run(Order(argv=argv, tree=tree, wall_clock_s=TRIAL_S), isolation)
    stopped = _stopped(done)
    return [_check(isolation, way.__name__, way.__doc__ or "", stopped[way.__name__]) for way in escapes.TRIES]


def _stopped(done: Boxed) -> dict[str, str]:
    if done.code != 0:
        said = done.output.strip()[-300:]
        raise ImproverError(f"a program in the sandbox ended with {done.code}: {said}", hint=_install())
    found: dict[str, str] = json.loads(done.output.strip().splitlines()[-1])
    return found


def _check(isolation: Isolation, name: str, what: str, stopped: str) -> Check:
    label = f"box: {name.replace('_', ' ')}"
    if stopped:
        return ok(label, f"could not {what}: {stopped}")
    verdict = fail if isolation == Isolation.BUBBLEWRAP else warn
    return verdict(label, f"a program in the box can {what}", _install())


def _excess(isolation: Isolation, limit: Ending) -> Check:
    with tempfile.TemporaryDirectory(prefix="improver-doctor-") as tree:
        argv = (sys.executable, "-I", "-c", EXCESSES[limit])
        done = sandbox.run(Order(argv=argv, tree=Path(tree), wall_clock_s=TRIAL_S, limits=SMALL[limit]), isolation)
    stopped = f"ended after {done.seconds:.1f} s" if done.ending == limit else ""
    return _check(isolation, f"{limit}_limit", f"take more than its share ({limit})", stopped)


@contextmanager
def _bait(data: Path) -> Iterator[tuple[Path, escapes.Facts]]:
    """A worktree, and around it everything that must not be reached from there."""
    with ExitStack() as stack:
        tree = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="improver-doctor-")))
        (tree / ".git" / "hooks").mkdir(parents=True)
        other = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="improver-doctor-")))
        (other / "canary").write_text("a secret of another repository")
        in_home = stack.enter_context(tempfile.NamedTemporaryFile(dir=Path.home(), prefix=".improver-doctor-"))
        port = stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
        abstract = f"improver-doctor-{secrets.token_hex(8)}"
        for address in (f"\0{abstract}", str(other / "sock")):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        memory = ctypes.create_string_buffer(b"canary")
        yield tree, {
            "in_home": in_home.name, "ssh": str(Path.home() / ".ssh"), "elsewhere": str(other / "canary"),
            "data": str(data), "pid": os.getpid(), "started": _started(), "port": port, "abstract": abstract,
            "socket": str(other / "sock"), "address": ctypes.addressof(memory),
        }  # fmt: skip


def _started() -> str:
    """When this process began, in the kernel's ticks: with its number, nobody else's."""
    return Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
