"""Routes that Ruby, PHP, Java, Kotlin, C#, Go, Rust and Elixir register."""

import re
from collections.abc import Iterator

from improver.locate._script_routes import line_of
from improver.locate.routes import METHODS, Handler, segments

_VERBS = "get|post|put|patch|delete|head|options"
_TEXT = r"[\"']([^\"'\n]{0,300})[\"']"

_RAILS = re.compile(
    rf"^([ \t]*)({_VERBS})\s*\(?\s*{_TEXT}\s*(?:,\s*to:\s*|=>\s*|,\s*:to\s*=>\s*)?(?:{_TEXT})?([^\n]*)", re.M
)
_RESOURCES = re.compile(r"^([ \t]*)(resources|resource)\s*\(?\s*:(\w{1,60})([^\n]*)", re.M)
_SCOPE = re.compile(r"^([ \t]*)(namespace|scope)\s*\(?\s*(?::|[\"']/?)([\w/-]{1,60})[^\n]*\bdo\b", re.M)
_RESTFUL = (
    ("GET", (), "index"), ("POST", (), "create"), ("GET", ("new",), "new"), ("GET", ("*",), "show"),
    ("GET", ("*", "edit"), "edit"), ("PATCH", ("*",), "update"), ("PUT", ("*",), "update"),
    ("DELETE", ("*",), "destroy"),
)  # fmt: skip

_PHP = re.compile(
    rf"(?:Route::|\$\w{{1,30}}->)({_VERBS}|any)\(\s*{_TEXT}\s*,\s*"
    rf"(?:\[\s*\\?([\w\\]{{1,200}})::class\s*,\s*{_TEXT}|{_TEXT})?",
    re.IGNORECASE,
)
_SYMFONY = re.compile(
    rf"#\[Route\(\s*(?:path:\s*)?{_TEXT}([^\]]{{0,300}})\](?:\s*#\[[^\]]{{0,300}}\])*\s*"
    rf"(?:public\s+)?(function|(?:final\s+)?class)\s+(\w{{1,100}})"
)
_GO = re.compile(
    r"\.(HandleFunc|Handle|Get|Post|Put|Patch|Delete|Head|Options|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|Any|All)"
    r"\(\s*[\"`](?:(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?[\w.-]*(/[^\"`\n]{0,300})[\"`]\s*,([^\n]{0,300})"
)
_AXUM = re.compile(r"\.route\(\s*\"(/[^\"\n]{0,300})\"\s*,([^\n]{0,300})")
_AXUM_VERB = re.compile(rf"\b({_VERBS})\(\s*([\w:]{{1,200}})\s*\)")
_PHOENIX = re.compile(
    rf"^\s*({_VERBS})\s*\(?\s*\"(/[^\"\n]{{0,300}})\"\s*,\s*([\w.]{{1,200}})\s*,\s*:(\w{{1,60}})", re.M
)

# Above a method: @GetMapping("/x"), @GET @Path("/x"), [HttpGet("x")], #[get("/x")]. Above a class: how all begin.
_ANNOTATION = re.compile(
    r"(?:@|#?\[)(Get|Post|Put|Patch|Delete|Request)Mapping(?:\(([^)]{0,300})\))?|@(Path)\(([^)]{0,300})\)"
    r"|\[Http(Get|Post|Put|Patch|Delete)(?:\(([^)]{0,300})\))?\]|\[(Route)\(([^)]{0,300})\)\]"
    r"|#\[(?:\w{1,30}::)?(get|post|put|patch|delete)\(([^)]{0,300})\)\]|@(GET|POST|PUT|PATCH|DELETE)\b()"
    r"|^[^\n/*]{0,200}\b(class|interface|record)\s+(\w{1,100})|\b(fn|fun)\s+(\w{1,100})"
    r"|^[ \t]+(?:public|protected|private|internal|static|async|final|suspend|override)[^=;\n]{0,200}?(\b)(\w{1,100})"
    r"\s*\(",
    re.M,
)
_MAPPED = re.compile(r"\.Map(Get|Post|Put|Patch|Delete)\(\s*\"([^\"\n]{0,300})\"\s*,\s*([\w.]{0,100})")
_KTOR = re.compile(rf"^[ \t]*({_VERBS})\(\s*\"(/?[^\"\n]{{0,300}})\"\s*\)\s*\{{", re.M)
_IN_QUOTES = re.compile(r"\"([^\"\n]{0,300})\"")


def handlers(file: str, source: str) -> list[Handler]:
    if file.endswith(".rb"):
        return [*_rails(file, source), *_resources(file, source)]
    if file.endswith(".php"):
        return [*_php(file, source), *_symfony(file, source)]
    if file.endswith(".go"):
        return list(_go(file, source))
    if file.endswith((".ex", ".exs")):
        return list(_phoenix(file, source))
    if file.endswith(".rs"):
        return [*_axum(file, source), *_annotated(file, source)]
    return [*_annotated(file, source), *_mapped(file, source)]


def _scopes(source: str) -> list[tuple[int, int, str]]:
    """Where each `namespace` begins, how far it is indented, and what it puts in front."""
    return [(found.start(), len(found[1]), found[3]) for found in _SCOPE.finditer(source)]


def _within(source: str, at: int, indent: int) -> tuple[tuple[str, ...], str]:
    """The path and the module that the scopes around a line of a route file put in front."""
    around: list[tuple[int, str]] = []
    for start, depth, name in _scopes(source):
        if start < at and depth < indent and not re.search(rf"^[ \t]{{{depth}}}end\b", source[start:at], re.M):
            around.append((depth, name))
    names = [name for _, name in sorted(around)]
    return tuple(part for name in names for part in segments(name)), "".join(f"{name}/" for name in names)


def _rails(file: str, source: str) -> Iterator[Handler]:
    for found in _RAILS.finditer(source):
        indent, verb, path, to, rest = found.groups()
        prefix, module = _within(source, found.start(), len(indent))
        block = bool(re.search(r"\bdo\b", rest or "")) and not to
        refers = to if to and "#" in to else ("" if block else _action(path))
        if not block and not refers:
            continue
        yield Handler(
            method=verb.upper(), segments=(*prefix, *segments(path)), file=file, line=line_of(source, found.start(2)),
            refers=f"{module}{refers}" if refers else "", whole=True,
        )  # fmt: skip


def _action(path: str) -> str:
    """`get 'orders/recent'` names its own controller and action."""
    parts = [part for part in path.split("/") if part]
    return f"{parts[0]}#{parts[1]}" if len(parts) == 2 and all(part.isidentifier() for part in parts) else ""


def _resources(file: str, source: str) -> Iterator[Handler]:
    for found in _RESOURCES.finditer(source):
        indent, several, name, rest = found.groups()
        prefix, module = _within(source, found.start(), len(indent))
        line = line_of(source, found.start(2))
        only = re.search(r"only:\s*(?:%i)?\[?([^\]\n]{0,100})", rest)
        without = re.search(r"except:\s*(?:%i)?\[?([^\]\n]{0,100})", rest)
        for method, tail, action in _RESTFUL:
            own = tail if several == "resources" else tuple(part for part in tail if part != "*")
            listed = (not only or action in only[1]) and not (without and action in without[1])
            if listed and not (several == "resource" and action == "index"):
                refers = f"{module}{name if several == 'resources' else f'{name}s'}#{action}"
                yield Handler(
                    method=method, segments=(*prefix, name, *own), file=file, line=line, refers=refers, whole=True
                )


def _php(file: str, source: str) -> Iterator[Handler]:
    for found in _PHP.finditer(source):
        verb, path, controller, action, named = found.groups()
        refers = f"{controller.rpartition(chr(92))[2]}#{action}" if controller else (named or "").replace("@", "#")
        method = verb.upper() if verb.upper() in METHODS else ""
        line = line_of(source, found.start())
        yield Handler(method=method, segments=segments(path), file=file, line=line, refers=refers)


def _symfony(file: str, source: str) -> Iterator[Handler]:
    prefix: tuple[str, ...] = ()
    for found in _SYMFONY.finditer(source):
        path, rest, what, name = found.groups()
        if what != "function":
            prefix = segments(path)
            continue
        methods = re.findall(r"[\"'](GET|POST|PUT|PATCH|DELETE)[\"']", rest) or [""]
        for method in methods:
            line = line_of(source, found.start(4))
            yield Handler(method=method, segments=(*prefix, *segments(path)), file=file, line=line, function=name)


def _go(file: str, source: str) -> Iterator[Handler]:
    for found in _GO.finditer(source):
        verb, told, path, rest = found.groups()
        method = told or (verb.upper() if verb.upper() in METHODS else "")
        last = re.search(r"(?:^|[\s.(,])([A-Za-z_]\w{0,100})\s*\)+[^)\n]*$", rest) if "func(" not in rest else None
        line = line_of(source, found.start())
        yield Handler(method=method, segments=segments(path), file=file, line=line, refers=last[1] if last else "")


def _axum(file: str, source: str) -> Iterator[Handler]:
    for found in _AXUM.finditer(source):
        for verb, function in _AXUM_VERB.findall(found[2]):
            line = line_of(source, found.start())
            refers = function.replace("::", ".")
            yield Handler(method=verb.upper(), segments=segments(found[1]), file=file, line=line, refers=refers)


def _phoenix(file: str, source: str) -> Iterator[Handler]:
    for found in _PHOENIX.finditer(source):
        verb, path, controller, action = found.groups()
        refers = f"{controller.rpartition('.')[2]}#{action}"
        yield Handler(
            method=verb.upper(), segments=segments(path), file=file, line=line_of(source, found.start(1)), refers=refers
        )


def _annotated(file: str, source: str) -> Iterator[Handler]:
    """Annotations count for the next class or method below them."""
    prefix: tuple[str, ...] = ()
    waiting: list[tuple[str, str]] = []
    for found in _ANNOTATION.finditer(source):
        what, said = next((a, b or "") for a, b in zip(*[iter(found.groups())] * 2, strict=True) if a is not None)
        verb = what.upper()
        if verb in METHODS or what in ("Path", "Route", "Request"):
            waiting.append((verb if verb in METHODS else "", said))
            continue
        if what in ("class", "interface", "record"):
            prefix = _joined(waiting, said)
        elif waiting:
            method = next((verb for verb, _ in waiting if verb), "")
            if method or any(said for _, said in waiting):
                line = line_of(source, found.end())
                own = (*prefix, *_joined(waiting, ""))
                yield Handler(method=method, segments=own, file=file, line=line, function=said)
        waiting = []


def _joined(waiting: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    texts = [text for _, said in waiting for text in _IN_QUOTES.findall(said)[:1]]
    controller = name.removesuffix("Controller").lower()
    return tuple(part for text in texts for part in segments(text.replace("[controller]", controller)))


def _mapped(file: str, source: str) -> Iterator[Handler]:
    for found in _MAPPED.finditer(source):
        refers = found[3].rpartition(".")[2]
        line = line_of(source, found.start())
        yield Handler(method=found[1].upper(), segments=segments(found[2]), file=file, line=line, refers=refers)
    for found in _KTOR.finditer(source):
        yield Handler(
            method=found[1].upper(), segments=segments(found[2]), file=file, line=line_of(source, found.start(1))
        )
