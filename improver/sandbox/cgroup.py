"""Limits that the kernel itself holds, where improver was given a part of the tree of cgroups (version 2)."""

# Also loaded by the keeper, which has the standard library alone. systemd gives it to a unit with `Delegate=yes`.

import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
PROC = Path("/proc")
CONTROLLERS = {"memory", "pids"}
LEAF = "improver"  # where improver's own processes go: a group that has some can share out nothing
MARKS = ("user.delegate", "trusted.delegate")
EVENTS = {"memory.events": ("oom_kill", "memory"), "pids.events": ("max", "processes")}


def delegated(root: Path = ROOT, proc: Path = PROC) -> Path | None:
    """The group in which boxes can be given groups of their own; None where improver has none to itself."""
    own = _own(root, proc)
    if own is None or not set(_text(own / "cgroup.controllers").split()) >= CONTROLLERS:
        return None
    inside = _text(own / "cgroup.procs").split()
    if not _is_given(own) or not all(_is_ours(int(process), proc) for process in inside):
        return None
    try:
        (own / LEAF).mkdir(exist_ok=True)
        for process in inside:
            (own / LEAF / "cgroup.procs").write_text(process)
        (own / "cgroup.subtree_control").write_text("+memory +pids")
    except OSError:
        return None  # what was given does not reach so far: the watchdog holds the limits
    return own


def free_memory(root: Path = ROOT, proc: Path = PROC) -> int:
    """Bytes that the machine has left, and the group that improver runs in."""
    told = dict(line.split(":", 1) for line in _text(proc / "meminfo").splitlines() if ":" in line)
    free = int(told.get("MemAvailable", "0 kB").split()[0]) << 10
    own = _own(root, proc)
    most = _text(own / "memory.max").strip() if own else ""
    if own is None or not most.isdigit():
        return free
    return min(free, int(most) - int(_text(own / "memory.current").strip() or 0))


def _own(root: Path, proc: Path) -> Path | None:
    lines = _text(proc / "self" / "cgroup").splitlines()
    named = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")
    if not named:
        return None
    own = root / named
    return own.parent if own.name == LEAF else own


def _is_given(group: Path) -> bool:
    """Root may write everywhere: there systemd's own mark counts."""
    if os.getuid():
        return os.access(group, os.W_OK)
    return any(_mark(group, name) == b"1" for name in MARKS)


def _mark(group: Path, name: str) -> bytes:
    try:
        return os.getxattr(group, name)
    except OSError:
        return b""


def _is_ours(process: int, proc: Path) -> bool:
    """Whether it is this process or was started by it: nobody else's is moved."""
    ours = os.getpid()
    while process not in (0, ours):
        stat = _text(proc / str(process) / "stat")
        process = int(stat.rpartition(")")[2].split()[1]) if stat else 0
    return process == ours


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""  # it ended meanwhile, or this machine has none


class Group:
    """One box's own group, made for it and removed with it."""

    def __init__(self, within: str, memory: int, tasks: int) -> None:
        self._folder: Path | None = Path(within) / f"improver-box-{os.getpid()}" if within else None
        if self._folder is None:
            return
        try:
            self._folder.mkdir()
            self._set("memory.max", memory)
            self._set("pids.max", tasks)
            self._set("memory.oom.group", 1)
            # A machine without swap has no such file.
            if (self._folder / "memory.swap.max").exists():
                self._set("memory.swap.max", 0)
        except OSError:
            self.remove()
            self._folder = None

    def _set(self, name: str, value: int) -> None:
        assert self._folder
        (self._folder / name).write_text(str(value))

    def enter(self) -> None:
        """The calling process, and whatever it starts from now on."""
        if self._folder:
            self._set("cgroup.procs", os.getpid())

    def breach(self) -> str:
        """Which limit the kernel has had to hold, if any."""
        for name, (word, limit) in EVENTS.items() if self._folder else ():
            assert self._folder
            counts = dict(line.split() for line in _text(self._folder / name).splitlines())
            if counts.get(word, "0") != "0":
                return limit
        return ""

    def remove(self) -> None:
        try:
            if self._folder:
                self._folder.rmdir()
        except OSError:
            return  # somebody who could not be killed is in it: the keeper says so
