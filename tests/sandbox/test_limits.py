"""Real bombs in real boxes: each ends within seconds, for a reason that has a name, and nothing is left of it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from improver.config.settings import Sandbox
from improver.model import Boxed, Ending, Isolation
from improver.sandbox import Limits, Order, lanes, limits_of, run

MIB = 1 << 20
SMALL = Limits(memory=200 * MIB, processes=40, disk=40 * MIB)
EATER = "import time\nheld = [bytearray(8 << 20) for _ in range(100)]\ntime.sleep(60)"
FAMILY = f"import os, time\nfor _ in range(6): os.fork() or ([bytearray(50 << 20)], time.sleep(60))\n{EATER[-14:]}"
THREADS = "import threading, time\nfor _ in range(2000): threading.Thread(target=time.sleep, args=(60,)).start()"
UNLINKED = """
import os, time
files = [os.open(f"f{n}", os.O_CREAT | os.O_RDWR) for n in range(20)]
for n, file in enumerate(files):
    os.unlink(f"f{n}")
    os.write(file, b"x" * (4 << 20))
time.sleep(60)
"""
MEMFDS = """
import os, time
for n in range(20):
    os.write(os.memfd_create("m"), b"x" * (4 << 20))
time.sleep(60)
"""


@pytest.fixture
def bomb(tree: Path, still_running: Callable[[str], list[str]]) -> Callable[..., Boxed]:
    def burst(isolation: Isolation, *argv: str, limits: Limits = SMALL) -> Boxed:
        boxed = run(Order(argv=argv, tree=tree, wall_clock_s=50, limits=limits), isolation)
        assert still_running(argv[-1]) == []
        return boxed

    return burst


@pytest.mark.parametrize("program", [EATER, FAMILY], ids=["one process", "a family"])
def test_memory_is_limited_over_all_processes(isolation: Isolation, bomb: Callable[..., Boxed], program: str) -> None:
    boxed = bomb(isolation, "python3", "-c", program)
    assert (boxed.ending, boxed.code) == (Ending.MEMORY, None)


def test_the_temporary_folder_counts_as_memory(bubblewrap: Isolation, bomb: Callable[..., Boxed]) -> None:
    filler = "head -c 150M /dev/zero > /dev/shm/a; head -c 80M /dev/zero > /tmp/b; sleep 60"
    small = Limits(memory=SMALL.memory)
    assert bomb(bubblewrap, "sh", "-c", filler, limits=small).ending == Ending.MEMORY
    full = bomb(bubblewrap, "sh", "-c", "head -c 250M /dev/zero > /tmp/a; echo $?", limits=small)
    assert "No space left" in full.output or full.ending == Ending.MEMORY


def test_a_fork_bomb_goes_off_in_vain(bubblewrap: Isolation, bomb: Callable[..., Boxed]) -> None:
    assert bomb(bubblewrap, "bash", "-c", "b() { b | b & }; b; sleep 60").ending == Ending.PROCESSES


def test_a_neighbour_of_bombs_is_not_blamed_for_them(bubblewrap: Isolation, tmp_path: Path) -> None:
    def boxed(name: str, script: str) -> Boxed:
        (tmp_path / name).mkdir()
        order = Order(argv=("bash", "-c", script), tree=tmp_path / name, wall_clock_s=60, limits=SMALL)
        return run(order, bubblewrap)

    with ThreadPoolExecutor() as pool:
        bombs = [pool.submit(boxed, f"bomb-{n}", "b() { b | b & }; b; sleep 60") for n in range(2)]
        innocent = pool.submit(boxed, "innocent", "for n in $(seq 100); do true | true; done; sleep 1")
    assert [bomb.result().ending for bomb in bombs] == [Ending.PROCESSES] * 2
    assert (innocent.result().ending, innocent.result().code) == (Ending.ITSELF, 0)


def test_many_processes_are_too_many_in_every_box(isolation: Isolation, bomb: Callable[..., Boxed]) -> None:
    assert bomb(isolation, "sh", "-c", "for n in $(seq 60); do sleep 61 & done; wait").ending == Ending.PROCESSES


def test_threads_are_counted_too(bubblewrap: Isolation, bomb: Callable[..., Boxed]) -> None:
    assert bomb(bubblewrap, "python3", "-c", THREADS).ending == Ending.PROCESSES


@pytest.mark.parametrize(
    "script", ["head -c 30M /dev/zero > a; head -c 30M /dev/zero > b; sleep 60", "cat /dev/zero > a"]
)
def test_the_worktree_is_limited(isolation: Isolation, bomb: Callable[..., Boxed], script: str) -> None:
    assert bomb(isolation, "sh", "-c", script).ending == Ending.DISK


@pytest.mark.parametrize("program", [UNLINKED, MEMFDS], ids=["unlinked", "memfd"])
def test_files_without_a_name_count(bubblewrap: Isolation, bomb: Callable[..., Boxed], program: str) -> None:
    assert bomb(bubblewrap, "python3", "-c", program).ending == Ending.DISK


def test_what_was_in_the_worktree_before_does_not_count(bubblewrap: Isolation, tree: Path) -> None:
    (tree / "large").write_bytes(b"x" * (60 * MIB))
    order = Order(argv=("sh", "-c", "head -c 10M /dev/zero > a; sleep 1.5"), tree=tree, wall_clock_s=20, limits=SMALL)
    assert run(order, bubblewrap).ending == Ending.ITSELF


def test_inside_nobody_can_mount_what_is_not_counted(bubblewrap: Isolation, tree: Path) -> None:
    boxed = run(Order(argv=("unshare", "--user", "--mount", "true"), tree=tree, wall_clock_s=20), bubblewrap)
    assert boxed.code != 0


def test_what_is_boxed_dies_before_others_when_the_machine_is_short_of_memory(isolation: Isolation, tree: Path) -> None:
    boxed = run(Order(argv=("cat", "/proc/self/oom_score_adj"), tree=tree, wall_clock_s=20), isolation)
    assert boxed.output.strip() == "1000"


def test_how_it_ended_is_said(bubblewrap: Isolation, tree: Path) -> None:
    waiting = Order(argv=("sleep", "60"), tree=tree, wall_clock_s=0.3)
    assert run(waiting, bubblewrap).ending == Ending.WALL_CLOCK
    long = Order(argv=("sleep", "60"), tree=tree, wall_clock_s=30)
    assert run(long, bubblewrap, spent=lambda: True).ending == Ending.BUDGET


def test_the_defaults_are_those_of_the_config() -> None:
    assert limits_of(Sandbox()) == Limits()


def test_boxes_are_at_work_at_once_as_far_as_the_machine_has_for_all_what_each_may_take() -> None:
    assert lanes(Isolation.BUBBLEWRAP, Limits(memory=1 << 60)) == 1
    assert 1 <= lanes(Isolation.BUBBLEWRAP, Limits(memory=MIB)) <= 4


def test_what_shares_ports_and_folders_is_at_work_alone() -> None:
    assert [lanes(shared, Limits(memory=MIB)) for shared in (Isolation.LANDLOCK, Isolation.HOST)] == [1, 1]
