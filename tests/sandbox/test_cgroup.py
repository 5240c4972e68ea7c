"""What the kernel holds where it was asked to; a folder of files stands in for the tree of cgroups."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from improver.sandbox.cgroup import LEAF, Group, delegated, free_memory


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A group for improver alone, as `Delegate=yes` gives one, and what tells this process that it is in it."""
    group = tmp_path / "tree" / "improver.service"
    (group / LEAF).mkdir(parents=True)
    (group / "cgroup.controllers").write_text("cpu memory pids\n")
    (group / "cgroup.procs").write_text(f"{os.getpid()}\n")
    try:
        os.setxattr(group, "user.delegate", b"1")
    except OSError as error:
        pytest.skip(f"needs extended attributes below {tmp_path}: {error.strerror}")
    process = tmp_path / "proc" / str(os.getpid())
    process.mkdir(parents=True)
    (process / "stat").write_text("1 (python) S 1")
    (tmp_path / "proc" / "self").mkdir()
    (tmp_path / "proc" / "self" / "cgroup").write_text("0::/improver.service\n")
    return group


def asked(tmp_path: Path) -> Path | None:
    return delegated(tmp_path / "tree", tmp_path / "proc")


def test_improver_makes_room_in_the_group_that_it_was_given(tmp_path: Path, given: Path) -> None:
    assert asked(tmp_path) == given
    assert (given / LEAF / "cgroup.procs").read_text() == str(os.getpid())
    assert (given / "cgroup.subtree_control").read_text() == "+memory +pids"


def test_afterwards_it_still_knows_its_group(tmp_path: Path, given: Path) -> None:
    (tmp_path / "proc" / "self" / "cgroup").write_text(f"0::/improver.service/{LEAF}\n")
    (given / "cgroup.procs").write_text("")
    assert asked(tmp_path) == given


@pytest.mark.parametrize(
    ("name", "text"),
    [("cgroup.controllers", "cpu\n"), ("cgroup.procs", f"{os.getpid()}\n1\n")],
    ids=["nothing to share out", "somebody else is in it"],
)
def test_a_group_that_is_not_its_own_is_left_alone(tmp_path: Path, given: Path, name: str, text: str) -> None:
    (given / name).write_text(text)
    assert asked(tmp_path) is None
    assert not (given / "cgroup.subtree_control").exists()


def test_root_takes_no_group_that_was_not_given_to_it(tmp_path: Path, given: Path) -> None:
    if os.getuid():
        pytest.skip("needs root: others cannot write to what was not given to them")
    os.removexattr(given, "user.delegate")
    assert asked(tmp_path) is None


def test_a_machine_without_version_2_has_none(tmp_path: Path, given: Path) -> None:
    (tmp_path / "proc" / "self" / "cgroup").write_text("4:memory:/a\n0::/\n")
    assert asked(tmp_path) is None


def test_a_box_gets_its_limits_and_says_which_was_held(tmp_path: Path) -> None:
    group = Group(str(tmp_path), 1 << 20, 64)
    [folder] = tmp_path.iterdir()
    group.enter()
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "memory.max": str(1 << 20), "pids.max": "64", "memory.oom.group": "1", "cgroup.procs": str(os.getpid()),
    }  # fmt: skip
    assert group.breach() == ""
    (folder / "pids.events").write_text("max 3\n")
    assert group.breach() == "processes"
    (folder / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    assert group.breach() == "memory"
    for path in folder.iterdir():
        path.unlink()
    group.remove()
    assert list(tmp_path.iterdir()) == []


def test_without_a_group_nothing_is_held_here() -> None:
    group = Group("", 1, 1)
    group.enter()
    assert group.breach() == ""
    group.remove()


THREADS = """
import os, threading, time
try:
    for started in range(400):
        threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
except RuntimeError:
    print("refused", started < 64, flush=True)
os._exit(0)
"""
BOXED = """
import sys, tempfile
from pathlib import Path
from improver.model import Isolation
from improver.sandbox import Limits, Order, run
with tempfile.TemporaryDirectory() as tree:
    argv = ("/usr/bin/python3", "-c", sys.argv[1])
    order = Order(argv=argv, tree=Path(tree), wall_clock_s=30, limits=Limits(processes=4))
    print(run(order, Isolation.BUBBLEWRAP).output)
"""


def test_an_ordinary_users_tasks_are_counted_by_the_kernel(bubblewrap: object) -> None:
    system = "/usr/bin/python3"
    paths = [str(Path(__file__).parents[2]), *(path for path in sys.path if path.endswith("site-packages"))]
    become = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.getuid() == 0 else ()
    argv = (*become, system, "-B", "-c", BOXED, THREADS)
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(paths)}
    ran = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    if "ModuleNotFoundError" in ran.stderr or "Permission denied" in ran.stderr:
        pytest.skip("needs a Python of the system, of this version, that an ordinary user may run improver with")
    assert ran.stdout.strip() == "refused True", ran.stderr


def test_memory_is_free_as_far_as_both_the_machine_and_the_group_have_it(tmp_path: Path, given: Path) -> None:
    (tmp_path / "proc" / "meminfo").write_text("MemTotal:  4000 kB\nMemAvailable:  3000 kB\n")
    assert free_memory(tmp_path / "tree", tmp_path / "proc") == 3000 << 10
    (given / "memory.max").write_text(f"{2500 << 10}\n")
    (given / "memory.current").write_text(f"{500 << 10}\n")
    assert free_memory(tmp_path / "tree", tmp_path / "proc") == 2000 << 10
