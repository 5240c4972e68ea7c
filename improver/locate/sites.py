"""Where in many files a text stands: the lines, and which files are worth looking at."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".vue", ".svelte", ".astro")
TEMPLATES = (
    ".html", ".htm", ".erb", ".haml", ".slim", ".ejs", ".hbs", ".mustache", ".jinja", ".jinja2", ".j2", ".twig",
    ".liquid", ".pug", ".cshtml", ".razor", ".heex", ".gohtml", ".tmpl",
)  # fmt: skip
CODE = (
    ".py", ".go", ".rb", ".java", ".kt", ".kts", ".scala", ".php", ".rs", ".cs", ".ex", ".exs", ".swift", ".c", ".cc",
    ".cpp", ".lua", ".pl", ".sql", *SCRIPTS,
)  # fmt: skip
MARKUP = (*TEMPLATES, ".php", *SCRIPTS)

_NOT_RUN = re.compile(
    r"(?:^|/)(?:tests?|__tests__|__mocks__|specs?|e2e|cypress|fixtures|stories|docs?|examples?|bench(?:mark)?s?)/"
    r"|(?:^|/)(?:test_[^/]*|conftest\.py)$|[._-](?:test|tests|spec|stories|bench)\.\w+$|\.min\.js$|\.d\.ts$"
)


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Site:
    file: str
    line: int


def runs(path: str) -> bool:
    """Whether users meet it: neither a test, an example nor what a bundler wrote."""
    return not _NOT_RUN.search(path)


def of_text(texts: Mapping[str, str], sought: str) -> Iterator[Site]:
    """Every line that holds it."""
    for file, text in texts.items():
        at = text.find(sought)
        while at >= 0:
            yield Site(file=file, line=text.count("\n", 0, at) + 1)
            at = text.find(sought, at + len(sought))


def of_pattern(texts: Mapping[str, str], needed: str, pattern: re.Pattern[str]) -> Iterator[Site]:
    """Every line at which it, or its group `at`, begins; only files that hold `needed` are looked through."""
    part = "at" if "at" in pattern.groupindex else 0
    for file, text in texts.items():
        if needed in text:
            starts = (found.start(part) for found in pattern.finditer(text))
            yield from (Site(file=file, line=text.count("\n", 0, start) + 1) for start in starts)


def near(sites: Iterable[Site], others: Iterable[Site], lines: int) -> list[Site]:
    """Those that have one of the others near by."""
    there: dict[str, list[int]] = {}
    for other in others:
        there.setdefault(other.file, []).append(other.line)
    return [one for one in sites if any(abs(one.line - line) <= lines for line in there.get(one.file, ()))]
