"""The box of choice: own namespaces, no network, and only what the command needs, read-only."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from improver.errors import ImproverError
from improver.paths import search_path
from improver.sandbox import gitdir
from improver.sandbox.bridge import PORT
from improver.sandbox.discover import SYSTEM
from improver.sandbox.order import Network, Order
from improver.sandbox.sight import ETC, Sight, sight
from improver.sandbox.watchdog import THREADS_A_PROCESS
from improver.sandbox.wrapped import Workbench, Wrapped

HOME = "/tmp/home"
IN_MEMORY = ("/tmp", "/dev/shm")
MOST_NAMESPACES = Path("/proc/sys/user/max_user_namespaces")
BRIDGE = Path(__file__).with_name("bridge.py")
BRIDGE_INSIDE = "/run/improver/bridge.py"
MODEL_INSIDE = "/run/improver/model.sock"
PRLIMIT = "/usr/bin/prlimit"
SHARING = ("--share-net",)
RESOLVER = "/etc/resolv.conf"
PROC_READ_ONLY = ("sys", "sysrq-trigger", "irq", "bus", "fs", "pressure")
PROC_HIDDEN = (
    "acpi", "asound", "kcore", "keys", "kmsg", "latency_stats", "mtrr", "sched_debug", "scsi", "timer_list",
    "timer_stats",
)  # fmt: skip
ISOLATED = (
    "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "box", "--clearenv",
)  # fmt: skip


def wrap(order: Order, bench: Workbench) -> Wrapped:
    bwrap = shutil.which("bwrap", path=search_path(os.environ))
    if bwrap is None:
        raise ImproverError("bubblewrap is not installed", hint="apt-get install bubblewrap")
    env = order.environment(home=HOME, temporary="/tmp")
    bridge = (_python(), "-I", "-S", BRIDGE_INSIDE, str(PORT), MODEL_INSIDE) if order.model_socket else ()
    seen = sight(replace(order, programs=(*order.programs, *bridge[:1])), env["PATH"])
    features = _features(bwrap)
    sized = ("--size", str(order.limits.memory)) if "--size" in features else ()
    in_memory = [word for folder in IN_MEMORY for word in (*sized, "--tmpfs", folder)]
    # Inside another user namespace a process could mount what no limit sees.
    alone = "--disable-userns" in features and _has_namespaces()
    options = [
        *ISOLATED,
        *(SHARING if order.network is Network.SHARED else ()),
        *(("--unshare-user", "--disable-userns") if alone else ()),
        *(word for name, value in env.items() for word in ("--setenv", name, value)),
        *_system(),
        "--proc", "/proc", *_proc(), "--dev", "/dev", *in_memory, "--remount-ro", "/dev", "--dir", HOME,
        *_binds(seen),
        *gitdir.mounts(order.git_dir, order.tree, bench.folder),
        *(_model(order.model_socket) if order.model_socket else ()),
        *(("--ro-bind-try", RESOLVER, RESOLVER) if order.network is Network.SHARED else ()),
        "--remount-ro", "/", "--chdir", str(order.tree),
    ]  # fmt: skip
    # By file and not by argument: `ps` shows arguments to everybody on the machine.
    bench.options.write(b"".join(option.encode() + b"\0" for option in options))
    given = (bench.options.fileno(), bench.report.fileno())
    command = (*(_counted(order) if alone else ()), *bridge, str(seen.program), *order.argv[1:])
    return Wrapped(
        argv=(bwrap, "--args", str(given[0]), "--json-status-fd", str(given[1]), "--", *command),
        env={},
        proof=b'"exit-code"',
        descriptors=given,
        in_memory=IN_MEMORY,
    )


@cache
def _features(bwrap: str) -> str:
    """The options that this bubblewrap knows."""
    return subprocess.run([bwrap, "--help"], capture_output=True, text=True, timeout=20, check=False).stdout


def _proc() -> Iterator[str]:
    """Files that root may write without any capability: `core_pattern` names a program that the kernel starts."""
    for path in (Path("/proc") / name for name in PROC_READ_ONLY):
        yield from ("--ro-bind-try", str(path), str(path))
    for path in (Path("/proc") / name for name in PROC_HIDDEN):
        if path.is_dir():
            yield from ("--tmpfs", str(path), "--remount-ro", str(path))
        elif path.exists():
            yield from ("--ro-bind", "/dev/null", str(path))


def _counted(order: Order) -> tuple[str, ...]:
    """The kernel counts the tasks of one user in one user namespace; root's it does not hold to it."""
    most = order.limits.processes * THREADS_A_PROCESS
    return (PRLIMIT, f"--nproc={most}:{most}", "--") if Path(PRLIMIT).exists() else ()


def _has_namespaces() -> bool:
    try:
        return int(MOST_NAMESPACES.read_text()) > 0
    except OSError:
        return False


def _system() -> Iterator[str]:
    for folder in SYSTEM:
        if folder.is_symlink():
            yield from ("--symlink", str(folder.readlink()), str(folder))
        elif folder.is_dir():
            yield from ("--ro-bind", str(folder), str(folder))
    for path in ETC:
        yield from ("--ro-bind-try", str(path), str(path))


def _binds(seen: Sight) -> Iterator[str]:
    how = dict.fromkeys(seen.readable, "--ro-bind") | dict.fromkeys(seen.writable, "--bind")
    for path in sorted(how, key=lambda path: len(path.parts)):  # a folder before what lies in it
        yield from (how[path], str(path), str(path))


def _python() -> str:
    """improver's interpreter without its virtual environment: the bridge needs the standard library only."""
    return str(Path(sys.executable).resolve())


def _model(socket: Path) -> tuple[str, ...]:
    return ("--ro-bind", str(BRIDGE), BRIDGE_INSIDE, "--bind", str(socket), MODEL_INSIDE)
