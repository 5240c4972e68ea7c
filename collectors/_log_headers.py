"""What stands in front of the message in a line of plain text: time, level and logger, in the usual orders."""

import re
from dataclasses import dataclass, replace

from improver.collectors._lenient import text

SEVERITIES = {
    "trace": 1, "finest": 1, "silly": 1, "verbose": 5, "debug": 5, "dbg": 5, "fine": 5, "debu": 5,
    "info": 9, "information": 9, "inf": 9, "notice": 10, "http": 9, "log": 9, "default": 9, "config": 9,
    "warn": 13, "warning": 13, "wrn": 13, "error": 17, "err": 17, "eror": 17, "severe": 17, "alert": 19,
    "critical": 21, "crit": 21, "fatal": 21, "ftl": 21, "fata": 21, "dpanic": 21, "panic": 21, "emerg": 21,
    "emergency": 21,
}  # fmt: skip
_SYSLOG = (21, 21, 21, 17, 13, 10, 9, 5)
_NUMBERS = ((60, 21), (50, 17), (40, 13), (30, 9), (20, 5), (10, 1))  # of pino and bunyan
_LETTERS = {"T": 1, "V": 5, "D": 5, "I": 9, "W": 13, "E": 17, "F": 21, "A": 9}
# These begin messages, too ("panic: …" is Go's last word). Longest first: "warning" is not to be read as "warn".
_NO_HEADERS = ("panic", "log", "http", "default", "config", "fine")
_WORDS = "|".join(sorted(SEVERITIES.keys() - set(_NO_HEADERS), key=len, reverse=True))

_TIME = re.compile(
    r"\[?("
    r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    r"|(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: \d{4})?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"
    r"|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r")(?:\]|(?=[\s|,;:]|$))"
)
_LEVEL = re.compile(rf"[\[<(|]?(?:[a-z_]{{1,40}}:)?({_WORDS})[\])>|]?(?=[\s:,|\]-]|$)", re.IGNORECASE)
# Threads, process numbers and the like.
_ASIDE = re.compile(r"\[[^\[\]]{0,80}\]|\(\d{1,9}\)|\d{1,9}#\d{1,9}:|\d{1,9}(?= ---)|---")
_GAP = re.compile(r"[\s|,;-]*")
_NAME = r"[A-Za-z_][\w$/-]{0,80}(?:\.[\w$/-]{1,80}){0,20}"
_LOGGER = re.compile(
    rf"({_NAME}(?::[\w<>]{{1,80}}:\d{{1,7}})?)(?: -{{1,2}}| :| \|)\s|in ({_NAME}): |({_NAME}\.[\w$/-]{{1,80}}): "
)
_PYTHON = re.compile(rf"(CRITICAL|ERROR|WARNING|INFO|DEBUG):({_NAME}):(.*)", re.DOTALL)
_GLOG = re.compile(
    r"([IWEF])(\d{4} \d\d:\d\d:\d\d(?:\.\d{1,6})?)\s{1,6}\d{1,9} ([\w./-]{1,200}:\d{1,7})\] (.*)", re.DOTALL
)
_RUBY = re.compile(r"[DIWEFA], \[([^\]#]{1,40}?)\s{0,2}#\d{1,9}\]\s{1,3}([A-Z]{3,5}) -- ([^:]{0,100}): (.*)", re.DOTALL)
_SYSLOG_NEW = re.compile(
    r"<(\d{1,3})>1 (\S{1,40}) \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} (?:-|\[.{0,2000}?\])(?: (.*)|$)", re.DOTALL
)
_SYSLOG_OLD = re.compile(
    r"(?:<(\d{1,3})>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,30})"
    rf" (?!\[?(?i:{_WORDS})\b)[\w.:-]{{1,255}} ([\w./@-]{{1,100}})(?:\[\d{{1,9}}\])?: (.*)",
    re.DOTALL,
)
_PARTS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    said: str
    time: str | None = None
    severity: int | None = None
    logger: str = ""


def severity_of(level: object) -> int | None:
    """OpenTelemetry's number for a level's name, and for the numbers of pino and bunyan."""
    named = text(level, 40).strip().lower()
    if named not in SEVERITIES and named.isdecimal():
        return next((severity for least, severity in _NUMBERS if int(named) >= least), None)
    return SEVERITIES.get(named)


def severity_of_priority(priority: object) -> int | None:
    """The same for syslog's numbers, which the journal and GELF have."""
    named = text(priority, 4)
    return _SYSLOG[int(named)] if named.isdecimal() and int(named) < len(_SYSLOG) else None


def headed(line: str) -> Header | None:
    """The parts of a line that begins with a time or a level; None for one that does not."""
    if not line or line[0].isspace():
        return None
    return next((found for look in (_fixed, _syslog, _parts) if (found := look(line))), None)


def _fixed(line: str) -> Header | None:
    """Formats whose parts always stand at the same place."""
    if found := _PYTHON.fullmatch(line):
        return Header(said=found[3], severity=severity_of(found[1]), logger=found[2])
    if found := _GLOG.fullmatch(line):
        return Header(said=found[4], time=found[2], severity=_LETTERS[found[1]], logger=found[3])
    if found := _RUBY.fullmatch(line):
        return Header(said=found[4], time=found[1], severity=severity_of(found[2]), logger=found[3].strip())
    return None


def _syslog(line: str) -> Header | None:
    if found := _SYSLOG_NEW.fullmatch(line):
        said, severity = found[4] or "", _SYSLOG[int(found[1]) % 8]
        return Header(said=said, time=found[2], severity=severity, logger=found[3].strip("-"))
    found = _SYSLOG_OLD.fullmatch(line)
    if not found:
        return None
    header = Header(said=found[4], time=found[2], logger=found[3])
    if found[1]:
        return replace(header, severity=_SYSLOG[int(found[1]) % 8])
    inner = headed(found[4]) if len(found[4]) < len(line) else None
    if inner is None:
        return header
    return replace(header, said=inner.said, severity=inner.severity, logger=inner.logger or found[3])


def _parts(line: str) -> Header | None:
    """One part after the other, in any order, until the message begins."""
    header, at = Header(said=line), 0
    for _ in range(_PARTS):
        begin = _after_gap(line, at) if at else 0
        found = _part(line, begin, header)
        if found is None:
            break
        header, at = found
    if not at:
        return None
    if found := _logger(line, _after_gap(line, at), header):
        header, at = found
    return replace(header, said=line[at:].lstrip(" \t|:,;-") if at < len(line) else "")


def _part(line: str, at: int, header: Header) -> tuple[Header, int] | None:
    if header.time is None and (found := _TIME.match(line, at)):
        return replace(header, time=found[1]), found.end()
    if header.severity is None and (found := _LEVEL.match(line, at)) and _is_level(found, line, header):
        return replace(header, severity=SEVERITIES[found[1].lower()]), _past_colon(line, found.end())
    if (header.time or header.severity) and (found := _ASIDE.match(line, at)) and found.end() < len(line):
        return header, found.end()
    # TIME - LOGGER - LEVEL - MESSAGE
    if header.time and header.severity is None and (found := _LOGGER.match(line, at)):
        after = _after_gap(line, found.end())
        level = _LEVEL.match(line, after)
        if level and _is_level(level, line, header):
            return replace(header, logger=next(filter(None, found.groups()))), found.end()
    return None


def _is_level(found: re.Match[str], line: str, header: Header) -> bool:
    """"Error: no such file" says what happened, and is no level."""
    word = found[1]
    if word.isupper() or found[0] != word:
        return True
    return word.islower() and (header.time is not None or line.startswith(":", found.end()))


def _logger(line: str, at: int, header: Header) -> tuple[Header, int] | None:
    if header.logger or header.severity is None or not (found := _LOGGER.match(line, at)):
        return None
    return replace(header, logger=next(filter(None, found.groups()))), found.end()


def _past_colon(line: str, at: int) -> int:
    return at + 1 if line.startswith(":", at) else at


def _after_gap(line: str, at: int) -> int:
    found = _GAP.match(line, at)
    return found.end() if found else at
