"""What every box promises, whatever it is made of."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from improver.errors import ImproverError
from improver.model import Boxed, Ending, Isolation
from improver.sandbox import Order, box, run

Shell = Callable[..., Boxed]
Running = Callable[[str], list[str]]
Soon = Callable[..., bool]

# One that leaves its session, one whose parent is gone, and one that holds the output open.
FAMILY = "setsid sleep {0} & (setsid sh -c 'sleep {0} & sleep {0}' >/dev/null 2>&1 &) ; sleep 0.1; "


def test_the_environment_is_cleared(isolation: Isolation, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", "hunter2")
    boxed = run(Order(argv=("env",), tree=tree, wall_clock_s=10, env={"ASKED_FOR": "1"}), isolation)
    names = {line.partition("=")[0] for line in boxed.output.splitlines()}
    assert names - {"PWD", "GIT_CONFIG_NOSYSTEM"} == {"PATH", "HOME", "TMPDIR", "LANG", "ASKED_FOR"}


def test_home_and_temporary_folder_are_private_and_writable(isolation: Isolation, shell: Shell) -> None:
    boxed = shell(isolation, 'touch "$HOME/a" "$TMPDIR/b" && echo "$HOME"')
    assert boxed.code == 0
    assert boxed.output.strip() != str(Path.home())


def test_stdout_goes_to_on_line_and_both_outputs_are_kept(isolation: Isolation, tree: Path) -> None:
    heard: list[str] = []
    order = Order(argv=("sh", "-c", "echo one; echo warning >&2; printf two"), tree=tree, wall_clock_s=10)
    boxed = run(order, isolation, on_line=heard.append)
    assert heard == ["one", "two"]
    assert sorted(boxed.output.split()) == ["one", "two", "warning"]


def test_the_command_runs_in_its_tree_with_its_input(isolation: Isolation, shell: Shell, tree: Path) -> None:
    boxed = shell(isolation, "cat > copy; pwd; exit 7", stdin=b"given")
    assert (boxed.code, boxed.output.strip(), boxed.isolation) == (7, str(tree), isolation)
    assert (tree / "copy").read_text() == "given"


def test_input_that_nobody_reads_is_no_problem(isolation: Isolation, shell: Shell) -> None:
    assert shell(isolation, "exec 0<&-; echo done", stdin=b"x" * 1_000_000).output == "done\n"


def test_a_death_by_signal_is_an_exit_code_above_128(isolation: Isolation, shell: Shell) -> None:
    assert shell(isolation, "kill -9 $$").code == 128 + signal.SIGKILL


def test_a_broken_pipe_ends_a_command_as_it_does_in_a_shell(isolation: Isolation, shell: Shell) -> None:
    boxed = shell(isolation, "yes | head -n 1")
    assert (boxed.code, boxed.output) == (0, "y\n")


def test_output_that_is_no_utf8_is_replaced(isolation: Isolation, shell: Shell) -> None:
    assert shell(isolation, r"printf 'a\377b\n'").output == "a\ufffdb\n"


def test_output_keeps_its_head_and_its_tail_within_the_limit(isolation: Isolation, shell: Shell) -> None:
    boxed = shell(isolation, "echo first; yes x | head -c 300000; echo last", output_limit=1000)
    assert boxed.output.startswith("first\n")
    assert boxed.output.endswith("last\n")
    assert "bytes left out" in boxed.output
    assert len(boxed.output) < 1100


def test_the_wall_clock_ends_everybody(
    isolation: Isolation, shell: Shell, still_running: Running, scratch: Path
) -> None:
    boxed = shell(isolation, FAMILY.format(600.125) + "echo up; sleep 600.125", wall_clock_s=0.8)
    assert (boxed.code, boxed.output) == (None, "up\n")
    assert boxed.seconds < 5
    assert still_running("600.125") == []
    assert list(scratch.iterdir()) == []


SAVES = """
import os, signal, time
def save(*_):
    time.sleep(0.3)
    open("saved", "w").close()
    os.write(1, b"saved\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, save)
os.write(1, b"ready\\n")
time.sleep(60)
"""


def stopped(isolation: Isolation, order: Order) -> Boxed:
    stop = threading.Event()
    return run(order, isolation, on_line=lambda _: stop.set(), stop=stop)


@pytest.mark.parametrize("bridged", [False, True], ids=["alone", "with a way to its model"])
def test_who_is_stopped_may_save_first(isolation: Isolation, tree: Path, tmp_path: Path, bridged: bool) -> None:
    with socket.socket(socket.AF_UNIX) as model:
        model.bind(str(tmp_path / "model.sock"))
        way = tmp_path / "model.sock" if bridged else None
        boxed = stopped(isolation, Order(argv=("python3", "-c", SAVES), tree=tree, wall_clock_s=50, model_socket=way))
    assert (boxed.ending, boxed.code, boxed.output.split()) == (Ending.STOPPED, None, ["ready", "saved"])
    assert (tree / "saved").exists()


def test_who_does_not_end_when_asked_to_is_killed(
    isolation: Isolation, tree: Path, still_running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "GRACE_S", 0.4)
    script = "trap '' TERM; echo ready; (trap '' TERM; sleep 61.75); echo never; sleep 61.75"
    boxed = stopped(isolation, Order(argv=("sh", "-c", script), tree=tree, wall_clock_s=50))
    assert (boxed.ending, boxed.output.split()) == (Ending.STOPPED, ["ready"])
    assert still_running("61.75") == []


def test_a_stop_ends_everybody(isolation: Isolation, tree: Path, still_running: Running) -> None:
    stop = threading.Event()
    order = Order(argv=("sh", "-c", FAMILY.format(600.25) + "echo up; sleep 600.25"), tree=tree, wall_clock_s=60)
    boxed = run(order, isolation, on_line=lambda _: stop.set(), stop=stop)
    assert boxed.code is None
    assert boxed.seconds < 5
    assert still_running("600.25") == []


def test_an_ordinary_end_leaves_nobody_behind(isolation: Isolation, shell: Shell, still_running: Running) -> None:
    boxed = shell(isolation, FAMILY.format(600.375) + "exit 3")
    assert boxed.code == 3
    assert boxed.seconds < 5
    assert still_running("600.375") == []


def test_an_error_of_the_listener_leaves_nobody_behind(
    isolation: Isolation, tree: Path, still_running: Running
) -> None:
    def broken(line: str) -> None:
        raise ZeroDivisionError(line)

    with pytest.raises(ZeroDivisionError):
        run(Order(argv=("sh", "-c", "echo x; sleep 600.5"), tree=tree, wall_clock_s=60), isolation, on_line=broken)
    assert still_running("600.5") == []


def test_killing_improver_leaves_nothing(
    isolation: Isolation, tree: Path, scratch: Path, still_running: Running, soon: Soon
) -> None:
    program = f"""
from pathlib import Path
from improver.model import Isolation
from improver.sandbox import Order, run
script = {FAMILY.format("600.625")!r} + "sleep 600.625"
run(Order(argv=("sh", "-c", script), tree=Path({str(tree)!r}), wall_clock_s=60), Isolation({isolation.value!r}))
"""
    improver = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "TMPDIR": str(scratch)})
    assert soon(lambda: sum(line.startswith("sleep 600.625") for line in still_running("600.625")) == 4)
    os.kill(improver.pid, signal.SIGKILL)
    improver.wait()
    assert soon(lambda: still_running("sleep 600.625") == [] and list(scratch.iterdir()) == [])


def test_without_a_sandbox_nothing_is_started(shell: Shell, tree: Path) -> None:
    with pytest.raises(ImproverError, match="no sandbox") as refused:
        shell(Isolation.NONE, "touch started")
    assert "host" in refused.value.hint
    assert list(tree.iterdir()) == []


def test_improvers_own_rehearsal_is_exempt(shell: Shell) -> None:
    assert shell(Isolation.EXEMPT, "echo played").isolation is Isolation.EXEMPT


def test_a_missing_program_is_named(isolation: Isolation, tree: Path) -> None:
    with pytest.raises(ImproverError, match="no program 'no-such-program'"):
        run(Order(argv=("no-such-program",), tree=tree, wall_clock_s=10), isolation)


def test_a_missing_tree_is_named(isolation: Isolation, tree: Path) -> None:
    with pytest.raises(ImproverError, match="nowhere"):
        run(Order(argv=("true",), tree=tree / "nowhere", wall_clock_s=10), isolation)


@pytest.mark.parametrize("isolated", [Isolation.BUBBLEWRAP, Isolation.LANDLOCK])
def test_a_missing_readable_path_is_named(isolated: Isolation, tree: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue({"bubblewrap": "bubblewrap", "landlock": "confined"}[isolated])
    order = Order(argv=("true",), tree=tree, wall_clock_s=10, readable=(tree / "nowhere",))
    with pytest.raises(ImproverError, match="nowhere"):
        run(order, isolated)
