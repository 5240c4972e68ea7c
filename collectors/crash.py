"""Deaths of processes under `improver watch`, and their signs of life, from the files it leaves behind."""

import dataclasses
import json
import os
import signal
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from improver.collectors._lenient import clamped, mappings, text, whole
from improver.collectors._log_records import records as log_records
from improver.collectors._log_stacks import failure_in, platform_of
from improver.collectors._tracebacks import MAX_AFTER, both_ends, fatal_error, frame_at, last_traceback, short
from improver.errors import ImproverError
from improver.model import (
    DOCTOR,
    Batch,
    ErrorEvent,
    Event,
    Frame,
    LeftFile,
    Payload,
    Polled,
    Raised,
    SessionEvent,
    TrustLabel,
)
from improver.model.configured import Configured
from improver.model.ids import digest

EVERY = 1.0
# One line of a file is one record.
LINE_PATH = "/crash"

VERSION = 1
KINDS = ("python", "exit", "signal", "run")
PHASES = ("started", "healthy", "ended")
MAX_FILE = 1 << 20
MAX_FILES = 100  # in one poll
MAX_TAIL = 64 * 1024
MAX_NAME = 1024
LATEST = 4_102_444_800  # the year 2100: a file's time can be set to anything
MAX_CHAIN = 50
HINT = "docs/crash-files.md says what a record looks like"


class Config(Configured):
    directory: Path | None = None
    """Where crash files are written. Unset: `crashes` in the data folder, where `improver watch` writes them."""


def poll(state: Mapping[str, object], config: Config) -> Polled:
    """Files go only after the state says that they were spooled: read twice, they have the same id."""
    folder = config.directory
    if folder is None or not folder.is_dir():
        return Polled(payloads=(), state={})
    _remove_spooled(folder, state.get("spooled"))
    payloads: list[Payload] = []
    spooled: dict[str, str] = {}
    rejected: Counter[str] = Counter()
    for path in _files(folder):
        found = _read(path)
        reason = found if isinstance(found, str) else _flaw(found)
        if reason:
            rejected[reason] += 1
            _set_aside(path)
        elif isinstance(found, File):
            payloads.append(_payload(found))
            spooled[path.name] = found.id
    return Polled(payloads=tuple(payloads), state={"spooled": spooled} if spooled else {}, rejected=dict(rejected))


def decode(payloads: Iterable[Payload], config: Configured) -> Batch:
    return Batch.of([event for payload in payloads for event in _events(_record(payload.body), payload)])


def example(key: str, id: str, now: datetime) -> Mapping[str, LeftFile]:
    record = {
        "version": VERSION, "kind": "exit", "time": now.timestamp(), "run": id, "service": DOCTOR,
        "environment": DOCTOR, "exit_code": 1, "stderr_tail": "improver doctor looks whether this arrives",
    }  # fmt: skip
    return {"crash file": LeftFile(name=f"{DOCTOR}-{id}.json", body=json.dumps(record).encode())}


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    name: str
    body: bytes
    written_at: datetime

    @property
    def id(self) -> str:
        return digest(self.name, self.body.hex(), length=32)


def _files(folder: Path) -> list[Path]:
    """The watched program may write here: links, pipes and folders are none of ours."""
    with os.scandir(folder) as entries:
        names = [one.name for one in entries if one.name.endswith(".json") and one.is_file(follow_symlinks=False)]
    return [folder / name for name in sorted(names)[:MAX_FILES]]


def _read(path: Path) -> File | str | None:
    """The file, the reason word why it cannot be taken, or None when it is gone."""
    try:
        # Even if it is swapped meanwhile, no link leads us elsewhere and no pipe holds us up.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        return "unreadable"
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        written = os.fstat(descriptor).st_mtime
        body = file.read(MAX_FILE + 1)
    if len(body) > MAX_FILE:
        return "too_large"
    written_at = datetime.fromtimestamp(min(max(written, 0), LATEST), UTC)
    return File(name=path.name, body=body, written_at=written_at)


def _flaw(file: File | None) -> str:
    if file is None:
        return ""
    try:
        _record(file.body)
    except ImproverError:
        return "malformed"
    return ""


def _payload(file: File) -> Payload:
    return Payload(
        id=file.id,
        collector="crash",
        path=LINE_PATH,
        received_at=file.written_at,
        body=file.body,
        trust=TrustLabel.SERVER,
        content_type="application/json",
    )


def _remove_spooled(folder: Path, spooled: object) -> None:
    for name, payload_id in (spooled if isinstance(spooled, dict) else {}).items():
        path = folder / Path(name).name
        file = _read(path)
        # Another record under the same name has not been spooled.
        if isinstance(file, File) and file.id == payload_id:
            path.unlink(missing_ok=True)


def _set_aside(path: Path) -> None:
    bad = path.parent / "bad"
    bad.mkdir(mode=0o700, exist_ok=True)
    path.rename(bad / path.name)


def _record(body: bytes) -> dict[str, Any]:
    try:
        record = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ImproverError("a crash record is not JSON", hint=HINT) from error
    if not isinstance(record, dict) or record.get("version") != VERSION or record.get("kind") not in KINDS:
        raise ImproverError(f"not a crash record of version {VERSION}", hint=HINT)
    if record["kind"] == "run" and record.get("phase") not in PHASES:
        raise ImproverError(f"a run record whose phase is none of {', '.join(PHASES)}", hint=HINT)
    return record


def _events(record: dict[str, Any], payload: Payload) -> list[Event]:
    if record["kind"] == "python":
        return [_of_python(record, payload)]
    if record["kind"] == "run":
        started, ended = (int(record["phase"] == phase) for phase in ("started", "ended"))
        return [SessionEvent(**_common(record, payload), started=started, ended_well=ended)]
    death = SessionEvent(**_common(record, payload), crashed=1)
    return [death] if record.get("reported") is True else [death, _of_death(record, payload)]


def _of_python(record: dict[str, Any], payload: Payload) -> ErrorEvent:
    chain = [*mappings(record.get("causes"), MAX_CHAIN), record]
    return ErrorEvent(
        **_common(record, payload),
        platform="python",
        level="fatal",
        raised=tuple(_raised(one) for one in chain),
        handled=False,
        # When another thread than the main one died, the process went on.
        crashed=not text(record.get("thread")),
    )


def _of_death(record: dict[str, Any], payload: Payload) -> ErrorEvent:
    """The stack is what the process managed to print."""
    printed = (text(record.get("faulthandler"), MAX_FILE) or text(record.get("stderr_tail"), MAX_FILE))[-MAX_TAIL:]
    fatal = fatal_error(printed)
    how = _signal_name(record.get("signal")) if record["kind"] == "signal" else ""
    if fatal:
        raised: tuple[Raised, ...] = (Raised(type=how or "Fatal", value=fatal[0], frames=fatal[1]),)
    else:
        raised = last_traceback(printed)
    platform = "python" if any(one.frames for one in raised) else ""
    if not raised:
        raised = _last_stack(printed) or ((Raised(type=how, value=f"ended by {how}"),) if how else ())
        platform = platform_of(raised)
    return ErrorEvent(
        **_common(record, payload),
        platform=platform,
        level="fatal",
        message="" if raised else _last_words(record, printed),
        raised=raised,
        handled=False,
        crashed=True,
    )


def _last_stack(printed: str) -> tuple[Raised, ...]:
    """The last stack of any other language, unless much else was printed after it."""
    after = 0
    for printed_last in reversed(list(log_records(BytesIO(printed.encode()), "plain"))):
        if failure := failure_in(printed_last.text):
            return failure.chain
        after += sum(bool(line.said.strip()) for line in printed_last.lines)
        if after > MAX_AFTER:
            break
    return ()


def _last_words(record: dict[str, Any], printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    code = whole(record.get("exit_code"))
    ended = "ended" if code is None else f"ended with exit code {code}"
    return f"{ended}: {lines[-1][:MAX_NAME]}" if lines else ended


def _signal_name(value: object) -> str:
    number = whole(value)
    if number is None:
        return text(value, 40) or "a signal"
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _raised(record: dict[str, Any]) -> Raised:
    return Raised(
        type=short(text(record.get("type"), MAX_NAME)),
        value=text(record.get("value")),
        frames=both_ends([_frame(frame) for frame in mappings(record.get("frames"), 10_000)]),
    )


def _frame(frame: dict[str, Any]) -> Frame:
    at = frame_at(
        text(frame.get("file"), MAX_NAME),
        function=text(frame.get("function"), MAX_NAME),
        lineno=whole(frame.get("line")),
        code=text(frame.get("code"), MAX_NAME),
    )
    # Named as sentry-sdk names it: a death that both report is one Finding.
    return dataclasses.replace(at, module=text(frame.get("module"), MAX_NAME))


def _common(record: dict[str, Any], payload: Payload) -> dict[str, Any]:
    return {
        "payload_id": payload.id,
        "occurred_at": clamped(record.get("time"), payload.received_at),
        "service": text(record.get("service"), MAX_NAME),
        "environment": text(record.get("environment"), MAX_NAME),
        "release": text(record.get("release"), MAX_NAME),
        "session": text(record.get("run"), 64),
        "data": record,
    }
