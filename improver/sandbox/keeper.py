"""Runs one command and answers for its descendants: none of them outlives the command, or improver."""

# Started as `python -I -S keeper.py LEASH FOLDER ARGV…`. LEASH is a pipe that nobody writes to: when improver lets go
# of it, or dies, everything below is killed and FOLDER, the box's own, is removed. Descendants that leave their session
# or lose their parent are adopted, not lost.

import ctypes
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
PATIENCE_S = 5.0
KILLED = 128 + signal.SIGKILL


def main(leash: int, folder: str, argv: list[str]) -> int:
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    os.set_inheritable(leash, False)
    bell, ringer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ringer, warn_on_full_buffer=False)
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        start(argv, keeper)
    code = follow(child, leash, bell)
    left = end_descendants()
    shutil.rmtree(folder, ignore_errors=True)
    if left:
        sys.stderr.write(f"improver: could not end these processes: {left}\n")
    return code


def start(argv: list[str], keeper: int) -> None:
    """Become the command; never returns."""
    if os.getppid() != keeper:
        os._exit(KILLED)
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        os.write(2, f"improver: cannot start {argv[0]}: {error.strerror}\n".encode())
    os._exit(127)


def follow(child: int, leash: int, bell: int) -> int:
    """The command's exit code, once it or the leash ended."""
    while True:
        ready, _, _ = select.select([leash, bell], [], [])
        code = reap(child)
        if code is not None:
            return code
        if leash in ready:
            return KILLED
        os.read(bell, 512)


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
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
