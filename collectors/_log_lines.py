"""One line of a log, whatever wrote it: what it says, how bad that is, when, and by whom."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from improver.collectors._lenient import mapping, text
from improver.collectors._log_headers import headed, severity_of_priority

MAX_LINE = 64 * 1024
MAX_NAME = 1024
CI = "ci"

_ACTIONS = re.compile(r"\ufeff?(?:[^\t]{1,200}\t[^\t]{1,200}\t)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z)(?: (.*)|$)")
_ACTIONS_MARK = re.compile(r"##\[(error|warning|notice|debug|command|section|group|endgroup)\](.*)")
_ACTIONS_SEVERITY = {"error": 17, "warning": 13, "debug": 5}
_CONTAINER = re.compile(r"(\d{4}-\d\d-\d\dT\S{8,40}) (stdout|stderr) [FP] (.*)")
# Docker Compose writes NAME-NUMBER in front of each line, PM2 NUMBER|NAME.
_COMPOSED = re.compile(
    r"(?:(\d{4}-\d\d-\d\dT\S{8,40}) )?(?:([\w.-]{1,80}?)[-_]\d{1,3}|\d{1,3}\|([\w.-]{1,80})) {1,60}\|(?: (.*)|$)"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
_PAIR = re.compile(r'([A-Za-z_@][\w.@/-]{0,100})=("(?:[^"\\]|\\.)*+"|[^\s"]*+)(?:\s|$)')
_DOCKER = {"log", "stream", "time", "attrs"}
# From systemd's journal: its own names, in capitals.
_JOURNAL = ("__REALTIME_TIMESTAMP", "_SOURCE_REALTIME_TIMESTAMP", "_PID", "PRIORITY", "SYSLOG_IDENTIFIER", "__CURSOR")


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """`said` is what is left without the header; `fields` is the record of a line that is one by itself.

    `stream` tells lines of several writers in one file apart.
    """

    said: str
    time: object = None
    severity: int | None = None
    logger: str = ""
    service: str = ""
    stream: str = ""
    fields: dict[str, Any] = field(default_factory=dict)
    headed: bool = False

    @property
    def ends_record(self) -> bool:
        """A record of its own: what follows it does not belong to it."""
        return bool(self.fields)


Reader = Callable[[str], Line | None]


def read(raw: bytes, style: str) -> Line:
    line = _COLOUR.sub("", raw[:MAX_LINE].decode("utf-8", "replace").rstrip("\r\n"))
    return next((found for reader in READERS[style] if (found := reader(line))), None) or _plain(line)


def _plain(line: str) -> Line:
    header = headed(line)
    if header is None:
        return Line(said=line)
    inner = _json(header.said) or _logfmt(header.said)
    if inner and any(name in inner.fields for name in ("level", "lvl", "severity")):
        said = {"time": header.time, "logger": header.logger}
        return replace(inner, fields={name: value for name, value in said.items() if value} | inner.fields)
    return Line(said=header.said, time=header.time, severity=header.severity, logger=header.logger, headed=True)


def _json(line: str) -> Line | None:
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not record:
        return None
    if "log" in record and isinstance(record["log"], str) and record.keys() <= _DOCKER:
        return _within(record["log"].rstrip("\r\n"), time=record.get("time"), stream=text(record.get("stream")))
    if "MESSAGE" in record and any(name in record for name in _JOURNAL):
        return _journal(record)
    return Line(said="", fields=record)


def _journal(record: dict[str, Any]) -> Line:
    """The journal has one entry for each line that a service prints; what is not UTF-8 comes as numbers."""
    message = record["MESSAGE"]
    if isinstance(message, list):
        message = bytes(one for one in message if isinstance(one, int) and 0 <= one < 256).decode("utf-8", "replace")
    writer = text(record.get("SYSLOG_IDENTIFIER") or record.get("_COMM"), MAX_NAME)
    unit = text(record.get("_SYSTEMD_UNIT") or record.get("UNIT"), MAX_NAME).removesuffix(".service")
    micros = text(record.get("_SOURCE_REALTIME_TIMESTAMP") or record.get("__REALTIME_TIMESTAMP"), 32)
    line = _within(text(message), time=float(micros) / 1e6 if micros.isdecimal() else None, stream=f"{unit}/{writer}")
    priority = severity_of_priority(record.get("PRIORITY"))
    # What a service prints has the journal's default level, which says nothing.
    said = line.severity if priority in (None, 9) and line.severity else priority
    return replace(line, severity=said, logger=line.logger or writer, service=unit or writer)


def _within(line: str, *, time: object, stream: str) -> Line:
    """A line inside another one's wrapping."""
    inner = _json(line) or _logfmt(line) or _plain(line)
    return replace(inner, time=inner.time or time, stream=stream)


def _container(line: str) -> Line | None:
    found = _CONTAINER.fullmatch(line)
    return _within(found[3], time=found[1], stream=found[2]) if found else None


def _composed(line: str) -> Line | None:
    found = _COMPOSED.fullmatch(line)
    if not found:
        return None
    name = found[2] or found[3]
    inner = _within(found[4] or "", time=found[1], stream=name)
    return replace(inner, service=inner.service or name)


def _actions(line: str) -> Line | None:
    found = _ACTIONS.fullmatch(line)
    if not found:
        return None
    said = found[2] or ""
    mark = _ACTIONS_MARK.fullmatch(said)
    if not mark:
        return replace(_plain(said), time=found[1], service=CI, stream=CI)
    severity = _ACTIONS_SEVERITY.get(mark[1], 9)
    return Line(said=mark[2], time=found[1], severity=severity, service=CI, stream=CI, logger=mark[1])


def _logfmt(line: str) -> Line | None:
    """Pairs from the beginning, two at least, and one that tells a log line from other text with "=" in it."""
    fields: dict[str, Any] = {}
    at = 0
    while found := _PAIR.match(line, at):
        fields.setdefault(found[1], _unquoted(found[2]))
        at = found.end()
    known = any(name in fields for name in ("level", "lvl", "msg", "message", "severity", "time", "ts"))
    if len(fields) < 2 or not known:
        return None
    rest = line[at:].strip()
    return Line(said="", fields=fields | ({"msg": rest} if rest and "msg" not in fields else {}))


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        unquoted = json.loads(value)
    except ValueError:
        return value[1:-1]
    return str(unquoted)


READERS: dict[str, tuple[Reader, ...]] = {
    "auto": (_json, _actions, _container, _composed, _logfmt),
    "json": (_json,),
    "journald": (_json,),
    "logfmt": (_logfmt,),
    "plain": (),
    "actions": (_actions,),
}


def nested(record: dict[str, Any], name: str) -> object:
    """What stands under a dotted name, whether it is one key or a path of them."""
    found = record.get(name)
    if found is not None or "." not in name:
        return found
    outer, _, inner = name.partition(".")
    return nested(mapping(record.get(outer)), inner)
