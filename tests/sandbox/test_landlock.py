"""What Landlock alone can promise, and what it cannot."""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from improver.model import Boxed, Isolation
from improver.sandbox import Order, landlock, run

Shell = Callable[..., Boxed]

CONNECT = """
import socket, sys
for port in map(int, sys.argv[1:]):
    try:
        socket.create_connection(("127.0.0.1", port), 3)
        print("open")
    except PermissionError:
        print("refused by rule")
"""


def test_other_folders_can_be_neither_read_nor_written(confined: Isolation, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    ours = f"{tmp_path}/secret {Path.home()}/.bashrc /etc/shadow"
    boxed = shell(confined, f"cat {ours}; echo x > {tmp_path}/written; ls {Path.home()}; touch inside", wall_clock_s=10)
    assert "hunter2" not in boxed.output
    assert boxed.output.count("Permission denied") == 5
    assert not (tmp_path / "written").exists()


def test_readable_means_read_only_and_writable_means_both(confined: Isolation, shell: Shell, tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text(name)
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    script = f"cat {mine}/a {theirs}/a; mv {mine}/a {mine}/b; touch {theirs}/b"
    boxed = shell(confined, script, writable=(mine,), readable=(theirs,))
    assert "minetheirs" in boxed.output
    assert [path.name for path in (*mine.iterdir(), *theirs.iterdir())] == ["b", "a"]


def test_only_the_model_proxys_port_can_be_connected_to(confined: Isolation, tree: Path) -> None:
    if landlock.abi() < 4:
        pytest.skip(f"needs Landlock ABI 4 for TCP rules (Linux 6.7); this kernel has {landlock.abi()}")
    with socket.create_server(("127.0.0.1", 0)) as proxy, socket.create_server(("127.0.0.1", 0)) as other:
        ports = [listener.getsockname()[1] for listener in (proxy, other)]
        argv = ("python3", "-c", CONNECT, *map(str, ports))
        boxed = run(Order(argv=argv, tree=tree, wall_clock_s=10, model_port=ports[0]), confined)
    assert boxed.output.splitlines() == ["open", "refused by rule"]


def test_no_port_can_be_opened(confined: Isolation, tree: Path) -> None:
    if landlock.abi() < 4:
        pytest.skip(f"needs Landlock ABI 4 for TCP rules (Linux 6.7); this kernel has {landlock.abi()}")
    argv = ("python3", "-c", "import socket; socket.create_server(('127.0.0.1', 0))")
    assert "PermissionError" in run(Order(argv=argv, tree=tree, wall_clock_s=10), confined).output


def test_processes_outside_cannot_be_signalled(confined: Isolation, shell: Shell) -> None:
    if landlock.abi() < 6:
        pytest.skip(f"needs Landlock ABI 6 for signals (Linux 6.12); this kernel has {landlock.abi()}")
    with subprocess.Popen(["sleep", "30"]) as bystander:
        boxed = shell(confined, f"kill {bystander.pid}; kill {os.getpid()}; kill $PPID; echo still here")
        assert bystander.poll() is None
        bystander.kill()
    assert boxed.output.endswith("still here\n")


def test_the_repository_is_hidden(confined: Isolation, tmp_path: Path, tree: Path) -> None:
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    (tmp_path / "repository" / ".git" / "config").write_text("hunter2")
    order = Order(
        argv=("cat", f"{tmp_path}/repository/.git/config"), tree=tree, wall_clock_s=10,
        git_dir=tmp_path / "repository" / ".git",
    )  # fmt: skip
    assert "hunter2" not in run(order, confined).output
