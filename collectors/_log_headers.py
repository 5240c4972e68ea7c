"""What stands in front of the message in a line of plain text: time, level and logger, in the usual orders."""

import re
from dataclasses import replace

from improver.collectors._lenient import text
from improver.collectors._log_shapes import NAME, SEVERITIES, WORDS, Header, shaped

_SYSLOG = (21, 21, 21, 17, 13, 10, 9, 5)

_TIME = re.compile(
    r"\[?("
    r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
    r"|(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: \d{4})?"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"
    r"|\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: (?:UTC|[A-Z]\w{1,20}/[\w/+-]{1,40}))?"
    r"|\d\d/\d\d/\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"|\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r")(?:\]|(?=[\s|,;:]|$))"
)
_LEVEL = re.compile(rf"[\[<(|]?(?:[a-z_]{{1,40}}:)?({WORDS})[\])>|]?(?=[\s:,|\]-]|$)", re.IGNORECASE)
# Threads, process numbers and the like.
_ASIDE = re.compile(
    r"\[(?:[^\[\]]|\[[^\[\]]{0,80}\]){0,200}\]|<\d{1,9}(?:\.\d{1,9}){1,3}>"
    r"|\(\d{1,9}\)|\d{1,9}#\d{1,9}:|\d{1,9}(?= ---)|---"
)
_PROCESS = re.compile(rf"\d{{1,9}}(?= (?:(?:{WORDS})\s|\[(?:{WORDS})\]))", re.IGNORECASE)
_COLUMN = re.compile(r"\t| {2}| ?\|")
_GAP = re.compile(r"[\s|,;-]*")
_LOGGER = re.compile(
    rf"({NAME}(?::[\w<>]{{1,80}}:\d{{1,7}})?)(?: -{{1,2}}| {{1,40}}:| \|)\s|in ({NAME}): |({NAME}\.[\w$/-]{{1,80}}): "
    # What a request is known by follows the logger's name, or the name is filled up to a column.
    rf"|({NAME}\.[\w$/-]{{1,80}}) \[(?:req-[^\]]{{0,200}}|-)\] ?|([A-Z]{{2,20}}) {{2,40}}"
)
_SYSLOG_NEW = re.compile(
    r"<(\d{1,3})>1 (\S{1,40}) \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} (?:-|\[.{0,2000}?\])(?: (.*)|$)", re.DOTALL
)
# A program's name has blanks in it only where its process number shows where it ends, or its version follows.
_PROGRAM = (
    r"[\w./@-]{1,100}(?:\([\w./-]{1,60}\))?(?=\[|:| \()|[\w./@-]{1,60}(?: [\w./@()-]{1,60}){1,4}(?=\[\d)"
    r"|[\w-]{1,60} \d[\w.]{0,20}(?=:)"
)
_SYSLOG_OLD = re.compile(
    r"(?:<(\d{1,3})>)?([A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{8,30})"
    rf" (?!\[?(?i:{WORDS})\b)[\w.:/@#-]{{0,254}}\w (?:({_PROGRAM})(?:\[\d{{1,9}}\])?(?: \([^()]{{1,300}}\))?:"
    r"(?: (.*)|$)|(-{0,3} ?last message repeated .*))",
    re.DOTALL,
)
# What a collecting program put in front: an alert's name, seconds since the epoch, a date, a host.
_COLLECTED = re.compile(r"(?:-|[A-Z][\w-]{1,40}) \d{10} \d{4}\.\d\d\.\d\d \S{1,100} ")
# The name of the file that a line was gathered from.
_GATHERED = re.compile(r"[\w/-]{1,200}\.(?:log|out|err)[\w.:-]{0,100}[ :]\s?(?=\[?\d{4}-\d\d-\d\d)")
# How far in it stands tells a line of a stack.
_STACKED = re.compile(r"[ |]\s{1,20}(?:at \S|File \"|from \S)")
_PARTS = 8


def severity_of_priority(priority: object) -> int | None:
    """OpenTelemetry's number for syslog's, which the journal and GELF have."""
    named = text(priority, 4)
    return _SYSLOG[int(named)] if named.isdecimal() and int(named) < len(_SYSLOG) else None


def headed(line: str) -> Header | None:
    """The parts of a line that begins with a time or a level; None for one that does not."""
    if not line or line[0].isspace():
        return None
    if found := _COLLECTED.match(line) or _GATHERED.match(line):
        line = line[found.end() :]
    return next((header for look in (shaped, _syslog, _parts) if (header := look(line))), None)


def _syslog(line: str) -> Header | None:
    if found := _SYSLOG_NEW.fullmatch(line):
        said, severity = found[4] or "", _SYSLOG[int(found[1]) % 8]
        return Header(said=said, time=found[2], severity=severity, logger=found[3].strip("-"))
    found = _SYSLOG_OLD.fullmatch(line)
    if not found:
        return None
    header = Header(said=found[4] or found[5] or "", time=found[2], logger=found[3] or "")
    if found[1]:
        return replace(header, severity=_SYSLOG[int(found[1]) % 8])
    inner = headed(header.said)
    if inner is None:
        return header
    return replace(header, said=inner.said, severity=inner.severity, logger=inner.logger or header.logger)


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
    if header.severity is None and _STACKED.match(line, at):
        return replace(header, said=line[at + 1 :])
    return replace(header, said=line[at:].lstrip(" \t|:,;-") if at < len(line) else "")


def _part(line: str, at: int, header: Header) -> tuple[Header, int] | None:
    if header.time is None and (found := _TIME.match(line, at)):
        return replace(header, time=found[1]), found.end()
    if header.severity is None and (found := _LEVEL.match(line, at)) and _is_level(found, line, header):
        return replace(header, severity=SEVERITIES[found[1].lower()]), _past_colon(line, found.end())
    aside = _ASIDE.match(line, at) or (header.severity is None and _PROCESS.match(line, at))
    if (header.time or header.severity) and aside and aside.end() < len(line):
        return header, aside.end()
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
    if word.istitle():
        return header.time is not None and bool(_COLUMN.match(line, found.end()))
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
