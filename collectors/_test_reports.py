"""Failures in JUnit XML, as pytest and everybody else's test runner writes it: errors of a CI service."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from xml.parsers import expat

from improver.collectors._lenient import text, whole
from improver.collectors._log_lines import CI
from improver.collectors._log_stacks import failure_in, frame_of, platform_of
from improver.collectors._log_times import time_of
from improver.collectors._tracebacks import both_ends, short
from improver.errors import ImproverError
from improver.model import ErrorEvent, Frame, Raised

MAX_FAILURES = 1000
MAX_TEXT = 64 * 1024
MAX_NAME = 1024
MAX_DEPTH = 32

_OUTCOMES = ("failure", "error", "rerunFailure", "flakyFailure")
# pytest ends each part of a traceback with the place, the last one with what was raised.
_PLACE = re.compile(r"([^\s:][^:\n]{0,500}\.py):(\d{1,9}): ?([A-Za-z_][\w.]{0,200})?$")
_DEF = re.compile(r"[ >]\s{0,40}(?:async )?def (\w{1,200})\(")
_SAID = re.compile(r"([A-Za-z_][\w.]{0,200}?)(?:: (.*))?", re.DOTALL)


@dataclass(kw_only=True, slots=True)
class Failed:
    """One failure of one test, as it stands in the report."""

    test: dict[str, str]
    suite_time: str
    kind: str
    said: str
    printed: list[str] = field(default_factory=list)


class Report:
    """Reads a report as it comes; entities, which can grow without end, are refused."""

    def __init__(self) -> None:
        self.failed: list[Failed] = []
        self.left_out = 0
        self._known = False
        self._tests: list[dict[str, str]] = []
        self._time = ""
        self._open: Failed | None = None
        self._depth = 0

    def read(self, body: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _refuse
        parser.buffer_text = True
        try:
            parser.Parse(body, True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            # It may also name an encoding that nobody knows, or that XML cannot have.
            said = str(error)[:200]
            raise ImproverError(f"a test report is not XML: {said}", hint="JUnit XML is read: --junitxml") from error
        if not self._known:
            raise ImproverError("an XML file is no test report", hint="JUnit XML is read: --junitxml")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ImproverError("a test report is nested too deeply", hint="JUnit XML is read: --junitxml")
        self._known = self._known or name in ("testsuites", "testsuite")
        if name == "testsuite":
            self._time = attributes.get("timestamp", self._time)
        elif name == "testcase":
            self._tests.append(attributes)
        elif name in _OUTCOMES and self._tests:
            self._fail(attributes)

    def _fail(self, attributes: dict[str, str]) -> None:
        kind, said = attributes.get("type", "")[:MAX_NAME], attributes.get("message", "")[:MAX_TEXT]
        self._open = Failed(test=self._tests[-1], suite_time=self._time, kind=kind, said=said)
        if len(self.failed) < MAX_FAILURES:
            self.failed.append(self._open)
        else:
            self.left_out += 1

    def _text(self, printed: str) -> None:
        if self._open and len(self._open.printed) < 1000:
            self._open.printed.append(printed[:MAX_TEXT])

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name in _OUTCOMES:
            self._open = None
        elif name == "testcase" and self._tests:
            self._tests.pop()


def _refuse(*_: object) -> None:
    raise ImproverError("a test report with a document type is not read", hint="JUnit XML has none")


def failures(
    body: bytes, origin: dict[str, str], payload_id: str, received_at: datetime
) -> tuple[list[ErrorEvent], int]:
    """The failures of a report, and how many were too many."""
    report = Report()
    report.read(body)
    return [_event(failed, origin, payload_id, received_at) for failed in report.failed], report.left_out


def _event(failed: Failed, origin: dict[str, str], payload_id: str, received_at: datetime) -> ErrorEvent:
    printed = "".join(failed.printed)[:MAX_TEXT]
    raised = _of_pytest(failed, printed) or _of_stack(failed, printed)
    data: dict[str, Any] = {name: text(value, MAX_NAME) for name, value in list(failed.test.items())[:20]}
    return ErrorEvent(
        payload_id=payload_id,
        occurred_at=time_of(failed.suite_time, received_at),
        service=origin.get("service") or CI,
        environment=origin.get("environment", ""),
        platform=platform_of(raised),
        raised=raised,
        data=data | ({"file": origin["file"]} if "file" in origin else {}),
    )


def _test_id(test: dict[str, str]) -> str:
    parts = (test.get("classname") or test.get("class") or "", test.get("name") or "")
    return ".".join(part for part in parts if part)[:MAX_NAME]


def _of_pytest(failed: Failed, printed: str) -> tuple[Raised, ...]:
    """The first place is in the test itself; those below are named by the function that pytest shows there."""
    frames: list[Frame] = []
    kind, function = "", _test_id(failed.test)
    for line in printed.split("\n"):
        if found := _DEF.match(line):
            function = found[1] if frames else function
        elif found := _PLACE.match(line):
            frames.append(frame_of(found[1], function, int(found[2])))
            kind, function = found[3] or kind, ""
    if not frames:
        return ()
    said = _SAID.fullmatch(failed.said)
    typed = said is not None and said[2] is not None and short(said[1]) == short(kind)
    value = said[2] if typed and said else failed.said
    return (Raised(type=short(kind or failed.kind or "failure"), value=value, frames=both_ends(frames)),)


def _of_stack(failed: Failed, printed: str) -> tuple[Raised, ...]:
    """Other runners print their language's stack, or nothing but a message."""
    file = failed.test.get("file") or ""
    test = frame_of(file[:MAX_NAME], _test_id(failed.test), whole(failed.test.get("line")))
    failure = failure_in(printed)
    kind, said = short(failed.kind) or "failure", failed.said or printed.strip().partition("\n")[0]
    if not failure:
        return (Raised(type=kind, value=said, frames=(test,)),)
    *causes, last = failure.chain
    surfaced = replace(last, type=short(failed.kind) or last.type, value=failed.said or last.value)
    return (*causes, replace(surfaced, frames=both_ends([test, *surfaced.frames])))
