"""What a block of a Python file adds and takes away, statement by statement: by its syntax tree."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from improver.gates._hunks import Hunk

WORD = re.compile(r"\w+")
LOGS = {"log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"}
LOGGED = {"debug", "info", "warning", "error", "exception", "critical", "log"}
DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
ACTING = (ast.Call, ast.Await, ast.NamedExpr, ast.Yield, ast.YieldFrom)


def find(part: Hunk, text: str, base: str, pairs: Mapping[int, int]) -> Iterator[Hunk]:
    """Hunks without one added statement, or with one that was removed."""
    tree, before = _parsed(text), _parsed(base)
    if tree is None or before is None:
        return
    known, had = set(WORD.findall(base)), set(WORD.findall("".join(part.was)))
    last = part.line + part.length - 1
    idle = _idle(tree)
    alone: set[ast.stmt] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or _first(node) < part.line or _end(node) > last:
            continue
        if isinstance(node, ast.If) and len(node.body) == 1 and not node.orelse:
            alone.add(node.body[0])  # without it the condition is for nothing
        if node in idle or node in alone or _is_harmless(node) or _first(node) in pairs:
            continue
        if not part.was or _brings(node, known, had):
            yield from _cut(part.path, node, text)
    yield from _lines(part, tree, text, pairs)
    yield from _restored(part, before, pairs)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _first(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, DEFINED) else []
    return min([node.lineno, *(one.lineno for one in decorators)])


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _cut(path: str, node: ast.stmt, text: str) -> Iterator[Hunk]:
    first, last = _first(node), _end(node)
    lines = text.split("\n")[first - 1 : last]
    head = lines[0].encode()[: node.col_offset].decode()
    tail = lines[-1].encode()[node.end_col_offset or 0 :].decode()
    # An `elif` is a statement that nothing can stand for.
    for instead in ((f"{head}pass{tail}\n",), ()):
        cut = Hunk(path=path, line=first, length=len(lines), was=instead, body=tuple(f"+{line}" for line in lines))
        if _parsed(cut.without(text)) is not None:
            yield cut
            return


def _lines(part: Hunk, tree: ast.Module, text: str, pairs: Mapping[int, int]) -> Iterator[Hunk]:
    """Added lines within statements that were there before: an argument, a case, a decorator."""
    ends = range(part.line, part.line + part.length)
    whole = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and _first(node) in ends and _end(node) in ends
        for line in range(_first(node), _end(node) + 1)
    }
    for line in ends:
        ours = text.split("\n")[line - 1]
        if line in whole or line in pairs or not ours.strip():
            continue
        cut = Hunk(path=part.path, line=line, length=1, body=(f"+{ours}",))
        if _parsed(cut.without(text)) is not None:
            yield cut


def _restored(part: Hunk, before: ast.Module, pairs: Mapping[int, int]) -> Iterator[Hunk]:
    """Checks and calls that are gone: a value that nobody uses any more is none."""
    if not part.length or not part.was:
        return
    kept = {place: line for line, place in pairs.items()}
    ends = range(part.base_line, part.base_line + len(part.was))
    for node in ast.walk(before):
        if not isinstance(node, ast.stmt) or _first(node) not in ends or _end(node) not in ends:
            continue
        place = node.lineno - part.base_line
        if place in kept or not _is_guard(node) or _is_harmless(node):
            continue
        gone = part.was[place : _end(node) - part.base_line + 1]
        yield part.restored(place, gone, kept)


def _is_guard(node: ast.stmt) -> bool:
    if isinstance(node, ast.If):
        return not node.orelse and all(map(_is_guard, node.body))
    called = isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await))
    return called or isinstance(node, (ast.Raise, ast.Assert, ast.Delete))


def _brings(node: ast.stmt, known: set[str], had: set[str]) -> bool:
    """Whether there is more in it than what the base's own lines did here, under new names for what they held."""
    return bool({word for part in ast.walk(node) for word in _words(part, known)} - had)


def _words(node: ast.AST, known: set[str]) -> Iterator[str]:
    if isinstance(node, ast.Name) and node.id in known:
        yield node.id
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield node.func.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Constant) and node.value is not None:
        yield str(node.value)
    elif isinstance(node, DEFINED):
        yield node.name


def _is_harmless(node: ast.stmt) -> bool:
    """What honest code has beside what it does: words for a log, what is said to the type checker."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)):
        return True
    if isinstance(node, ast.Assert):
        return not _acts(node)
    if isinstance(node, ast.Assign):
        named = [target.id for target in node.targets if isinstance(target, ast.Name)]
        return named == ["__all__"] and not _acts(node)
    if isinstance(node, FUNCTIONS):
        return any("overload" in ast.unparse(one) for one in node.decorator_list)
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in WORD.findall(ast.unparse(node.test)) and all(map(_is_harmless, node.body))
    return type(node).__name__ == "TypeAlias" or (isinstance(node, ast.Expr) and _is_log(node.value))


def _is_log(value: ast.expr) -> bool:
    if not (isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in LOGGED):
        return False
    named = ast.unparse(value.func.value).removeprefix("self.")
    return named in LOGS and not any(map(_acts, [*value.args, *value.keywords]))


def _acts(node: ast.AST) -> bool:
    return any(isinstance(part, ACTING) for part in ast.walk(node))


def _idle(tree: ast.Module) -> set[ast.stmt]:
    """Jumps to where it goes anyway: the last `return` of a function, the last `continue` of a loop."""
    found: set[ast.stmt] = set()
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, *LOOPS)):
            jump = ast.Return if isinstance(node, FUNCTIONS) else ast.Continue
            found |= {one for one in _last(node.body) if isinstance(one, jump) and _is_bare(one)}
    return found


def _is_bare(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _last(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    if not body:
        return
    end = body[-1]
    yield end
    if isinstance(end, ast.If):
        yield from (*_last(end.body), *_last(end.orelse))
    elif isinstance(end, (ast.With, ast.AsyncWith)):
        yield from _last(end.body)
    elif isinstance(end, ast.Try):
        yield from (one for handler in end.handlers for one in _last(handler.body))
        yield from (*(() if end.orelse else _last(end.body)), *_last(end.orelse))
