"""What was not there, as far as an error says: a server, a storage, somebody's service, whoever needed it."""

import re

from improver.analysis import causes
from improver.grouping import is_in_app, parameterize
from improver.model import FAILURES, Cause, Frame, Symptom

# Everything that is on it fails alike, also where nobody else's code stands between.
_STORAGE = {name: re.compile(words) for name, words in (causes.FULL | causes.NO_STORAGE).items()}
_HOST = re.compile(
    r"(?:://(?:[^/@\s]{0,100}@)?|\bhost=['\"]?|\bE[A-Z]{5,14} |\bdial (?:tcp|udp) |\blookup |\bserver at \""
    r"|\b(?:for|connect(?:ing)? to|resolve host:?) [\"']?(?=[\w-]{1,63}[.:\d\"']))([\w.-]{1,253}(?::\d{1,5})?)"
)
_PACKAGE = re.compile(r"/node_modules/((?:@[\w.-]{1,100}/)?[\w.-]{1,100})")
_SHARED_ROOTS = ("com", "org", "net", "io", "dev")


def key(symptom: Symptom) -> tuple[str, ...]:
    """Two errors with the same one are due to one outage; empty where it is none, or it is not known of what."""
    verdict = causes.cause_of(symptom) if symptom.kind in FAILURES else None
    if verdict is None or verdict.cause == Cause.FLAKY:
        return ()
    if missing := [name for name, words in _STORAGE.items() if words.search(symptom.title)]:
        return (symptom.service, *missing)
    where = (symptom.service, verdict.says)
    if hosts := {host.lower() for host in _HOST.findall(symptom.title)}:
        return (*where, *sorted(hosts))
    through = _through(symptom.frames)
    return (*where, parameterize(symptom.title), *through) if through else ()


def _through(frames: tuple[Frame, ...]) -> tuple[str, ...]:
    """The library that the app's own code asked, and the one in which it failed."""
    own = max((index for index, frame in enumerate(frames) if is_in_app(frame)), default=-1)
    below = frames[own + 1 :]
    return (_library(below[0]), _library(below[-1])) if own >= 0 and below else ()


def _library(frame: Frame) -> str:
    if found := _PACKAGE.search(frame.abs_path or frame.filename):
        return found[1]
    if "/" in frame.module:
        return "/".join(frame.module.split("/")[:3])
    parts = re.split(r"[.:\\]+", frame.module or frame.filename)
    return ".".join(parts[:2]) if parts[0] in _SHARED_ROOTS else parts[0]
