"""What only bubblewrap can promise."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from improver.model import Boxed, Isolation
from improver.sandbox import Order, run
from improver.sandbox.bubblewrap import wrap
from improver.sandbox.wrapped import Workbench

Shell = Callable[..., Boxed]
Running = Callable[[str], list[str]]


class Checkout(Protocol):
    path: Path

    def git(self, *args: str) -> str: ...
    def commit(self, files: dict[str, str], message: str) -> str: ...


CONNECT = "import socket; socket.create_connection(('{}', {}), 3)"


def worktree(checkout: Checkout, tmp_path: Path) -> Path:
    checkout.commit({"app.py": "original\n"}, "the first")
    checkout.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    return tmp_path / "linked"


def looking_at(checkout: Checkout, tree: Path, script: str) -> Order:
    return Order(argv=("sh", "-c", script), tree=tree, wall_clock_s=10, git_dir=checkout.path / ".git")


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1"])
def test_there_is_no_network(bubblewrap: Isolation, tree: Path, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        script = CONNECT.format(host, listener.getsockname()[1])
        boxed = run(Order(argv=("python3", "-c", script), tree=tree, wall_clock_s=10), bubblewrap)
    assert boxed.code == 1
    assert "refused" in boxed.output or "unreachable" in boxed.output


def test_the_home_folder_and_other_folders_are_not_there(bubblewrap: Isolation, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    hidden = f"{tmp_path}/other {Path.home()}/.ssh {Path.home()}/.bashrc /etc/shadow /var /sys /usr/src"
    boxed = shell(bubblewrap, f"for path in {hidden}; do test ! -e $path || echo $path; done")
    assert boxed.output == ""


def test_only_the_tree_and_what_is_named_writable_can_be_written(
    bubblewrap: Isolation, shell: Shell, tmp_path: Path
) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    elsewhere = f"for at in {theirs} / /usr /etc /proc/sys/kernel; do touch $at/c 2>/dev/null && echo $at; done"
    boxed = shell(bubblewrap, f"touch a {mine}/b; {elsewhere}; true", writable=(mine,), readable=(theirs,))
    assert (boxed.code, boxed.output) == (0, "")
    assert (mine / "b").exists()


def test_other_processes_cannot_be_seen(bubblewrap: Isolation, shell: Shell) -> None:
    boxed = shell(bubblewrap, "ls -d /proc/[0-9]* | wc -l")
    assert int(boxed.output) < 8


def test_it_holds_no_capabilities_and_no_open_files_of_ours(bubblewrap: Isolation, shell: Shell) -> None:
    boxed = shell(bubblewrap, "grep CapEff /proc/self/status; ls /proc/$$/fd")
    assert boxed.output.split() == ["CapEff:", "0" * 16, "0", "1", "2"]


def test_what_it_is_given_cannot_be_read_from_the_process_list(
    bubblewrap: Isolation, tree: Path, still_running: Running
) -> None:
    seen: list[str] = []
    order = Order(argv=("sh", "-c", "echo up; sleep 0.2"), tree=tree, wall_clock_s=10, env={"GIVEN": "s3cr3t-value"})
    run(order, bubblewrap, on_line=lambda _: seen.extend(still_running("s3cr3t-value")))
    assert seen == []


def test_a_virtual_environment_outside_the_tree_runs(bubblewrap: Isolation, tree: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "environment", symlinks=True, with_pip=False)
    python = tmp_path / "environment" / "bin" / "python"
    order = Order(argv=(str(python), "-c", "import sys, ssl; print(sys.prefix)"), tree=tree, wall_clock_s=10)
    boxed = run(order, bubblewrap)
    assert boxed.output.strip() == str(tmp_path / "environment")


def test_a_readable_virtual_environment_brings_its_interpreter(
    bubblewrap: Isolation, shell: Shell, tmp_path: Path
) -> None:
    venv.create(tmp_path / "environment", symlinks=True, with_pip=False)
    python = tmp_path / "environment" / "bin" / "python"
    assert shell(bubblewrap, f"{python} -c 'print(6 * 7)'", readable=(tmp_path / "environment",)).output == "42\n"


def test_programs_that_the_command_starts_are_visible_when_named(bubblewrap: Isolation, shell: Shell) -> None:
    boxed = shell(bubblewrap, f"{sys.executable} -c 'print(6 * 7)'", programs=(sys.executable,))
    assert boxed.output == "42\n"


def test_it_works_for_a_user_without_privileges(bubblewrap: Isolation) -> None:
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
    if nobody and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv: apt-get install util-linux")
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile(buffering=0) as options,
        tempfile.TemporaryFile(buffering=0) as report,
        tempfile.TemporaryFile(buffering=0) as breach,
    ):
        tree = Path(folder, "tree")
        tree.mkdir()
        for path in (Path(folder), tree):
            path.chmod(0o777)
        wrapped = wrap(
            Order(argv=("sh", "-c", "echo made > here; id -u; ls /root /home /var"), tree=tree, wall_clock_s=10),
            Workbench(folder=Path(folder), options=options, report=report, breach=breach),
        )
        options.seek(0)
        done = subprocess.run(
            [*nobody, *wrapped.argv], pass_fds=wrapped.descriptors, capture_output=True, text=True, timeout=20
        )  # fmt: skip
        assert (tree / "here").read_text() == "made\n"
    assert done.stdout.split() == ["65534" if nobody else str(os.geteuid())]


def test_git_can_look_but_not_commit(bubblewrap: Isolation, tmp_path: Path, checkout: Checkout) -> None:
    tree = worktree(checkout, tmp_path)
    (tree / "app.py").write_text("changed\n")
    script = "git status --short; git log --format=%s; git -c user.name=a -c user.email=a@b.c commit -qam x; echo $?"
    boxed = run(looking_at(checkout, tree, script), bubblewrap)
    assert boxed.output.splitlines()[:2] == [" M app.py", "the first"]
    assert boxed.output.splitlines()[-1] != "0"
    assert "Read-only file system" in boxed.output
    assert checkout.git("log", "--format=%s", "--all") == "the first"


def test_git_credentials_are_masked(bubblewrap: Isolation, tmp_path: Path, checkout: Checkout) -> None:
    tree = worktree(checkout, tmp_path)
    checkout.git("remote", "add", "origin", "https://ada:hunter2@git.example.invalid/shop.git")
    checkout.git("config", "http.extraheader", "AUTHORIZATION: bearer hunter2")
    script = f"git config --list --show-origin; git remote; grep -r hunter2 {checkout.path}/.git; git status"
    boxed = run(looking_at(checkout, tree, script), bubblewrap)
    assert boxed.code == 0
    assert "hunter2" not in boxed.output
    assert "example.invalid" not in boxed.output


def test_the_link_to_the_repository_cannot_be_replaced(
    bubblewrap: Isolation, tmp_path: Path, checkout: Checkout
) -> None:
    tree = worktree(checkout, tmp_path)
    script = "rm -f .git; mv .git x; mkdir .git; echo evil > .git; ln -sf /tmp .git; true"
    before = (tree / ".git").read_text()
    run(looking_at(checkout, tree, script), bubblewrap)
    assert (tree / ".git").read_text() == before


def test_hooks_of_the_repository_cannot_be_planted(bubblewrap: Isolation, checkout: Checkout) -> None:
    checkout.commit({"app.py": "original\n"}, "the first")
    order = Order(argv=("sh", "-c", "echo evil > .git/hooks/pre-commit"), tree=checkout.path, wall_clock_s=10)
    assert run(order, bubblewrap).code != 0
    assert not (checkout.path / ".git/hooks/pre-commit").exists()


def test_nothing_below_proc_but_its_own_processes_can_be_written(bubblewrap: Isolation, shell: Shell) -> None:
    """Where improver runs as root, so does what is boxed: the owner of these files, whatever capabilities it lacks."""
    own = r"-path '/proc/[0-9]*' -o -path '/proc/self*' -o -path '/proc/thread-self*'"
    boxed = shell(bubblewrap, rf"find /proc \( {own} \) -prune -o -writable -exec test -f {{}} \; -print 2>/dev/null")
    assert boxed.output == ""
