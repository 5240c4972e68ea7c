"""The files of a Target at one revision, and the places in them that telemetry's names lead to."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from improver.locate import elements, file_routes, frames, routes, sites, statements, tools
from improver.locate.clue import Clue, Spot
from improver.locate.functions import functions
from improver.locate.handlers import REGISTERING, handlers
from improver.locate.routes import Asked, Handler
from improver.locate.sites import Site
from improver.model import LocatedBy, Unlocated
from improver.repo import Repository

# So much of a repository is looked at for one question: it must not hold up the pass.
MOST_FILES = 3_000
MOST_BYTES = 16 << 20
MOST_REGISTERING_BYTES = 3 << 20  # of each language: these are parsed
MOST_NEEDLES = 100
LONGEST_NEEDLE = 200
SAMPLE, COMMON = 300, 10  # of as many files that come into question; a text in as many of them tells nothing
SEARCHED = tuple(dict.fromkeys((*sites.CODE, *sites.MARKUP)))

LANGUAGES = {
    "python": (".py",),
    "nodejs": sites.SCRIPTS,
    "node": sites.SCRIPTS,
    "webjs": (*sites.SCRIPTS, *sites.TEMPLATES),
    "javascript": (*sites.SCRIPTS, *sites.TEMPLATES),
    "java": (".java", ".kt", ".scala"),
    "go": (".go",),
    "ruby": (".rb",),
    "php": (".php",),
    "dotnet": (".cs",),
    "rust": (".rs",),
    "erlang": (".ex", ".exs"),
}
SCRIPT_ENDS = ("", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx", "/index.js", "/index.ts")

Answer = Spot | Unlocated | None


@lru_cache(maxsize=4)
def atlas_of(path: Path, revision: str) -> "Atlas":
    return Atlas(Repository(path), revision)


class Atlas:
    """Looked through when first asked, and kept; `prepare` reads for many Clues at once what they need."""

    def __init__(self, repository: Repository, revision: str) -> None:
        self.repository = repository
        self.revision = revision
        self._texts: dict[str, str] = {}  # of what the prepared Clues may be in
        self._sources: dict[str, str] = {}
        self._unread: frozenset[str] = frozenset()
        self._common: frozenset[str] = frozenset()  # in so many places that they tell nothing

    @cached_property
    def files(self) -> tuple[str, ...]:
        return self.repository.files(self.revision)

    @cached_property
    def _named(self) -> tuple[str, ...]:
        """Without tests, and without those whose names are more than names: they go into prompts."""
        return tuple(file for file in self.files if sites.runs(file) and not frames.misleads(file))

    def prepare(self, clues: Iterable[Clue]) -> None:
        """One look through all files for what any of them names; what is too much for one look is left unread."""
        wanted = [needle for clue in clues for needle in _needles(clue) if len(needle) <= LONGEST_NEEDLE]
        needles = tuple(dict.fromkeys(wanted))
        some = needles[:MOST_NEEDLES]
        paths = self._holding(some)
        if len(paths) > MOST_FILES:
            sample = self._bulk(paths[:: len(paths) // SAMPLE], MOST_BYTES).values()
            self._common = frozenset(one for one in some if sum(one in text for text in sample) >= COMMON)
            some = tuple(needle for needle in some if needle not in self._common)
            paths = self._holding(some)
        self._texts = self._bulk(paths[:MOST_FILES], MOST_BYTES)
        read = frozenset(some) if len(self._texts) == len(paths) else frozenset[str]()
        self._unread = frozenset(needles) - read - self._common

    def _holding(self, needles: tuple[str, ...]) -> list[str]:
        held = self.repository.holding(self.revision, needles, SEARCHED)
        return [path for path in held if sites.runs(path) and not frames.misleads(path)]

    def spot(self, clue: Clue) -> Spot | Unlocated:
        """The first that leads to one place; else why none does."""
        missed: list[Unlocated] = []
        for look in (self._framed, self._spanned, self._element, self._asset, self._tool, self._statement, self._route):
            answer = look(clue)
            if isinstance(answer, Spot):
                return answer
            if answer:
                missed.append(answer)
        order = (Unlocated.AMBIGUOUS, Unlocated.UNREAD, Unlocated.ABSENT)
        return next((reason for reason in order if reason in missed), Unlocated.UNTOLD)

    def source(self, file: str) -> str:
        if file not in self._sources:
            if len(self._sources) >= MOST_FILES:
                self._sources.clear()
            known = self._texts.get(file)
            content = known if known is not None else self.repository.read(self.revision, file) or b""
            self._sources[file] = content if isinstance(content, str) else content.decode(errors="replace")
        return self._sources[file]

    def _framed(self, clue: Clue) -> Answer:
        found = frames.locate(clue.frames, self.files, self.source)
        return found or (Unlocated.ABSENT if clue.frames else None)

    def _spanned(self, clue: Clue) -> Answer:
        found = frames.locate(clue.spanned, self.files, self.source, LocatedBy.SPAN)
        return found or (Unlocated.ABSENT if clue.spanned else None)

    def _element(self, clue: Clue) -> Answer:
        needles = elements.needles(clue.element)
        found = elements.found(clue.element, self._of_kinds(sites.MARKUP)) if needles else ()
        return self._one(needles, self._on_page(found, clue), LocatedBy.ELEMENT)

    def _asset(self, clue: Clue) -> Answer:
        name = elements.asset(clue.asset)
        found = elements.asking(name, self._of_kinds(sites.MARKUP)) if name else ()
        return self._one((name,) if name else (), self._on_page(found, clue), LocatedBy.ELEMENT)

    def _tool(self, clue: Clue) -> Answer:
        needles = tools.needles(clue.tool)
        return self._one(needles, tools.found(clue.tool, self._of_kinds(sites.CODE)) if needles else (), LocatedBy.TOOL)

    def _statement(self, clue: Clue) -> Answer:
        """The text itself, below the route's handler if it is written more than once; else what asks for the table."""
        around = self._routed(clue)
        handler = around[0] if len(around) == 1 else None
        if len(clue.statements) > 1 and handler:
            return None  # several in turn: what runs them is the place
        answer: Answer = None
        for statement in clue.statements:
            needles = statements.needles(statement)
            found = statements.found(statement, self._of_kinds(sites.CODE)) if needles else ()
            if handler and len(found) > 1:
                below = [one for one in found if one.file == handler.file and self._below(handler, one.line)]
                found = tuple(below) or found
            if not found and handler and handler.first and handler.last:
                lines = self.source(handler.file).splitlines()[handler.first - 1 : handler.last]
                asking = statements.asking(statement, enumerate(lines, handler.first))
                if len(asking) == 1:
                    needles, found = (), (Site(file=handler.file, line=asking[0]),)
            answer = self._one(needles, found, LocatedBy.STATEMENT)
            if isinstance(answer, Spot):
                return answer
        return answer

    def _below(self, handler: Spot, line: int) -> bool:
        """Whether a line is in the handler, or in a function of the same file that it calls."""
        source = self.source(handler.file)
        own = "\n".join(source.splitlines()[(handler.first or 1) - 1 : handler.last])
        around = [one for one in functions(source, handler.file) if one.first <= line <= one.last]
        return any(
            (one.first, one.last) == (handler.first, handler.last) or re.search(rf"\b{re.escape(one.bare)}\s*\(", own)
            for one in around
        )

    def _route(self, clue: Clue) -> Answer:
        found = self._routed(clue)
        if len(found) == 1:
            return found[0]
        if not clue.route:
            return None
        return Unlocated.AMBIGUOUS if found else (Unlocated.UNREAD if self._too_many else Unlocated.ABSENT)

    def _routed(self, clue: Clue) -> tuple[Spot, ...]:
        wanted = routes.asked(clue.route, clue.method)
        if wanted is None or self._too_many:
            return ()
        return self._answering(wanted, LANGUAGES.get(clue.language, ()))

    def _answering(self, wanted: Asked, kinds: tuple[str, ...]) -> tuple[Spot, ...]:
        """Handlers, and where there is none a file that is the page."""
        best = routes.best(wanted, (one for one in self._handlers if not kinds or one.file.endswith(kinds)))
        if best:
            return tuple(dict.fromkeys(self._of_handler(one) for one in best))
        served = file_routes.pages(wanted, self._named)
        return tuple(Spot(file=file, told_by=LocatedBy.ROUTE) for file in served)

    def _of_handler(self, handler: Handler) -> Spot:
        for file, name in self._referred(handler):
            known = [one for one in functions(self.source(file), file) if one.bare == name]
            if len(known) == 1:
                return frames.spot(file, self.source(file), name, known[0].first, LocatedBy.ROUTE)
        line = handler.line if handler.line > 1 or not handler.whole else None
        return frames.spot(handler.file, self.source(handler.file), handler.function, line, LocatedBy.ROUTE)

    def _referred(self, handler: Handler) -> Iterator[tuple[str, str]]:
        """Files in which what a handler refers to may be defined, and its name there."""
        module, mark, name = handler.refers.rpartition("#")
        if not mark:
            module, mark, name = handler.refers.rpartition(".")
        if not name:
            return
        folder = posixpath.dirname(handler.file)
        if not module:
            yield handler.file, name
            beside = [one for one in self._named if one.endswith(".go") and posixpath.dirname(one) == folder]
            yield from ((one, name) for one in beside if handler.file.endswith(".go"))
            return
        ends = tuple(f"/{end}" for end in _ends(module, folder))
        for file in self._named:
            if f"/{file}".endswith(ends):
                yield file, name

    @cached_property
    def _registering(self) -> tuple[dict[str, str], bool]:
        """The files that register handlers, and whether there were more than are read."""
        read, more = dict[str, str](), False
        for kinds, pattern in REGISTERING.items():
            matching = self.repository.matching(self.revision, pattern, kinds)
            paths = [path for path in matching if sites.runs(path) and not frames.misleads(path)]
            some = self._bulk(paths, MOST_REGISTERING_BYTES)
            more = more or len(some) < len(paths)
            read |= some
        return read, more

    @property
    def _too_many(self) -> bool:
        return self._registering[1]

    @cached_property
    def _handlers(self) -> tuple[Handler, ...]:
        return handlers(self._registering[0], self._named)

    def _on_page(self, found: tuple[Site, ...], clue: Clue) -> tuple[Site, ...]:
        """What is written in several files counts in that of the page."""
        if len(found) < 2:
            return found
        pages = {spot.file for spot in self._routed(clue)}
        return tuple(site for site in found if site.file in pages) or found

    def _one(self, needles: tuple[str, ...], found: tuple[Site, ...], told_by: LocatedBy) -> Answer:
        if set(needles) & self._unread:
            return Unlocated.UNREAD
        if needles and set(needles) <= self._common:
            return Unlocated.AMBIGUOUS
        if len(found) == 1:
            return frames.spot(found[0].file, self.source(found[0].file), "", found[0].line, told_by)
        if found:
            return Unlocated.AMBIGUOUS
        return Unlocated.ABSENT if needles else None

    def _of_kinds(self, kinds: tuple[str, ...]) -> Mapping[str, str]:
        return {path: text for path, text in self._texts.items() if path.endswith(kinds)}

    def _bulk(self, paths: list[str], most_bytes: int) -> dict[str, str]:
        read = self.repository.read_all(self.revision, paths, most_bytes)
        return {path: content.decode(errors="replace") for path, content in read.items()}


def _needles(clue: Clue) -> Iterator[str]:
    yield from elements.needles(clue.element)
    yield from filter(None, (elements.asset(clue.asset),))
    yield from tools.needles(clue.tool)
    for statement in clue.statements:
        yield from statements.needles(statement)


def _ends(module: str, folder: str) -> Iterator[str]:
    """How the path of a module may end, as the languages write it."""
    if module.startswith("."):
        joined = posixpath.normpath(posixpath.join(folder, module))
        yield from (f"{joined}{kind}" for kind in SCRIPT_ENDS)
        return
    path = module.replace(".", "/").replace("::", "/")
    snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", module.rpartition(".")[2]).lower()
    yield from (f"{path}.py", f"{path}.rs", f"{path}_controller.rb", f"{module}.php", f"{module}.java", f"{snake}.ex")


