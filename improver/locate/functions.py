"""The functions that a source file defines, and the one around a line."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 2_000  # lines that one function is followed for
MOST = 5_000  # functions of one file

# `def f`, `func (s *S) F`, `fn f`, `function f`, `class C`: what says itself that it is a definition.
_DEFINITION = re.compile(
    r"^[ \t]*(?:[\w@(), ]{0,80}?\b)??(?:def|function\*?|func|fn|fun|sub|class)\s+(?:\([^)\n]{0,80}\)\s*|self\.)?"
    r"([A-Za-z_$][\w$]{0,100})"
)
# `const f = (…) =>`, `f: function`, `f = async (`: what is a function by what is assigned to it.
_ASSIGNED = re.compile(
    r"^[ \t]*(?:export\s+)?(?:default\s+)?(?:(?:const|let|var|static|public|private|readonly)\s+){0,3}"
    r"([A-Za-z_$][\w$]{0,100})(?:\s*:\s*[^=\n]{1,80})?\s*[=:]\s*(?:async\s*)?(?:function\b|\([^)\n]{0,200}\)\s*(?::[^=\n]{1,80})?=>|\w{1,50}\s*=>)"
)
# `public ResponseEntity<Order> show(@PathVariable long id) {`, `async show(request) {`: methods of classes.
_METHOD = re.compile(
    r"^[ \t]+(?:(?:public|private|protected|internal|static|final|async|override|suspend|virtual|get|set)\s+){0,4}"
    r"(?:[\w<>\[\],.? ]{1,80}\s)?([A-Za-z_$][\w$]{0,100})\s*\([^;{}\n]{0,300}\)?[^;\n]{0,120}\{\s*$"
)
_NO_NAMES = frozenset(("if", "for", "while", "switch", "catch", "with", "return", "new", "else", "do", "when", "match"))
_CLOSERS = re.compile(r"^\s*(?:[)\]}]|end\b)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """`name` is qualified by the classes and functions around it, where the language says so."""

    name: str
    first: int
    last: int

    @property
    def bare(self) -> str:
        return self.name.rpartition(".")[2]


def function_at(source: str, file: str, name: str, line: int | None) -> str:
    """The named function if the file defines it, else the one around the line: never a name that is not in the code."""
    found = chosen(functions(source, file), name, line)
    return found.name if found else ""


def chosen(known: tuple[Function, ...], name: str, line: int | None) -> Function | None:
    bare = name.rpartition(".")[2]
    named = [one for one in known if one.bare == bare]
    around = [one for one in known if line and one.first <= line <= one.last]
    both = [one for one in named if one in around]
    found = both or (named if len(named) == 1 else []) or around
    return found[-1] if found else None


@lru_cache(maxsize=128)
def functions(source: str, file: str) -> tuple[Function, ...]:
    """Outer ones before the ones inside them."""
    if file.endswith((".py", ".pyi")):
        return _python(source)
    return tuple(_by_shape(source.splitlines()))


def _python(source: str) -> tuple[Function, ...]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: list[Function] = []
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, prefix = waiting.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(_of_python(child, prefix))
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                waiting.append((child, f"{prefix}{child.name}."))
            else:
                waiting.append((child, prefix))
    return tuple(sorted(found, key=lambda one: (one.first, -one.last))[:MOST])


def _of_python(node: ast.FunctionDef | ast.AsyncFunctionDef, prefix: str) -> Function:
    return Function(name=prefix + node.name, first=node.lineno, last=node.end_lineno or node.lineno)


def _by_shape(lines: list[str]) -> Iterator[Function]:
    """By how definitions look and how they are indented: no parser of ours knows every language."""
    count = 0
    for number, line in enumerate(lines, 1):
        defined = len(line) < 500 and (_DEFINITION.match(line) or _ASSIGNED.match(line) or _METHOD.match(line))
        if defined and defined[1] not in _NO_NAMES:
            yield Function(name=defined[1], first=number, last=_end(lines, number))
            count += 1
        if count >= MOST:
            return


def _end(lines: list[str], first: int) -> int:
    """The line before the next one that is indented no deeper; what closes the body still belongs to it."""
    depth = _indent(lines[first - 1])
    last = first
    for number in range(first + 1, min(len(lines), first + LONGEST) + 1):
        line = lines[number - 1]
        if not line.strip():
            continue
        if _indent(line) <= depth:
            return number if _CLOSERS.match(line) else last
        last = number
    return last


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())
