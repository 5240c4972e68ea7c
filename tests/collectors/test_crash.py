"""The crash Collector: files are taken exactly once, and a death becomes one error with what stack is left."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improver import plugins
from improver.config import settings as config
from improver.errors import ImproverError
from improver.model import ErrorEvent, Frame, Payload, Raised, SessionEvent, TrustLabel
from improver.spool import Spool
from tests.logged import CHAINS, PRINTED

crash = plugins.load("collectors", "crash")
tracebacks = sys.modules["improver.collectors._tracebacks"]
AT = datetime(2026, 11, 21, 1, 46, 35, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PYTHON = {
    "version": 1, "kind": "python", "time": AT.timestamp(), "run": "5f0c2a", "pid": 42, "service": "shop",
    "environment": "production", "release": "9f1c0de", "argv": ["python", "app.py"],
    "type": "builtins.ZeroDivisionError", "value": "division by zero",
    "causes": [{"type": "KeyError", "value": "'total'", "frames": []}],
    "frames": [
        {"file": "/srv/shop/app.py", "line": 12, "function": "<module>", "code": "pay([])"},
        {"file": "app/cart.py", "line": 9, "function": "pay", "code": "return total / len(cart)"},
    ],
}  # fmt: skip


def write(folder, name, record):
    path = folder / f"{name}.json"
    path.with_suffix(".tmp").write_text(record if isinstance(record, str) else json.dumps(record))
    path.with_suffix(".tmp").rename(path)
    return path


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def poll(folder, state=None):
    return crash.poll(state or {}, crash.Config(directory=folder))


def decode(*records):
    payloads = [
        Payload(id=str(n), collector="crash", path=crash.LINE_PATH, received_at=NOW, body=json.dumps(record).encode())
        for n, record in enumerate(records)
    ]
    return list(crash.decode(payloads, crash.Config()).events)


def death(kind="exit", **more):
    return {"version": 1, "kind": kind, "time": AT.timestamp(), "run": "5f0c2a", **more}


def one_error(record):
    session, error = decode(record)
    assert (type(session), session.crashed, session.session) == (SessionEvent, 1, "5f0c2a")
    assert (type(error), error.handled, error.crashed, error.occurred_at) == (ErrorEvent, False, True, AT)
    return error


# Files.


def test_a_file_is_taken_and_removed_only_when_it_was_spooled(tmp_path):
    write(tmp_path, "1", PYTHON)
    first = poll(tmp_path)
    (payload,) = first.payloads
    assert (payload.collector, payload.path, payload.trust) == ("crash", "/crash", TrustLabel.SERVER)
    assert json.loads(payload.body) == PYTHON
    assert left(tmp_path) == ["1.json"]
    second = poll(tmp_path, first.state)
    assert (second.payloads, second.state, left(tmp_path)) == ((), {}, [])


def test_a_file_read_twice_has_the_same_id(tmp_path):
    write(tmp_path, "1", PYTHON)
    assert poll(tmp_path).payloads == poll(tmp_path).payloads


def test_the_same_record_in_two_files_is_two(tmp_path):
    write(tmp_path, "1", PYTHON)
    write(tmp_path, "2", PYTHON)
    assert len({payload.id for payload in poll(tmp_path).payloads}) == 2


def test_another_record_under_a_spooled_name_is_not_lost(tmp_path):
    write(tmp_path, "1", PYTHON)
    first = poll(tmp_path)
    write(tmp_path, "1", {**PYTHON, "value": "another"})
    (payload,) = poll(tmp_path, first.state).payloads
    assert json.loads(payload.body)["value"] == "another"


def test_the_state_survives_json_and_cannot_reach_outside_the_folder(tmp_path):
    folder = tmp_path / "crashes"
    folder.mkdir()
    outside = write(tmp_path, "1", PYTHON)
    inside = write(folder, "1", PYTHON)
    state = json.loads(json.dumps(poll(folder).state))
    poll(folder, {"spooled": {f"../{name}": payload_id for name, payload_id in state["spooled"].items()}})
    assert outside.exists()
    assert not inside.exists()


def test_what_is_no_record_is_set_aside_and_counted(tmp_path):
    write(tmp_path, "1", "{not json")
    write(tmp_path, "2", "[]")
    write(tmp_path, "3", {**PYTHON, "version": 2})
    write(tmp_path, "4", {**PYTHON, "kind": "nova"})
    write(tmp_path, "5", death("run", phase="dancing"))
    write(tmp_path, "6", "x" * ((1 << 20) + 1))
    write(tmp_path, "7", "[" * 100_000)
    write(tmp_path, "8", PYTHON)
    polled = poll(tmp_path)
    assert (len(polled.payloads), polled.rejected) == (1, {"malformed": 6, "too_large": 1})
    assert left(tmp_path) == ["8.json", "bad"]
    assert left(tmp_path / "bad") == [f"{n}.json" for n in range(1, 8)]


def test_what_is_no_file_of_ours_is_left_alone(tmp_path):
    (tmp_path / "run.told").touch()
    (tmp_path / "1.json.tmp").write_text("{")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.json")
    assert (poll(tmp_path).payloads, poll(tmp_path).rejected) == ((), {})
    assert len(left(tmp_path)) == 5


def test_without_a_folder_there_is_nothing(tmp_path):
    assert poll(tmp_path / "none").payloads == ()
    assert crash.poll({}, crash.Config()).payloads == ()


def test_a_storm_of_files_is_taken_bit_by_bit(tmp_path):
    for n in range(250):
        write(tmp_path, f"{n:03}", PYTHON)
    state, ids = {}, []
    for _ in range(4):
        polled = poll(tmp_path, state)
        state, ids = polled.state, ids + [payload.id for payload in polled.payloads]
    assert (len(ids), len(set(ids)), left(tmp_path)) == (250, 250, [])


def test_no_time_a_file_can_have_breaks_the_poll(tmp_path):
    os.utime(write(tmp_path, "1", PYTHON), (1e13, 1e13))
    os.utime(write(tmp_path, "2", PYTHON), (-5, -5))
    payloads = poll(tmp_path).payloads
    assert len(crash.decode(payloads, crash.Config()).events) == 2


def test_dying_between_spooling_and_removing_loses_and_doubles_nothing(tmp_path):
    folder, spool = tmp_path / "crashes", Spool(tmp_path / "spool", config.Spool(min_free_mb=0))
    folder.mkdir()
    write(folder, "1", PYTHON)
    spool.append_now(poll(folder).payloads)
    # The daemon dies here: the state was never written, so the next poll starts from the old one.
    again = poll(folder)
    spool.append_now(again.payloads)
    assert poll(folder, again.state).payloads == ()
    spooled = [payload for _, payload in spool.read(None, 1 << 20)]
    assert (len(spooled), len({payload.id for payload in spooled})) == (2, 1)
    spool.close()


# Records.


def test_a_python_record_field_by_field():
    (error,) = decode(PYTHON)
    assert (error.payload_id, error.occurred_at) == ("0", AT)
    assert (error.service, error.environment, error.release, error.session) == (
        "shop",
        "production",
        "9f1c0de",
        "5f0c2a",
    )
    assert (error.platform, error.level, error.handled, error.crashed) == ("python", "fatal", False, True)
    assert [(raised.type, raised.value) for raised in error.raised] == [
        ("KeyError", "'total'"),
        ("ZeroDivisionError", "division by zero"),
    ]
    assert error.raised[-1].frames == (
        Frame(
            filename="/srv/shop/app.py",
            abs_path="/srv/shop/app.py",
            function="<module>",
            lineno=12,
            context_line="pay([])",
        ),
        Frame(filename="app/cart.py", function="pay", lineno=9, context_line="return total / len(cart)"),
    )
    assert error.data == PYTHON


def test_a_thread_that_died_did_not_take_the_process_with_it():
    (error,) = decode({**PYTHON, "thread": "Thread-1"})
    assert (error.handled, error.crashed) == (False, False)


def test_signs_of_life_are_sessions():
    phases = [decode(death("run", phase=phase)) for phase in ("started", "healthy", "ended")]
    assert [(s.started, s.ended_well, s.crashed, s.session) for (s,) in phases] == [
        (1, 0, 0, "5f0c2a"),
        (0, 0, 0, "5f0c2a"),
        (0, 1, 0, "5f0c2a"),
    ]


def test_a_death_that_was_told_already_is_a_session_only():
    (session,) = decode(death("exit", exit_code=1, reported=True, stderr_tail="Traceback…"))
    assert (session.crashed, session.started) == (1, 0)


def test_an_exit_without_a_traceback_says_its_code_and_last_words():
    error = one_error(death("exit", exit_code=3, stderr_tail="starting\ncannot open config\n\n"))
    assert (error.message, error.raised, error.platform) == ("ended with exit code 3: cannot open config", (), "")
    assert one_error(death("exit", exit_code=3)).message == "ended with exit code 3"


@pytest.mark.parametrize(
    ("given", "name"), [("SIGKILL", "SIGKILL"), (9, "SIGKILL"), ("9", "SIGKILL"), (99, "signal 99"), (None, "a signal")]
)
def test_a_signal_without_a_dump_is_named(given, name):
    error = one_error(death("signal", signal=given, stderr_tail="working\n"))
    assert error.raised == (Raised(type=name, value=f"ended by {name}"),)


def python(*argv, code):
    done = subprocess.run([sys.executable, *argv, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stderr


CHAINED = """
import sys
def load(row):
    return row["price"]
def pay(row):
    try:
        return load(row)
    except KeyError as error:
        raise ValueError("no price\\nin this row") from error
print("Traceback is a word", file=sys.stderr)
try:
    1 / 0
except ZeroDivisionError:
    import traceback; traceback.print_exc()
pay({})
"""


def test_the_last_traceback_of_a_real_python_is_read_with_its_chain():
    code, stderr = python(code=CHAINED)
    error = one_error(death("exit", exit_code=code, stderr_tail=stderr))
    assert [(raised.type, raised.value) for raised in error.raised] == [
        ("KeyError", "'price'"),
        ("ValueError", "no price"),
    ]
    assert [[frame.function for frame in raised.frames] for raised in error.raised] == [
        ["pay", "load"],
        ["<module>", "pay"],
    ]
    assert (error.raised[0].frames[-1].filename, error.raised[0].frames[-1].lineno) == ("<string>", 4)
    assert (error.message, error.platform) == ("", "python")


def test_code_lines_of_a_traceback_are_kept_and_their_markers_are_not(tmp_path):
    (tmp_path / "app.py").write_text("def pay(cart):\n    return sum(cart) / len(cart)\npay([])\n")
    done = subprocess.run(
        [sys.executable, tmp_path / "app.py"], capture_output=True, text=True, timeout=30, check=False
    )
    frames = one_error(death("exit", exit_code=1, stderr_tail=done.stderr)).raised[0].frames
    assert [(frame.function, frame.context_line) for frame in frames] == [
        ("<module>", "pay([])"),
        ("pay", "return sum(cart) / len(cart)"),
    ]
    assert frames[0].abs_path == str(tmp_path / "app.py")


def test_a_recursion_is_read_to_its_end():
    _, stderr = python(code="def f(): f()\nf()")
    (raised,) = one_error(death("exit", exit_code=1, stderr_tail=stderr)).raised
    assert raised.type == "RecursionError"


GROUP = """
import asyncio
async def pay():
    1 / 0
async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(pay())
asyncio.run(main())
"""


def test_an_exception_group_tells_of_its_members():
    _, stderr = python(code=GROUP)
    group, raised = one_error(death("exit", exit_code=1, stderr_tail=stderr)).raised
    assert (group.type, group.group) == ("ExceptionGroup", True)
    assert (raised.type, raised.frames[-1].function) == ("ZeroDivisionError", "pay")


def test_a_traceback_long_before_the_end_is_not_the_cause():
    _, stderr = python(code=CHAINED)
    error = one_error(death("exit", exit_code=3, stderr_tail=stderr + "working\n" * 30 + "giving up\n"))
    assert (error.raised, error.message) == ((), "ended with exit code 3: giving up")


SEGFAULT = """
import ctypes, threading, time
def inner():
    ctypes.string_at(0)
def outer():
    inner()
threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
outer()
"""


def test_a_real_segfault_has_the_stack_that_faulthandler_dumped():
    code, stderr = python("-X", "faulthandler", code=SEGFAULT)
    assert code == -11
    error = one_error(death("signal", signal=11, stderr_tail="before\n" + stderr))
    (raised,) = error.raised
    assert (raised.type, raised.value, error.platform) == ("SIGSEGV", "Segmentation fault", "python")
    assert [frame.function for frame in raised.frames][:3] == ["<module>", "outer", "inner"]


DUMP = """Fatal Python error: Aborted

Thread 0x00007e (most recent call first):
  File "/a.py", line 3 in idle

Current thread 0x00007f [main] (most recent call first):
  File "/a.py", line 5 in f
  File "/a.py", line 9 in <module>
"""


def test_a_dump_kept_apart_is_read_too():
    (raised,) = one_error(death("signal", signal="SIGABRT", faulthandler=DUMP)).raised
    assert [frame.function for frame in raised.frames] == ["<module>", "f"]


@pytest.mark.parametrize("language", ["java", "node", "go", "ruby"])
def test_the_last_words_of_any_language_are_read(language):
    error = one_error(death("exit", exit_code=1, stderr_tail=f"starting\n{PRINTED[language]}"))
    assert (error.raised, error.platform, error.message) == (CHAINS[language], language, "")


def test_a_stack_that_was_long_before_the_end_is_not_what_it_died_of():
    rest = "".join(f"listening on {n}\n" for n in range(30))
    error = one_error(death("exit", exit_code=1, stderr_tail=f"{PRINTED['java']}{rest}"))
    assert (error.raised, error.message) == ((), "ended with exit code 1: listening on 29")


def test_a_line_of_a_file_is_a_record_and_garbage_is_an_error():
    with pytest.raises(ImproverError, match="crash record"):
        decode("not a record")


@settings(deadline=None)
@given(st.text(st.sampled_from('Traceback (most recent call last):\n FileE"x, line 3 in f^~|+- '), max_size=300))
def test_no_text_breaks_the_reading_of_tracebacks(text):
    for printed in (text, "Traceback (most recent call last):\n" + text, "Fatal Python error: " + text):
        one_error(death("exit", exit_code=1, stderr_tail=printed))


ROWS = st.lists(st.dictionaries(st.sampled_from(["file", "line", "type", "code"]), st.integers() | st.text()))
JSON = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | ROWS
NAMES = st.sampled_from([*PYTHON, "thread", "signal", "exit_code", "stderr_tail"])


@settings(deadline=None)
@given(st.sampled_from(["python", "exit", "signal"]), st.dictionaries(NAMES, JSON))
def test_a_record_with_any_values_decodes(kind, record):
    assert decode({**record, "version": 1, "kind": kind})
