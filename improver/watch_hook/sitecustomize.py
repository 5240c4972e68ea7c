"""Runs inside the watched app, before it: leaves a crash file for what nobody caught, as docs/crash-files.md says.

Python imports it by this name from PYTHONPATH, in every Python program that the app starts, of whatever version: so it
uses nothing of improver, no third-party module and no recent syntax, and hands on to any other sitecustomize behind it.
"""

# Not pathlib: importing it would slow down every program that the app starts.
# ruff: noqa: PTH100, PTH104, PTH118, PTH120

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from traceback import TracebackException
    from types import TracebackType
    from typing import Any

FRAMES = 100  # innermost ones kept: a RecursionError has a thousand
CHAIN = 8
TEXT = 8192
LINE = 300
QUIET = (KeyboardInterrupt, SystemExit)


def install(folder: str) -> None:
    """Hook what Python calls for an exception that nobody caught, in front of whatever is there."""
    import threading

    uncaught, uncaught_in_thread = sys.excepthook, threading.excepthook

    def on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, QUIET):
            report(folder, kind, error, trace, "")
        uncaught(kind, error, trace)

    def on_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, QUIET) and args.exc_value is not None:
            name = args.thread.name if args.thread else "unknown"
            report(folder, args.exc_type, args.exc_value, args.exc_traceback, name)
        uncaught_in_thread(args)

    sys.excepthook, threading.excepthook = on_uncaught, on_uncaught_in_thread


def report(
    folder: str, kind: type[BaseException], error: BaseException, trace: TracebackType | None, thread: str
) -> None:
    """Leave a crash file; of the main thread's end also the mark that tells the wrapper that this has been done."""
    try:
        leave(folder, record_of(kind, error, trace, thread))
        if not thread:
            touch(os.path.join(folder, os.environ.get("IMPROVER_RUN_ID", "unknown") + ".told"))
    # This is the app's process, not ours, and it is dying: a full disk, an exception whose __str__ raises, or a module
    # that is gone at shutdown must not hide the app's own traceback, which Python prints after this.
    except Exception as failure:  # noqa: BLE001
        os.write(2, f"improver: could not write a crash file: {failure!r}\n".encode("utf-8", "replace"))


def record_of(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None, thread: str
) -> dict[str, Any]:
    import time
    import traceback

    chain = chain_of(traceback.TracebackException(kind, error, trace))
    record: dict[str, Any] = {
        "version": 1,
        "kind": "python",
        "time": time.time(),
        "run": os.environ.get("IMPROVER_RUN_ID", ""),
        "pid": os.getpid(),
        "service": os.environ.get("IMPROVER_SERVICE", ""),
        "environment": os.environ.get("SENTRY_ENVIRONMENT", ""),
        "release": os.environ.get("SENTRY_RELEASE", ""),
        "argv": [part[:LINE] for part in getattr(sys, "argv", [])[:100]],
        "causes": [raised(told) for told in reversed(chain[1:])],
    }
    record.update(raised(chain[0]), type=qualified(kind))
    if thread:
        record["thread"] = thread
    return record


def chain_of(told: TracebackException | None) -> list[TracebackException]:
    """The exception and those that led to it, newest first, as Python would print them."""
    chain: list[TracebackException] = []
    while told is not None and len(chain) < CHAIN:
        chain.append(told)
        told = told.__cause__ or (None if told.__suppress_context__ else told.__context__)
    return chain


def raised(told: TracebackException) -> dict[str, Any]:
    frames = list(told.stack)[-FRAMES:]
    # The first name a file was imported under wins: later ones are aliases, as multiprocessing makes of __main__.
    modules = {getattr(module, "__file__", None): name for name, module in reversed(list(sys.modules.items()))}
    return {
        "type": type_of(told),
        "value": str(told)[:TEXT],
        "frames": [
            {
                "file": frame.filename,
                "module": modules.get(frame.filename) or "",
                "line": frame.lineno,
                "function": frame.name,
                "code": (frame.line or "")[:LINE],
            }
            for frame in frames
        ],
    }


def type_of(told: TracebackException) -> str:
    # `exc_type` is deprecated where `exc_type_str` (3.13) has taken its place.
    name = getattr(told, "exc_type_str", "")
    return str(name) if name else qualified(told.exc_type)


def qualified(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def leave(folder: str, record: dict[str, Any]) -> None:
    """Whole or not at all, and readable by nobody else."""
    import json
    import time

    path = os.path.join(folder, f"{time.time_ns()}-{os.getpid()}.json")
    descriptor = os.open(path + ".tmp", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".tmp", path)


def touch(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def hand_on() -> None:
    """Run the sitecustomize that would have been found without this folder."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))
    found = PathFinder.find_spec("sitecustomize", [path for path in sys.path if os.path.abspath(path) != here])
    if found is not None and found.loader is not None:
        # This module stays in sys.modules: taken out, Python would import it again.
        found.loader.exec_module(module_from_spec(found))


if os.environ.get("IMPROVER_CRASH_DIR"):
    install(os.environ["IMPROVER_CRASH_DIR"])
hand_on()
