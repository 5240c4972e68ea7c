"""Runs in a box and tries to get out of it: each function is one way, and failing it is what is hoped for."""

# Started as `python -I -c SOURCE FACTS`, so the standard library is all there is. What a try may not do raises OSError.

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
WAIT_S = 3.0
# Each makes the kernel start a program, or moves it; none of them asks for a capability.
KERNEL_SETTINGS = ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/irq/default_smp_affinity"]
Facts = dict[str, Any]


def home_folder(facts: Facts) -> None:
    """read a file in the home folder"""
    Path(facts["in_home"]).read_bytes()


def ssh_keys(facts: Facts) -> None:
    """list ~/.ssh"""
    _list(facts["ssh"])


def other_repository(facts: Facts) -> None:
    """read a file of another repository"""
    Path(facts["elsewhere"]).read_bytes()


def data_folder(facts: Facts) -> None:
    """list improver's data folder"""
    _list(facts["data"])


def environment(facts: Facts) -> None:
    """read improver's environment"""
    if not Path(f"/proc/{facts['pid']}/environ").read_bytes():
        raise PermissionError("nothing can be read of it")


def loopback(facts: Facts) -> None:
    """connect to a TCP port of this machine"""
    socket.create_connection(("127.0.0.1", facts["port"]), WAIT_S).close()


def abstract_socket(facts: Facts) -> None:
    """connect to an abstract Unix socket of this machine"""
    _connect("\0" + facts["abstract"])


def control_socket(facts: Facts) -> None:
    """connect to a Unix socket like the daemon's"""
    _connect(facts["socket"])


def outside_write(facts: Facts) -> None:
    """write beside the worktree"""
    Path(facts["elsewhere"] + ".written").touch()


def git_hook(facts: Facts) -> None:
    """plant a hook in .git"""
    Path(".git/hooks/pre-commit").touch()


def git_link(facts: Facts) -> None:
    """put another folder in the place of .git"""
    Path(".git").rename("was-git")


def host_processes(facts: Facts) -> None:
    """see improver's own process"""
    # By another number it may be somebody else: the box's own first processes have small ones.
    stat = Path(f"/proc/{facts['pid']}/stat").read_text()
    if stat.rpartition(")")[2].split()[19] != facts["started"]:
        raise ProcessLookupError("another process has that number")


def foreign_memory(facts: Facts) -> None:
    """read improver's memory, as a debugger does"""
    libc = ctypes.CDLL(None, use_errno=True)
    held = ctypes.create_string_buffer(1)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(held), 1)
    remote = (ctypes.c_void_p * 2)(facts["address"], 1)
    if libc.process_vm_readv(facts["pid"], ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) != 1:
        _fail()


def mount(facts: Facts) -> None:
    """mount a file system of its own"""
    libc = ctypes.CDLL(None, use_errno=True)
    # In namespaces of its own, so that where it succeeds nobody else sees it.
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) or libc.mount(b"none", b"/tmp", b"tmpfs", 0, None):
        _fail()


def kernel_setting(facts: Facts) -> None:
    """open a setting of the kernel for writing"""
    writable = [path for path in KERNEL_SETTINGS if os.access(path, os.W_OK)]
    os.close(os.open((writable or KERNEL_SETTINGS)[0], os.O_WRONLY))


def _list(folder: str) -> None:
    list(Path(folder).iterdir())


def _connect(address: str) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(WAIT_S)
        client.connect(address)


def _fail() -> None:
    code = ctypes.get_errno()
    raise OSError(code, os.strerror(code))


# `git_link` and `mount` last: the others need .git in its place, and the user that they began as.
TRIES: tuple[Callable[[Facts], None], ...] = (
    home_folder, ssh_keys, other_repository, data_folder, environment, loopback, abstract_socket, control_socket,
    outside_write, host_processes, foreign_memory, kernel_setting, git_hook, git_link, mount,
)  # fmt: skip


def tried(facts: Facts) -> Iterator[tuple[str, str]]:
    """Each try with what stopped it; nothing did where that is empty."""
    for attempt in TRIES:
        try:
            attempt(facts)
        except OSError as error:
            yield attempt.__name__, error.strerror or str(error)
        else:
            yield attempt.__name__, ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(dict(tried(json.loads(sys.argv[1])))) + "\n")
