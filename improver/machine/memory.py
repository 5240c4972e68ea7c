"""Keeps memory that was given back from staying with the process: glibc and Arrow hold on to what a burst took."""

import ctypes

import pyarrow as pa

# Of mallopt(3): two heaps for all threads, and what is larger than this is in none, but goes back once it is free.
M_ARENA_MAX, ARENAS = -8, 2
M_MMAP_THRESHOLD, LARGE = -3, 1 << 20


def share() -> None:
    """Two heaps for all threads and for Arrow, whose own keeps 100 MB more. To be called before threads start."""
    pa.set_memory_pool(pa.system_memory_pool())
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_ARENA_MAX, ARENAS)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def give_back() -> None:
    """What nobody uses, to the operating system."""
    pa.default_memory_pool().release_unused()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
