"""The Target's own source around a stack frame."""

from dataclasses import dataclass

from improver import locate
from improver.errors import ImproverError
from improver.model import Finding, Frame
from improver.repo import Repository
from improver.runtime import Runtime

AROUND = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeLine:
    number: int
    text: str
    here: bool


def code_around(runtime: Runtime, found: Finding, frame: Frame) -> tuple[CodeLine, ...]:
    """Lines of the revision the Finding was located at; nothing for a frame that is not the Target's."""
    if found.location is None or found.target not in runtime.settings.targets or not frame.lineno:
        return ()
    try:
        content = _source(Repository(runtime.target(found.target).repo), found.location.revision, frame)
    except ImproverError:
        return ()  # the repository has moved away: the rest of the Finding is still worth showing
    return _lines(content, frame.lineno)


def code_at(runtime: Runtime, found: Finding) -> tuple[CodeLine, ...]:
    """Lines around the place of a Finding; nothing where only a file is known."""
    place = found.location
    if place is None or not place.line or found.target not in runtime.settings.targets:
        return ()
    try:
        content = Repository(runtime.target(found.target).repo).read(place.revision, place.file)
    except ImproverError:
        return ()
    return _lines(content, place.line)


def _lines(content: bytes | None, line: int) -> tuple[CodeLine, ...]:
    lines = content.decode(errors="replace").splitlines() if content else []
    first = max(1, line - AROUND)
    return tuple(
        CodeLine(number=n, text=lines[n - 1], here=n == line) for n in range(first, min(len(lines), line + AROUND) + 1)
    )


def _source(repository: Repository, revision: str, frame: Frame) -> bytes | None:
    file = locate.file_of(frame, repository.files(revision))
    return repository.read(revision, file) if file else None
