"""Runs one command and answers for its descendants: none of them outlives the command, or improver."""

# Started as `python -I -S keeper.py LEASH BREACH FOLDER LIMITS ARGV…`. LEASH is a pipe: a byte in it asks everything
# below to end (SIGTERM); when improver lets go of it, or dies, it is killed and FOLDER, the box's own, is removed.
# Descendants that leave their session or lose their parent are adopted, not lost. Whoever passes one of LIMITS is
# killed too, and BREACH says which.

import ctypes
import importlib.util
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ABOVE = 1 << 20  # a file may pass its limit by so much that the watchdog sees it, and can say so
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PATIENCE_S = 15.0
NEAREST = 4
MOST_URGENT = -20
LAUNCHER = "bwrap"
KILLED = 128 + signal.SIGKILL


def main(leash: int, breach: int, folder: str, limits: str, argv: list[str]) -> int:
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.set_inheritable(leash, False)
    os.set_inheritable(breach, False)
    asked = json.loads(limits)
    watching = our_own("watchdog")
    watchdog = watching.Watchdog(os.getpid(), limits)
    tasks = asked["processes"] * watching.THREADS_A_PROCESS
    group = our_own("cgroup").Group(asked["cgroup"], asked["memory"], tasks)
    bell, ringer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ringer, warn_on_full_buffer=False)
    keeper = os.getpid()
    usual = come_first()
    child = os.fork()
    if child == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        group.enter()
        os.setpriority(os.PRIO_PROCESS, 0, usual)
        start(argv, keeper, asked["disk"])
    code, passed = follow(child, leash, bell, lambda now: group.breach() or watchdog.breach(now), watchdog.TICK_S)
    left = end_descendants()
    os.write(breach, (passed or group.breach() or watchdog.at_the_end()).encode())
    group.remove()
    shutil.rmtree(folder, ignore_errors=True)
    if left:
        sys.stderr.write(f"improver: could not end these processes: {left}\n")
    return code


def come_first() -> int:
    """Before all that a bomb starts: root's tasks no kernel counts without a cgroup. How urgent we were until then."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, MOST_URGENT)
    except PermissionError:
        return usual  # an ordinary user's tasks are counted (RLIMIT_NPROC)
    return usual


def our_own(name: str) -> Any:
    """A module that lies beside this file: isolated as it was started, Python would not look here."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def start(argv: list[str], keeper: int, largest_file: int) -> None:
    """Become the command; never returns."""
    if os.getppid() != keeper:
        os._exit(KILLED)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file + ABOVE, largest_file + ABOVE))
    # Where memory runs out sooner than we look, the kernel is to take this before anybody else's process.
    Path("/proc/self/oom_score_adj").write_text("1000")
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        os.write(2, f"improver: cannot start {argv[0]}: {error.strerror}\n".encode())
    os._exit(127)


def follow(child: int, leash: int, bell: int, breach: Callable[[float], str], tick_s: float) -> tuple[int, str]:
    """The command's exit code, once it or the leash ended; or which limit ended it."""
    while True:
        ready, _, _ = select.select([leash, bell], [], [], tick_s)
        code = reap(child)
        if code is not None:
            return code, ""
        if leash in ready:
            if not os.read(leash, 1):
                return KILLED, ""
            ask_to_end()
        if bell in ready:
            os.read(bell, 512)
        if passed := breach(time.monotonic()):
            return KILLED, passed


def reap(child: int) -> int | None:
    """Collect everybody who ended; the exit code if the command is among them."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if pid == 0:
            return code
        if pid == child:
            ended = os.waitstatus_to_exitcode(status)
            code = ended if ended >= 0 else 128 - ended


def ask_to_end() -> None:
    """All but the box itself: it would take the others with it before they could put away what they have."""
    for pid in descendants(os.getpid()):
        if name_of(pid) != LAUNCHER:
            send(pid, signal.SIGTERM)


def end_descendants() -> list[int]:
    """Kill until nobody is left; what could not be killed (another user's processes) is returned."""
    deadline = time.monotonic() + PATIENCE_S
    # The nearest before all are looked for: with a box's own first process everybody in it dies, however many they are.
    for pid in our_own("watchdog").started_by(os.getpid(), NEAREST):
        send(pid, signal.SIGKILL)
    while True:
        reap(-1)
        alive = descendants(os.getpid())
        if not alive or time.monotonic() > deadline:
            return alive
        for pid in alive:
            send(pid, signal.SIGKILL)
        time.sleep(0.002)


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return  # gone already, or reported as left


def descendants(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        parent = parent_of(entry) if entry.name.isdigit() else None
        if parent is not None:
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def parent_of(process: Path) -> int | None:
    stat = stat_of(process)
    # The name in parentheses may itself hold spaces and parentheses.
    return int(stat.rpartition(")")[2].split()[1]) if stat else None


def name_of(pid: int) -> str:
    return stat_of(Path(f"/proc/{pid}")).partition("(")[2].rpartition(")")[0]


def stat_of(process: Path) -> str:
    try:
        return (process / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""  # it ended meanwhile


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:]))
