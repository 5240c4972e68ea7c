"""Headers whose parts always stand at the same place: one pattern for each family of programs that write so."""

import re
from dataclasses import dataclass

from improver.collectors._lenient import text

SEVERITIES = {
    "trace": 1, "trce": 1, "finest": 1, "silly": 1, "verbose": 5, "debug": 5, "dbg": 5, "fine": 5, "debu": 5, "dbug": 5,
    "info": 9, "information": 9, "inf": 9, "notice": 10, "http": 9, "log": 9, "default": 9, "config": 9,
    "warn": 13, "warning": 13, "wrn": 13, "error": 17, "err": 17, "eror": 17, "severe": 17, "alert": 19,
    "critical": 21, "crit": 21, "fatal": 21, "ftl": 21, "fata": 21, "fail": 17, "failure": 21, "dpanic": 21,
    "panic": 21, "emerg": 21, "emergency": 21,
}  # fmt: skip
LETTERS = {
    "T": 1, "V": 5, "D": 5, "I": 9, "W": 13, "E": 17, "F": 21, "A": 9,
    ".": 5, "-": 9, "*": 10, "#": 13,  # of Redis
}  # fmt: skip
# These begin messages, too ("panic: …" is Go's last word). Longest first: "warning" is not to be read as "warn".
_NO_HEADERS = ("panic", "log", "http", "default", "config", "fine", "fail", "failure")
WORDS = "|".join(sorted(SEVERITIES.keys() - set(_NO_HEADERS), key=len, reverse=True))
NAME = r"[A-Za-z_][\w$/-]{0,80}(?:\.[\w$/-]{1,80}){0,20}"
_NUMBERS = ((60, 21), (50, 17), (40, 13), (30, 9), (20, 5), (10, 1))  # of pino and bunyan

_SHAPES = tuple(
    re.compile(shape, re.DOTALL)
    for shape in (
        # Python's basicConfig
        rf"(?P<level>CRITICAL|ERROR|WARNING|INFO|DEBUG):(?P<logger>{NAME}):(?P<said>.*)",
        # glog, klog
        r"(?P<letter>[IWEF])(?P<time>\d{4} \d\d:\d\d:\d\d(?:\.\d{1,6})?)\s{1,6}\d{1,9}"
        r" (?P<logger>[\w./-]{1,200}:\d{1,7})\] (?P<said>.*)",
        # Ruby's Logger
        r"[DIWEFA], \[(?P<time>[^\]#]{1,40}?)\s{0,2}#\d{1,9}\]\s{1,3}(?P<level>[A-Z]{3,5}) -- (?P<logger>[^:]{0,100}):"
        r" (?P<said>.*)",
        # Android's logcat: threadtime, time and brief
        r"(?P<time>(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6})\s{1,6}\d{1,9}\s{1,6}\d{1,9} (?P<letter>[VDIWEFA])"
        r" (?P<logger>.{0,200}?) *: (?P<said>.*)",
        r"(?:(?P<time>\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6}) )?(?P<letter>[VDIWEFA])/(?P<logger>[^:(]{1,100}?) *\( *"
        r"\d{1,9}\): (?P<said>.*)",
        # supercomputers: node, when once more, what kind, which part
        r"(?P<time>\d{4}-\d\d-\d\d-\d\d\.\d\d\.\d\d\.\d{1,9}) \S{1,100} (?P<logger>[A-Z]{1,20} \w{1,40})"
        rf" (?P<level>(?i:{WORDS}|failure))(?:\s(?P<said>.*)|$)",
        # clusters: number, node, part, state, seconds since the epoch, flag
        r"\d{1,12} (?P<logger>[\w.:/-]{1,100}(?: [\w.:/-]{1,100}){2}) (?P<time>\d{9,10}) -?\d{1,2} (?P<said>.*)",
        # DATE-TIME|PART|NUMBER|…
        r"(?P<time>\d{8}-\d{1,2}:\d{1,2}:\d{1,2}:\d{1,3})\|(?P<logger>[^|]{1,100})\|\d{1,12}\|(?P<said>.*)",
        # [DATE TIME] PROGRAM - …
        r"\[(?P<time>\d\d\.\d\d \d\d:\d\d:\d\d)\] (?P<logger>\S.{0,100}?) - (?P<said>.*)",
        # Celery: [TIME: LEVEL/PROCESS] …
        rf"\[(?P<time>\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{{1,6}})?): (?P<level>{WORDS.upper()})"
        r"/(?P<logger>[\w.:-]{1,80})\] (?P<said>.*)",
        # TIME:LEVEL:LOGGER:…
        r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?):"
        rf"(?P<level>{WORDS.upper()}):(?P<logger>{NAME}):(?P<said>.*)",
        # Redis
        r"\d{1,9}:(?P<logger>[\w-]{1,40}) (?P<time>\d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d(?:\.\d{1,6})?)"
        r" (?P<letter>[.*#-]) (?P<said>.*)",
        # NestJS
        r"\[[A-Z]\w{1,40}\] \d{1,9} {1,4}- (?P<time>\d\d/\d\d/\d{4}, \d{1,2}:\d\d:\d\d(?: [AP]M)?) {1,8}"
        rf"(?P<level>(?i:{WORDS}|log)) (?:\[(?P<logger>[^\]]{{1,100}})\] )?(?P<said>.*)",
        # Elasticsearch
        r"\[(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{1,9})\]"
        rf"\[(?P<level>{WORDS.upper()}) {{0,4}}\]\[(?P<logger>{NAME}) {{0,80}}\] (?:\[[\w.-]{{1,80}}\] )?(?P<said>.*)",
        # Sidekiq
        r"(?P<time>\d{4}-\d\d-\d\dT\S{8,30}) pid=\d{1,9} tid=\w{1,40} (?P<logger>)(?:[\w.]{1,40}=\S{1,200} ){0,9}"
        rf"(?P<level>{WORDS.upper()}): (?P<said>.*)",
        # Heroku
        r"(?P<time>\d{4}-\d\d-\d\dT\S{8,40}) (?P<logger>(?:app|heroku)\[[\w.-]{1,80}\]): (?P<said>.*)",
        # .NET's console: what it says stands below
        r"(?P<level>trce|dbug|info|warn|fail|crit): (?P<logger>[A-Za-z_][\w.+`<>-]{0,300})\[\d{1,9}\](?P<said>)",
        # log4j with its dates without punctuation
        rf"(?P<time>\d{{6}} \d{{6}}) (?:\d{{1,9}} )?(?P<level>{WORDS.upper()}) (?P<logger>{NAME}): (?P<said>.*)",
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    said: str
    time: str | None = None
    severity: int | None = None
    logger: str = ""


def severity_of(level: object) -> int | None:
    """OpenTelemetry's number for a level's name, and for the numbers of pino and bunyan."""
    named = text(level, 40).strip().lower()
    if level in ("I", "W", "E", "F"):
        return LETTERS[str(level)]
    if named not in SEVERITIES and named.isdecimal():
        return next((severity for least, severity in _NUMBERS if int(named) >= least), None)
    return SEVERITIES.get(named)


def shaped(line: str) -> Header | None:
    found = next((found for shape in _SHAPES if (found := shape.fullmatch(line))), None)
    if found is None:
        return None
    parts = found.groupdict()
    severity = LETTERS[parts["letter"]] if parts.get("letter") else severity_of(parts.get("level"))
    logger = (parts["logger"] or "").strip()
    return Header(said=parts["said"] or "", time=parts.get("time"), severity=severity, logger=logger)
