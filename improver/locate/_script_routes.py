"""Routes that JavaScript and TypeScript register: Express, Koa, Fastify, Hono, Nest, and plain servers."""

import re
from collections.abc import Iterator

from improver.locate._python_routes import Mount
from improver.locate.routes import Handler, segments

_VERBS = "get|post|put|patch|delete|head|options|all"
_CALL = re.compile(
    rf"(?<![\w$])([\w$.]{{1,60}})\s*\.\s*({_VERBS}|use|route|register)\(\s*"
    rf"([\"'`])((?:/|\*|(?=\3))[^\"'`\n]{{0,300}})\3"
    r"([^\n]{0,300})"
)
_CHAINED = re.compile(
    rf"\.route\(\s*([\"'`])(/[^\"'`\n]{{0,300}})\1\s*\)((?:\s*\.(?:{_VERBS})\([^\n]{{0,200}}){{1,8}})", re.IGNORECASE
)
_LINK = re.compile(rf"\.({_VERBS})\(([^\n]{{0,200}})")
_REGISTERED = re.compile(
    r"\.register\(\s*(?:require\(\s*[\"'`]([^\"'`\n]{1,200})[\"'`]\s*\)|([\w$]{1,60}))\s*,"
    r"\s*\{[^}\n]{0,200}?prefix:\s*[\"'`](/[^\"'`\n]{0,200})"
)
_OBJECT = re.compile(
    r"\.route\(\s*\{(?=[^}]{0,600}\burl:\s*[\"'`](/[^\"'`\n]{0,300}))(?=[^}]{0,600}\bmethod:\s*[\"'`](\w+))",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\b(?:url|pathname|path)\s*={2,3}\s*([\"'`])(/[^\"'`\n]{0,300})\1"
    r"|\bcase\s+([\"'`])(?:(GET|POST|PUT|PATCH|DELETE) )?(/[^\"'`\n]{0,300})\3\s*:"
)
_CONTROLLER = re.compile(r"@Controller\(\s*(?:[\"'`]([^\"'`\n]{0,200})[\"'`])?")
_ANNOTATED = re.compile(
    r"@(Get|Post|Put|Patch|Delete|All)\(\s*(?:[\"'`]([^\"'`\n]{0,200})[\"'`])?\s*\)"
    r"(?:\s*@[^\n]{0,300})*\s*(?:public\s+|async\s+)*([\w$]{1,100})\("
)
_ROUTER = re.compile(
    r"([\w$]{1,60})\s*=\s*new\s+[\w$.]{0,60}Router\(\s*\{[^}\n]{0,200}?prefix:\s*[\"'`](/[^\"'`\n]{0,200})"
)
_IMPORT = re.compile(
    r"(?:import\s+(?:\*\s+as\s+)?(?:\{\s*)?([\w$]{1,60})[^\n;]{0,100}?from\s+|"
    r"(?:const|let|var)\s+\{?\s*([\w$]{1,60})\s*\}?\s*=\s*require\(\s*)"
    r"[\"']([^\"'\n]{1,200})[\"']"
)
_REQUIRED = re.compile(r"require\(\s*[\"'`]([^\"'`\n]{1,200})[\"'`]")
_LAST_NAME = re.compile(r"(?:^|[\s,(])([A-Za-z_$][\w$.]{0,100})\s*\)+\s*[;,)]*\s*(?://.*)?$")
# They ask other servers, or test ours.
_CLIENTS = re.compile(
    r"(?:^|\.)(?:axios|http|https|httpClient|client|request|fetch|got|ky|superagent|agent|supertest|cy|page|\$|jQuery"
    r"|cache|redis|map|params|headers|searchParams|localStorage|session)$"
)


def handlers(file: str, source: str) -> tuple[list[Handler], list[Mount]]:
    imported = {(a or b): path for a, b, path in _IMPORT.findall(source)}
    prefixes = {name: segments(path) for name, path in _ROUTER.findall(source)}
    calls = [found for found in _CALL.finditer(source) if not _CLIENTS.search(found[1])]
    mounts = [Mount(prefix=segments(found[4]), of=_mounted(found[5], imported)) for found in calls if found[2] == "use"]
    registered = _REGISTERED.findall(source)
    mounts += [Mount(prefix=segments(at), of=path or imported.get(name, name)) for path, name, at in registered]
    plain = [*_compared(file, source), *_objects(file, source), *_annotated(file, source)]
    found = [*_called(calls, file, source, prefixes, imported), *_chained(file, source, imported), *plain]
    return found, [one for one in mounts if one.of]


def line_of(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1


def _called(
    calls: list[re.Match[str]], file: str, source: str, prefixes: dict[str, tuple[str, ...]], imported: dict[str, str]
) -> Iterator[Handler]:
    for found in calls:
        on, verb, path, rest = found[1], found[2], found[4], found[5].strip()
        if verb in ("use", "route", "register") or not rest.startswith(","):
            continue
        yield Handler(
            method="" if verb == "all" else verb.upper(),
            segments=(*prefixes.get(on, ()), *segments(path)),
            file=file,
            line=line_of(source, found.start(2)),
            refers=_refers(rest, imported),
            whole=on == "app",
        )


def _chained(file: str, source: str, imported: dict[str, str]) -> Iterator[Handler]:
    for found in _CHAINED.finditer(source):
        for link in _LINK.finditer(found[3]):
            line, refers = line_of(source, found.start(3) + link.start()), _refers(link[2], imported)
            yield Handler(
                method=link[1].upper(), segments=segments(found[2]), file=file, line=line, refers=refers
            )


def _objects(file: str, source: str) -> Iterator[Handler]:
    for found in _OBJECT.finditer(source):
        line = line_of(source, found.start())
        yield Handler(method=found[2].upper(), segments=segments(found[1]), file=file, line=line)


def _compared(file: str, source: str) -> Iterator[Handler]:
    """A server without a framework looks at the path itself."""
    for found in _COMPARED.finditer(source):
        path, method = found[2] or found[5], found[4] or ""
        yield Handler(
            method=method, segments=segments(path), file=file, line=line_of(source, found.start()), whole=True
        )


def _annotated(file: str, source: str) -> Iterator[Handler]:
    controllers = [(found.start(), segments(found[1] or "")) for found in _CONTROLLER.finditer(source)]
    for found in _ANNOTATED.finditer(source):
        before = [prefix for at, prefix in controllers if at < found.start()]
        if before:
            method = "" if found[1] == "All" else found[1].upper()
            line = line_of(source, found.start(3))
            own = (*before[-1], *segments(found[2] or ""))
            yield Handler(method=method, segments=own, file=file, line=line, function=found[3])


def _refers(rest: str, imported: dict[str, str]) -> str:
    """The function that is named last, with the module it comes from; nothing for one that is written right there."""
    found = _LAST_NAME.search(rest) if "=>" not in rest and "function" not in rest else None
    if not found:
        return ""
    head, _, name = found[1].partition(".")
    return f"{imported[head]}#{name or head}" if head in imported else name or head


def _mounted(rest: str, imported: dict[str, str]) -> str:
    if required := _REQUIRED.search(rest):
        return required[1]
    names = [imported[name] for name in re.findall(r"[\w$]{1,60}", rest) if name in imported]
    return names[-1] if names else ""
