"""Routes that files are by their paths alone: Next.js, SvelteKit, Remix, Nuxt, Astro, and pages as they are served."""

import re
from collections.abc import Iterable, Iterator

from improver.locate.routes import PARAMETER, REST, Asked, Handler, segments

_SCRIPT = r"\.(?:[cm]?[jt]sx?|mdx?)"
# What a file's path has to look like, and the path it answers, in the order in which they are tried.
_NEXT_APP = re.compile(rf"(?:^|.*/)app/(?:(.*)/)?(page|route){_SCRIPT}")
_SVELTE = re.compile(r"(?:^|.*/)src/routes/(?:(.*)/)?\+(?:page|page\.server|server)\.(?:svelte|[jt]s)")
_REMIX = re.compile(rf"(?:^|.*/)app/routes/(.*?)(?:/(?:route|index))?{_SCRIPT}")
_NUXT_SERVER = re.compile(r"(?:^|.*/)server/(api|routes)/(.*?)(?:\.(get|post|put|patch|delete))?\.[jt]s")
_PAGES = re.compile(rf"(?:^|.*/)(?:src/)?pages/(.*?)(?:{_SCRIPT}|\.vue|\.astro)")
_SERVED = re.compile(r"(.*\.(?:html?|php))")
_INDEX = re.compile(r"(?:^|/)index$")


def handlers(files: Iterable[str]) -> Iterator[Handler]:
    for file in files:
        yield from _of(file)


def pages(wanted: Asked, files: Iterable[str]) -> tuple[str, ...]:
    """Files that are served as they are, whose path ends as the page's does: `/cart.html`, `/docs/` as its index."""
    parts = [part for part in wanted.segments if part != PARAMETER]
    if not parts or len(parts) != len(wanted.segments):
        return ()
    names = [parts] if "." in parts[-1] else [[*parts[:-1], f"{parts[-1]}.html"], [*parts, "index.html"]]
    tails = tuple("/".join(one) for one in names)
    found = [file for file in files if _SERVED.fullmatch(file) and f"/{file}".endswith(tuple(f"/{t}" for t in tails))]
    return tuple(found)


def _of(file: str) -> Iterator[Handler]:
    if found := _SVELTE.fullmatch(file):
        yield _handler(file, found[1] or "")
    elif found := _NEXT_APP.fullmatch(file):
        yield _handler(file, found[1] or "", "" if found[2] == "route" else "GET")
    elif found := _REMIX.fullmatch(file):
        yield _handler(file, _remix(found[1]))
    elif found := _NUXT_SERVER.fullmatch(file):
        yield _handler(file, f"{'api/' if found[1] == 'api' else ''}{found[2]}", (found[3] or "").upper())
    elif (found := _PAGES.fullmatch(file)) and not found[1].rpartition("/")[2].startswith("_"):
        yield _handler(file, found[1])


def _handler(file: str, path: str, method: str = "") -> Handler:
    """Groups in parentheses and slots are no part of the path."""
    parts = [part for part in _INDEX.sub("", path).split("/") if not part.startswith(("(", "@"))]
    return Handler(method=method, segments=segments("/".join(parts)), file=file, line=1, whole=True)


def _remix(name: str) -> str:
    """`orders.$id` is /orders/*; a leading underscore is a layout, `$` alone is whatever is left."""
    parts = [part for part in re.split(r"[./]", name) if part and not part.startswith("_")]
    return "/".join(f"[...{REST}]" if part == "$" else part.rstrip("_") for part in parts)
