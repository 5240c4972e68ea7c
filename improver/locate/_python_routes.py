"""Routes that Python code registers: decorators, url lists, routers and what they are mounted at."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from improver.locate.routes import METHODS, Handler, segments

_DECORATORS = frozenset(("route", "api_route", "websocket", "websocket_route", *(one.lower() for one in METHODS)))
_LISTED = frozenset(("path", "re_path", "url", "Route", "WebSocketRoute", "add_url_rule", "add_api_route", "add_route"))
_MOUNTS = frozenset(("include_router", "register_blueprint", "mount", "Mount"))
_ROUTERS = frozenset(("Blueprint", "APIRouter", "Router", "RouteTableDef", "SimpleRouter", "APIBlueprint"))
_PREFIXES = ("url_prefix", "prefix", "root_path")
_PATHS = ("path", "rule", "uri", "route")
_ENDPOINTS = ("view_func", "endpoint", "view", "handler", "name")


@dataclass(frozen=True, kw_only=True, slots=True)
class Mount:
    """What is put in front of the routes of a module or a router: `of` is a dotted name as its file writes it."""

    prefix: tuple[str, ...]
    of: str


def handlers(file: str, source: str) -> tuple[list[Handler], list[Mount]]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [], []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    imported = dict(_imported(tree))
    mounts = [mount for call in calls for mount in _mounts(call, imported)]
    before = dict(_routers(tree))
    here = {mount.of: mount.prefix for mount in mounts if mount.of in before}
    before |= {name: (*prefix, *before[name]) for name, prefix in here.items()}
    return [*_decorated(tree, file, before), *_listed(calls, file, imported)], mounts


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((one.asname or one.name, f"{node.module or ''}.{one.name}".strip(".")) for one in node.names)
        elif isinstance(node, ast.Import):
            yield from ((one.asname or one.name, one.name) for one in node.names)


def _routers(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Routers that this file makes, each with the prefix it is given there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _name(node.value.func) in _ROUTERS:
            for target in node.targets:
                yield ast.unparse(target), _prefix(node.value)


def _prefix(call: ast.Call) -> tuple[str, ...]:
    return segments(_text(call, _PREFIXES))


def _mounts(call: ast.Call, imported: dict[str, str]) -> Iterator[Mount]:
    name = _name(call.func)
    if name in _MOUNTS and call.args:
        first, second = call.args[0], call.args[1] if len(call.args) > 1 else None
        at = segments(_first(call)) if isinstance(first, ast.Constant) else _prefix(call)
        mounted = second if isinstance(first, ast.Constant) else first
        if mounted is not None:
            yield Mount(prefix=at, of=_whole(_dotted(mounted), imported))
    if name in ("path", "re_path", "url") and len(call.args) > 1 and isinstance(call.args[1], ast.Call):
        inner = call.args[1]
        if _name(inner.func) == "include" and inner.args:
            named = inner.args[0]
            of = named.value if isinstance(named, ast.Constant) else _whole(_dotted(named), imported)
            yield Mount(prefix=segments(_first(call)), of=str(of))


def _decorated(tree: ast.Module, file: str, before: dict[str, tuple[str, ...]]) -> Iterator[Handler]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in _DECORATORS:
                on = ast.unparse(call.func.value)
                own = segments(_first(call) or _text(call, _PATHS))
                for method in _methods(call):
                    yield Handler(
                        method=method, segments=(*before.get(on, ()), *own), file=file, line=node.lineno,
                        function=node.name, whole=on == "app" and "app" not in before,
                    )  # fmt: skip


def _listed(calls: list[ast.Call], file: str, imported: dict[str, str]) -> Iterator[Handler]:
    for call in calls:
        name = _name(call.func)
        added = name.startswith("add_") and name[4:].upper() in METHODS
        if not (name in _LISTED or added) or not _first(call):
            continue
        endpoint = call.args[1] if len(call.args) > 1 else None
        for keyword in call.keywords:
            endpoint = keyword.value if keyword.arg in _ENDPOINTS and endpoint is None else endpoint
        if name == "add_url_rule":
            endpoint = next((one.value for one in call.keywords if one.arg == "view_func"), endpoint)
        if endpoint is None or _is_include(endpoint):
            continue
        refers = _whole(_dotted(endpoint), imported)
        for method in [name[4:].upper()] if added else _methods(call):
            yield Handler(method=method, segments=segments(_first(call)), file=file, line=call.lineno, refers=refers)


def _is_include(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) == "include"


def _methods(call: ast.Call) -> list[str]:
    own = _name(call.func).upper()
    if own in METHODS:
        return [own]
    for keyword in call.keywords:
        if keyword.arg == "methods" and isinstance(keyword.value, ast.List | ast.Tuple | ast.Set):
            said = [one.value for one in keyword.value.elts if isinstance(one, ast.Constant)]
            return [str(one).upper() for one in said] or [""]
    return ["GET"] if own == "ROUTE" and isinstance(call.func, ast.Attribute) else [""]


def _first(call: ast.Call) -> str:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _text(call: ast.Call, names: tuple[str, ...]) -> str:
    for keyword in call.keywords:
        if keyword.arg in names and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return ""


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    """`views.detail`, and `views.Detail` of `views.Detail.as_view()`."""
    if isinstance(node, ast.Call):
        node = node.func
        node = node.value if isinstance(node, ast.Attribute) and node.attr == "as_view" else node
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""


def _whole(dotted: str, imported: dict[str, str]) -> str:
    """A name as its own module would be called: `detail` of `from views import detail` is `views.detail`."""
    head, dot, rest = dotted.partition(".")
    return f"{imported.get(head, head)}{dot}{rest}"
