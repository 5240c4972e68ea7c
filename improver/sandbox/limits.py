"""How much of the machine one box may take."""

import os
from dataclasses import dataclass

from improver.config.settings import Sandbox
from improver.model import Isolation
from improver.sandbox import cgroup

MIB = 1 << 20
MOST_LANES = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    memory: int = 2048 * MIB  # of all its processes, and of what it keeps in its temporary folder
    processes: int = 256
    disk: int = 2048 * MIB  # that it writes


def limits_of(settings: Sandbox) -> Limits:
    return Limits(memory=settings.memory_mb * MIB, processes=settings.processes, disk=settings.disk_mb * MIB)


def lanes(isolation: Isolation, limits: Limits) -> int:
    """How many boxes may be at work at once for one purpose: what each may take, the machine has for all of them.

    Only those share neither ports nor folders, so that one cannot make another's tests fail.
    """
    if isolation is not Isolation.BUBBLEWRAP:
        return 1
    return max(1, min(MOST_LANES, os.cpu_count() or 1, cgroup.free_memory() // limits.memory))


def held(isolation: Isolation) -> str:
    """Who holds them, in words for a person."""
    watched = "by a process that looks on, and kills what it finds beyond"
    if cgroup.delegated():
        return f"memory and processes are limited by the kernel (cgroup), the disk {watched}"
    if isolation is Isolation.BUBBLEWRAP and os.getuid():
        return f"processes are limited by the kernel (RLIMIT_NPROC), memory and the disk {watched}"
    return f"memory, processes and the disk are limited {watched}"
