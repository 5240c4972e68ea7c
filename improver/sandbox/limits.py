"""How much of the machine one box may take."""

from dataclasses import dataclass

from improver.config.settings import Sandbox

MIB = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    memory: int = 2048 * MIB  # of all its processes, and of what it keeps in its temporary folder
    processes: int = 256
    disk: int = 2048 * MIB  # that it writes


def limits_of(settings: Sandbox) -> Limits:
    return Limits(memory=settings.memory_mb * MIB, processes=settings.processes, disk=settings.disk_mb * MIB)
