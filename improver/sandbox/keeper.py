"""Runs one command and answers for its descendants: none of them outlives the command, or improver."""

# Started as `python -I -S keeper.py LEASH BREACH FOLDER LIMITS ARGV…`. LEASH is a pipe that nobody writes to: when
# improver lets go of it, or dies, everything below is killed and FOLDER, the box's own, is removed. Descendants that
# leave their session or lose their parent are adopted, not lost. Whoever passes one of LIMITS ends the same way, and
# BREACH says which.

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
from pathlib import Path
from typing import Any

ABOVE = 1 << 20  # a file may pass its limit by so much that the watchdog sees it, and can say so
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PATIENCE_S = 15.0
NEAREST = 4
KILLED = 128 + signal.SIGKILL


def main(leash: int, breach: int, folder: str, limits: str, argv: list[str]) -> int:
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.set_inheritable(leash, False)
    os.set_inheritable(breach, False)
    watchdog = our_own("watchdog").Watchdog(os.getpid(), limits)
    bell, ringer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ringer, warn_on_full_buffer=False)
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        start(argv, keeper, json.loads(limits)["disk"])
    code, passed = follow(child, leash, bell, watchdog)
    left = end_descendants()
    os.write(breach, (passed or watchdog.at_the_end()).encode())
    shutil.rmtree(folder, ignore_errors=True)
    if left:
        sys.stderr.write(f"improver: could not end these processes: {left}\n")
    return code


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


def follow(child: int, leash: int, bell: int, watchdog: Any) -> tuple[int, str]:
    """The command's exit code, once it or the leash ended; or which limit ended it."""
    while True:
        ready, _, _ = select.select([leash, bell], [], [], watchdog.TICK_S)
        code = reap(child)
        if code is not None:
            return code, ""
        if leash in ready:
            return KILLED, ""
        if bell in ready:
            os.read(bell, 512)
        if passed := watchdog.breach(time.monotonic()):
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


def end_descendants() -> list[int]:
    """Kill until nobody is left; what could not be killed (another user's processes) is returned."""
    deadline = time.monotonic() + PATIENCE_S
    # The nearest before all are looked for: with a box's own first process everybody in it dies, however many they are.
    for pid in our_own("watchdog").started_by(os.getpid(), NEAREST):
        kill(pid)
    while True:
        reap(-1)
        alive = descendants(os.getpid())
        if not alive or time.monotonic() > deadline:
            return alive
        for pid in alive:
            kill(pid)
        time.sleep(0.002)


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
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
    try:
        stat = (process / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may itself hold spaces and parentheses.
    return int(stat.rpartition(")")[2].split()[1])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:]))
