"""All handlers of routes that the source files of one revision register, with what they are mounted at."""

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import replace

from improver.locate import _other_routes, _python_routes, _script_routes, file_routes
from improver.locate._python_routes import Mount
from improver.locate.routes import Handler

# The lines that make a file worth reading, by the ends of names: POSIX extended.
_VERBS = "get|post|put|patch|delete|head|options"
_PYTHON = (
    rf"@[A-Za-z_.]+\.(route|api_route|websocket|websocket_route|{_VERBS})\("
    rf"|add_(url_rule|route|api_route|{_VERBS})\("
    r"|(^|[^A-Za-z_.])(path|re_path|url|Route)\( *(r?[\"']|$)|include_router|register_blueprint|Mount\("
)
_SCRIPTS = (
    rf"\.({_VERBS}|all|use|route|register)\( *([\"'`][/\"'`*]|\{{|require|[a-z]+[A-Za-z]*,)"
    r"|@Controller\(|(url|pathname|path) *={2,3} *[\"'`]/|case [\"'`]([A-Z]+ )?/"
)
_OTHERS = (
    rf"(^|[^A-Za-z_.])({_VERBS}|resources?|namespace|scope)[ (]+[\"':/]|Route::|->(get|post|put|patch|delete)\("
    r"|#\[(Route|get|post|put|patch|delete)\(|Mapping|@Path|\[(Http|Route)|HandleFunc"
    r"|\.Map(Get|Post|Put|Patch|Delete)|\.(Get|Post|Put|Patch|Delete|Handle|GET|POST|PUT|PATCH|DELETE|Any|route)\("
    r" *[\"`]"
)
REGISTERING = {
    (".py",): _PYTHON,
    (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx"): _SCRIPTS,
    (".rb", ".php", ".go", ".java", ".kt", ".cs", ".rs", ".ex", ".exs"): _OTHERS,
}
DEEPEST = 3


def handlers(texts: Mapping[str, str], files: Iterable[str]) -> tuple[Handler, ...]:
    found: list[Handler] = []
    mounts: list[tuple[str, Mount]] = []
    for file, text in texts.items():
        here, mounted = _of(file, text)
        found += here
        mounts += [(file, mount) for mount in mounted]
    before = _Prefixes(mounts)
    placed = [replace(one, segments=(*prefix, *one.segments)) for one in found for prefix in before.of(one.file)]
    return (*placed, *file_routes.handlers(files))


def _of(file: str, text: str) -> tuple[list[Handler], list[Mount]]:
    if file.endswith(".py"):
        return _python_routes.handlers(file, text)
    if file.endswith((".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx")):
        return _script_routes.handlers(file, text)
    return _other_routes.handlers(file, text), []


class _Prefixes:
    """What is put in front of the routes of a file, by the mounts of all files."""

    def __init__(self, mounts: Iterable[tuple[str, Mount]]) -> None:
        self._mounts = [(file, mount.prefix, _paths(file, mount.of)) for file, mount in mounts]
        self._known: dict[str, tuple[tuple[str, ...], ...]] = {}

    def of(self, file: str, depth: int = 0) -> tuple[tuple[str, ...], ...]:
        """Each way in which it is mounted; nothing is put in front of what is not."""
        if file not in self._known:
            stem = f"/{_stem(file)}"
            ways = [
                (*above, *prefix)
                for where, prefix, tails in self._mounts
                if where != file and any(stem.endswith(tail) for tail in tails)
                for above in (self.of(where, depth + 1) if depth < DEEPEST else ((),))
            ]
            self._known[file] = tuple(dict.fromkeys(ways)) or ((),)
        return self._known[file]


def _stem(file: str) -> str:
    return posixpath.splitext(file)[0].removesuffix("/index").removesuffix("/__init__")


def _paths(file: str, of: str) -> tuple[str, ...]:
    """How the path of what is mounted ends: `./routes/orders` from this file, or `app.routers.orders.router`."""
    if of.startswith("."):
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(file), of))
        return (f"/{_stem(joined) if posixpath.splitext(joined)[1] in ('.js', '.ts', '.mjs', '.cjs') else joined}",)
    if "/" in of or not of:
        return (f"/{of}",) if of else ()
    parts = of.split(".")
    return tuple(f"/{'/'.join(some)}" for some in (parts, parts[:-1]) if some)
