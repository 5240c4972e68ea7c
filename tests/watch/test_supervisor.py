"""The wrapper around real processes: crashes, restarts, signals, verified fixes and the way back."""

import signal
import sys
from pathlib import Path

import pytest

from improver.repo import Repository
from tests.watch.conftest import Wrapper

WAITS = "import os, time\nos.write(1, b'up\\n')\ntime.sleep(60)\n"
VERIFIED = "Mend it\n\nImprover-Attempt: 4711"


def deliver(wrapper: Wrapper, files: dict[str, str]) -> str:
    """A commit on the branch, and the mark that improver makes once it is there."""
    commit = wrapper.checkout.commit(files, VERIFIED)
    Repository(wrapper.checkout.path).mark_delivered("4711", commit)
    return commit


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_app_that_ends_well_ends_the_wrapper_well(wrapper: Wrapper) -> None:
    code = "import sys; print(sys.stdin.read(), end=''); sys.stderr.write('a word\\n')"
    watched = wrapper.python(code, stdin=b"given")
    assert watched.wait() == 0
    assert watched.stdout == "given"
    assert "a word\n" in watched.said
    release = wrapper.checkout.git("rev-parse", "HEAD")
    assert watched.phases() == [("started", release), ("ended", release)]


def test_an_uncaught_exception_is_told_once_and_the_app_started_again(wrapper: Wrapper) -> None:
    watched = wrapper.python("1/0", most_quick_crashes=2)
    assert watched.wait() == 1
    told, ends = watched.records("python"), watched.records("exit")
    assert [record["type"] for record in told] == ["builtins.ZeroDivisionError"] * 2
    assert [(end["exit_code"], end["reported"], end["service"]) for end in ends] == [(1, True, "shop")] * 2
    assert told[0]["run"] == ends[0]["run"] != ends[1]["run"]
    assert "ZeroDivisionError" in ends[0]["stderr_tail"]
    assert "2 quick crashes in a row, giving up" in watched.said


def test_an_exit_code_is_a_crash_with_the_last_words(wrapper: Wrapper) -> None:
    watched = wrapper.python("import sys; sys.exit('no database')", most_quick_crashes=1)
    assert watched.wait() == 1
    (end,) = watched.records("exit")
    assert (end["exit_code"], end["reported"], end["stderr_tail"]) == (1, False, "no database\n")


def test_a_segfault_is_told_with_the_stack_of_the_fault_handler(wrapper: Wrapper) -> None:
    watched = wrapper.python("import ctypes; ctypes.string_at(0)", most_quick_crashes=1)
    assert watched.wait() == 1
    (end,) = watched.records("signal")
    assert end["signal"] == "SIGSEGV"
    assert "Fatal Python error: Segmentation fault" in end["stderr_tail"]


def test_a_kill_from_outside_is_a_crash(wrapper: Wrapper) -> None:
    watched = wrapper.python("import os; os.kill(os.getpid(), 9)", most_quick_crashes=1)
    assert watched.wait() == 1
    assert [end["signal"] for end in watched.records("signal")] == ["SIGKILL"]


def test_only_the_last_64_kib_of_stderr_are_kept_and_all_are_passed_on(wrapper: Wrapper) -> None:
    noise = "import sys; sys.stderr.write('x' * 200_000 + '\\x1b[31mend'); sys.exit(3)"
    watched = wrapper.python(noise, most_quick_crashes=1)
    assert watched.wait() == 1
    (end,) = watched.records("exit")
    assert len(end["stderr_tail"]) == 64 * 1024
    assert end["stderr_tail"].endswith("\x1b[31mend")
    assert watched.said.count("x") >= 200_000


def test_crash_files_are_nobody_elses(wrapper: Wrapper, tmp_path: Path) -> None:
    assert wrapper.python("1/0", most_quick_crashes=1).wait() == 1
    crashes = tmp_path / "data/crashes"
    assert crashes.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in crashes.iterdir()} == {0o600}
    assert not [path for path in crashes.iterdir() if path.suffix != ".json"]


def test_the_wait_doubles_up_to_its_limit(wrapper: Wrapper) -> None:
    watched = wrapper.python("raise SystemExit(1)", first_backoff=0.01, longest_backoff=0.03, most_quick_crashes=4)
    assert watched.wait() == 1
    assert [words.split()[0] for words in watched.said.split("starting it again in ")[1:]] == ["0.01", "0.02", "0.03"]


def test_sigterm_is_passed_on_and_the_apps_exit_code_is_ours(wrapper: Wrapper) -> None:
    code = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n" + WAITS
    watched = wrapper.python(code)
    watched.until(lambda: watched.stdout == "up\n")
    watched.process.send_signal(signal.SIGTERM)
    assert watched.wait() == 7
    assert [phase for phase, _ in watched.phases()][-1] == "ended"
    assert not watched.records("exit") and not watched.records("signal")


def test_a_second_ctrl_c_kills_an_app_that_does_not_end(wrapper: Wrapper) -> None:
    code = "import os, signal\nsignal.signal(signal.SIGINT, lambda *_: os.write(1, b'no\\n'))\n" + WAITS
    watched = wrapper.python(code, drain_seconds=60)
    watched.until(lambda: watched.stdout == "up\n")
    watched.process.send_signal(signal.SIGINT)
    watched.until(lambda: "no\n" in watched.stdout)
    assert watched.process.poll() is None
    watched.process.send_signal(signal.SIGINT)
    assert watched.wait() == 128 + signal.SIGKILL


def test_children_of_the_app_do_not_outlive_it(wrapper: Wrapper) -> None:
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    code = f"import subprocess, sys\nprint(subprocess.Popen([sys.executable, '-c', {child!r}]).pid, flush=True)\n"
    watched = wrapper.python(code + "sys.exit(3)", most_quick_crashes=1)
    assert watched.wait() == 1
    assert not alive(int(watched.stdout))


def test_a_verified_fix_is_put_into_service(wrapper: Wrapper) -> None:
    wrapper.checkout.commit({"app.py": WAITS})
    before = wrapper.checkout.git("rev-parse", "HEAD")
    watched = wrapper.start(sys.executable, "app.py")
    watched.until(lambda: ("healthy", before) in watched.phases())
    fix = deliver(wrapper, {"app.py": WAITS + "# mended\n"})
    watched.until(lambda: ("healthy", fix) in watched.phases())
    assert watched.phases() == [
        ("started", before), ("healthy", before), ("ended", before), ("started", fix), ("healthy", fix)
    ]  # fmt: skip
    assert not watched.records("exit") and not watched.records("signal")


def test_a_persons_commit_is_left_to_the_person(wrapper: Wrapper) -> None:
    wrapper.checkout.commit({"app.py": WAITS})
    watched = wrapper.start(sys.executable, "app.py")
    watched.until(lambda: "up" in watched.stdout)
    wrapper.checkout.commit({"app.py": WAITS + "# mine\n"})
    deliver(wrapper, {"app.py": WAITS + "# mine, mended\n"})
    watched.until_said("not only by verified fixes: not restarted (--any-commit would)")
    assert [phase for phase, _ in watched.phases()].count("started") == 1


def test_any_commit_restarts_on_a_persons_commit_too(wrapper: Wrapper) -> None:
    wrapper.checkout.commit({"app.py": WAITS})
    watched = wrapper.start(sys.executable, "app.py", any_commit=True)
    watched.until(lambda: "up" in watched.stdout)
    mine = wrapper.checkout.commit({"app.py": WAITS + "# mine\n"})
    watched.until(lambda: ("healthy", mine) in watched.phases())


@pytest.mark.parametrize("broken", ["import nowhere\n", "import time\ntime.sleep(60)\n"], ids=["it dies", "it is mute"])
def test_a_fix_that_does_not_come_up_is_reverted_and_never_tried_again(wrapper: Wrapper, broken: str) -> None:
    serves = (
        "import http.server, os\nclass H(http.server.SimpleHTTPRequestHandler):\n    pass\n"
        "http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), H).serve_forever()\n"
    )
    port = free_port()
    good = wrapper.checkout.commit({"app.py": serves})
    health = {"health": f"http://127.0.0.1:{port}/", "health_deadline": 3.0}
    watched = wrapper.start(sys.executable, "app.py", env={"PORT": str(port)}, **health)
    watched.until(lambda: ("healthy", good) in watched.phases())
    fix = deliver(wrapper, {"app.py": broken})
    watched.until_said("reverted, back at the code of before")
    revert = wrapper.checkout.git("rev-parse", "HEAD")
    watched.until(lambda: ("healthy", revert) in watched.phases())
    assert wrapper.checkout.git("rev-parse", "HEAD~1") == fix
    assert wrapper.checkout.git("diff", good, "HEAD") == ""
    assert {end["release"] for end in watched.records("exit")} == {fix}
    assert [release for phase, release in watched.phases() if phase == "started"].count(fix) == 1


def test_a_fix_on_the_branch_ends_the_wait_after_a_crash(wrapper: Wrapper) -> None:
    wrapper.checkout.commit({"app.py": "1/0\n"})
    watched = wrapper.start(sys.executable, "app.py", first_backoff=60, longest_backoff=60)
    watched.until_said("starting it again in 60 s")
    fix = deliver(wrapper, {"app.py": WAITS})
    watched.until(lambda: ("healthy", fix) in watched.phases())


def test_a_command_that_does_not_exist_says_so(wrapper: Wrapper) -> None:
    watched = wrapper.start("no-such-program")
    assert watched.wait() == 1
    assert "cannot start 'no-such-program': No such file or directory" in watched.said


def test_it_works_on_when_the_crash_folder_is_gone(wrapper: Wrapper, tmp_path: Path) -> None:
    code = f"import os, shutil; shutil.rmtree({str(tmp_path / 'data/crashes')!r}, ignore_errors=True); 1/0"
    watched = wrapper.python(code, most_quick_crashes=2)
    assert watched.wait() == 1
    assert watched.said.count("ZeroDivisionError: division by zero") == 2
    assert "improver: could not write a crash file" in watched.said


def free_port() -> int:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def test_an_app_that_does_not_end_is_killed_when_the_drain_is_over(wrapper: Wrapper) -> None:
    code = "import os, signal\nsignal.signal(signal.SIGINT, lambda *_: os.write(1, b'int\\n'))\n" + WAITS
    watched = wrapper.python(code, drain_seconds=0.5)
    watched.until(lambda: watched.stdout == "up\n")
    watched.process.send_signal(signal.SIGINT)
    assert watched.wait() == 128 + signal.SIGKILL
    assert watched.stdout == "up\nint\n"
