"""The hook inside real Python programs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from improver.watch.environment import HOOK


def run(code: str, crashes: Path, *path: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    given = {
        "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(map(str, (HOOK, *path))),
        "IMPROVER_CRASH_DIR": str(crashes), "IMPROVER_RUN_ID": "run1", "IMPROVER_SERVICE": "shop",
        "SENTRY_RELEASE": "abc", "SENTRY_ENVIRONMENT": "test", **env,
    }  # fmt: skip
    return subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, timeout=30)


def records(crashes: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in crashes.glob("*.json")]


def test_what_nobody_caught_is_left_as_a_record_and_still_printed(tmp_path: Path) -> None:
    done = run("def pay():\n    {}['price']\npay()", tmp_path)
    assert done.returncode == 1
    assert "KeyError: 'price'" in done.stderr
    (record,) = records(tmp_path)
    assert (record["type"], record["value"], record["run"]) == ("builtins.KeyError", "'price'", "run1")
    assert (record["service"], record["environment"], record["release"]) == ("shop", "test", "abc")
    assert [frame["function"] for frame in record["frames"]] == ["<module>", "pay"]
    assert "thread" not in record
    assert (tmp_path / "run1.told").exists()


def test_earlier_exceptions_of_the_chain_come_oldest_first(tmp_path: Path) -> None:
    inner = "try:\n    try: 1/0\n    except Exception: int('x')\n"
    run(inner + "except Exception as e: raise OSError('end') from e", tmp_path)
    (record,) = records(tmp_path)
    assert record["type"] == "builtins.OSError"
    assert [cause["type"] for cause in record["causes"]] == ["builtins.ZeroDivisionError", "builtins.ValueError"]


def test_a_thread_that_dies_is_told_without_the_mark_of_the_process_end(tmp_path: Path) -> None:
    code = "import threading; t = threading.Thread(target=lambda: 1/0, name='mailer'); t.start(); t.join()"
    done = run(code, tmp_path)
    assert done.returncode == 0
    assert [record["thread"] for record in records(tmp_path)] == ["mailer"]
    assert not (tmp_path / "run1.told").exists()


@pytest.mark.parametrize("code", ["raise KeyboardInterrupt", "raise SystemExit(3)", "pass"])
def test_ends_that_are_no_failure_leave_nothing(tmp_path: Path, code: str) -> None:
    run(code, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_app_dies_its_own_death_when_no_record_can_be_written(tmp_path: Path) -> None:
    done = run("1/0", tmp_path / "absent")
    assert done.returncode == 1
    assert "ZeroDivisionError: division by zero" in done.stderr
    assert "improver: could not write a crash file" in done.stderr


def test_an_exception_that_cannot_even_be_worded_does_not_stop_the_app_from_dying(tmp_path: Path) -> None:
    code = "class E(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise E"
    done = run(code, tmp_path)
    assert done.returncode == 1
    assert "E: <exception str() failed>" in done.stderr


def test_a_record_of_endless_recursion_stays_small(tmp_path: Path) -> None:
    run("def f(): f()\nf()", tmp_path)
    (record,) = records(tmp_path)
    assert record["type"] == "builtins.RecursionError"
    assert len(record["frames"]) == 100


def test_another_sitecustomize_still_runs(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "sitecustomize.py").write_text("import builtins; builtins.theirs = True")
    done = run("print(theirs)", tmp_path, theirs)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_an_excepthook_of_the_app_is_called_with_what_it_replaced_still_there(tmp_path: Path) -> None:
    code = "import sys\nold = sys.excepthook\nsys.excepthook = lambda *a: (print('mine'), old(*a))\n1/0"
    assert run(code, tmp_path).stdout == "mine\n"
    assert len(records(tmp_path)) == 1


def test_without_a_crash_folder_it_does_nothing(tmp_path: Path) -> None:
    assert "could not write" not in run("1/0", tmp_path, IMPROVER_CRASH_DIR="").stderr
    assert records(tmp_path) == []
