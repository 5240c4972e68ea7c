"""Measures what a box takes of the machine; runs beside the keeper, with the standard library alone."""

import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

WEIGH_EVERY_S = 0.2
DISK_EVERY_S = 1.0
RESTING = 20  # looking at a large tree takes its time: twenty times as long is waited before the next look
THREADS_A_PROCESS = 16
BLOCK = 512
KEPT_FREE = 128 << 20
ENOUGH = ("RssAnon:", "RssShmem:", "Threads:")


class Watchdog:
    """`breach` names the first limit that is passed by what `keeper` started: "memory", "processes" or "disk"."""

    TICK_S = 0.05  # processes can double every millisecond

    def __init__(self, keeper: int, limits: str) -> None:
        asked = json.loads(limits)
        self._keeper = keeper
        self._memory: int = asked["memory"]
        self._processes: int = asked["processes"]
        self._disk: int = asked["disk"]
        self._folders = [Path(folder) for folder in asked["folders"]]
        self._in_memory: list[str] = asked["in_memory"]  # folders that the box keeps in memory
        # Before anything is started: what lies there already is not this box's doing.
        self._before = self._written()
        self._next = self._next_weighing = self._next_look = 0.0

    def breach(self, now: float) -> str:
        if now < self._next:
            return ""
        self._next = now + self.TICK_S
        processes = self._started()
        weighing = now >= self._next_weighing
        # Looked at twice: the number of one that ended meanwhile may be somebody else's by now, and theirs be counted.
        if passed := self._passed(processes, weighing):
            return self._passed(self._started(), weighing) and passed
        if not weighing:
            return ""
        self._next_weighing = now + WEIGH_EVERY_S
        return "disk" if self.too_much_written(processes, now) else ""

    def _started(self) -> list[int]:
        return started_by(self._keeper, self._processes + 1)

    def _passed(self, processes: list[int], weighing: bool) -> str:
        if len(processes) > self._processes:
            return "processes"
        if not weighing:
            return ""
        held, threads = taken(processes)
        if threads > self._processes * THREADS_A_PROCESS:
            return "processes"
        heavy = held > self._memory or held + self._kept_in_memory(processes) > self._memory
        return "memory" if heavy else ""

    def too_much_written(self, processes: list[int], now: float) -> bool:
        if now < self._next_look:
            return False
        grown = self._written() - self._before + unlinked(processes)
        ended = time.monotonic()
        self._next_look = ended + max(DISK_EVERY_S, RESTING * (ended - now))
        return grown > self._disk or any(free(folder) < KEPT_FREE for folder in self._folders)

    def at_the_end(self) -> str:
        self._next_look = 0.0
        return "disk" if self.too_much_written([], time.monotonic()) else ""

    def _written(self) -> int:
        return sum(size_of(folder) for folder in self._folders)

    def _kept_in_memory(self, processes: list[int]) -> int:
        for process in reversed(processes):  # the outermost ones stand outside of the box
            used = [_used(f"/proc/{process}/root", folder) for folder in self._in_memory]
            if None not in used:
                return sum(one or 0 for one in used)
        return 0


def started_by(process: int, most: int) -> list[int]:
    """Those below a process, nearest first; where it is crowded, counting them all would take longer than they do."""
    found = children(process)
    for one in found:
        if len(found) > most:
            break
        found += children(one)
    return found


def children(process: int) -> list[int]:
    found: list[int] = []
    for thread in _named(f"/proc/{process}/task"):
        try:
            found += map(int, Path(f"/proc/{process}/task/{thread}/children").read_text().split())
        except OSError:
            continue  # it ended meanwhile
    return found


def taken(processes: list[int]) -> tuple[int, int]:
    """Bytes of memory that nobody else has, and threads."""
    held = threads = 0
    for process in processes:
        fields = _status(process)
        held += (fields.get("RssAnon:", 0) + fields.get("RssShmem:", 0)) << 10
        threads += fields.get("Threads:", 0)
    return held, threads


def _status(process: int) -> dict[str, int]:
    try:
        text = Path(f"/proc/{process}/status").read_text(errors="replace")
    except OSError:
        return {}  # it ended meanwhile
    lines = (line.split() for line in text.splitlines() if line.startswith(ENOUGH))
    return {words[0]: int(words[1]) for words in lines}


def unlinked(processes: list[int]) -> int:
    """Files that have no name any more, or never had one: no look at a folder finds them."""
    found: dict[tuple[int, int], int] = {}
    for process in processes:
        for name in _named(f"/proc/{process}/fd"):
            try:
                file = Path(f"/proc/{process}/fd/{name}").stat()
            except OSError:
                continue  # closed meanwhile
            if stat.S_ISREG(file.st_mode) and file.st_nlink == 0:
                found[file.st_dev, file.st_ino] = file.st_blocks * BLOCK
    return sum(found.values())


def _named(folder: str) -> list[str]:
    try:
        return [path.name for path in Path(folder).iterdir()]
    except OSError:
        return []  # the process ended meanwhile


def size_of(folder: Path) -> int:
    """What a folder takes on the disk; links are not followed, and what cannot be looked at counts nothing."""
    return sum(entry.stat(follow_symlinks=False).st_blocks * BLOCK for entry in _below(folder))


def _below(folder: Path) -> Iterator[os.DirEntry[str]]:
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry
        except OSError:
            continue  # removed meanwhile, or locked by its owner


def free(folder: Path) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return KEPT_FREE  # the folder itself is gone: nothing is written there
    return found.f_bavail * found.f_frsize


def _used(root: str, folder: str) -> int | None:
    """What a folder of the box holds; None as long as its process still sees ours."""
    try:
        if Path(root).samefile("/") or Path(root + folder).samefile(folder):
            return None
        found = os.statvfs(root + folder)
    except OSError:
        return None
    return (found.f_blocks - found.f_bfree) * found.f_frsize
