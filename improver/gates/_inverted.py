"""Tests that must fail: what reports them as passed reports what it likes."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from improver.gates._python_tests import FUNCTIONS, Function
from improver.gates._session import Ended, Session

# From last to first, so that places before stay where they are: line, columns in bytes, and what stands there then.
Edit = tuple[int, int, int, int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inverted:
    """Test files, each with its tests asserting the contrary; `names` are those tests, as node ids without cases."""

    texts: Mapping[str, str]
    names: frozenset[str]

    def belied(self, passed: Collection[str], after: Session) -> set[str]:
        """Of tests that passed those that still do when they assert the contrary."""
        return {name for name in after.that(Ended.PASSED) & set(passed) if name.partition("[")[0] in self.names}


def invert(texts: Mapping[str, str]) -> Inverted:
    changed: dict[str, str] = {}
    names: set[str] = set()
    for path, text in texts.items():
        tests = dict(_tests(text))
        changed[path] = _edited(text, [edit for edit in map(_contrary, tests.values()) if edit])
        names |= {f"{path}::{name}" for name, test in tests.items() if _contrary(test)}
    return Inverted(texts=changed, names=frozenset(names))


def files_of(names: Collection[str]) -> list[str]:
    return sorted({path for path in (name.partition("::")[0] for name in names) if path.endswith(".py")})


def _tests(text: str) -> Iterator[tuple[str, Function]]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    waiting: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body]
    while waiting:
        inside, node = waiting.pop()
        if isinstance(node, ast.ClassDef):
            waiting += [(f"{inside}{node.name}::", one) for one in node.body]
        elif isinstance(node, FUNCTIONS) and node.name.startswith("test"):
            yield f"{inside}{node.name}", node


def _contrary(test: Function) -> Edit | None:
    """Its last assertion negated: where that holds by mistake too, it is noticed. Without one, a failure at its end."""
    asserted = [node for node in test.body if isinstance(node, ast.Assert)]
    if asserted:
        told = asserted[-1].test
        return told.lineno, told.col_offset, told.end_lineno or 0, told.end_col_offset or 0, "not ({})"
    last = test.body[-1]
    if last.lineno == test.lineno:
        return None
    indent = " " * last.col_offset
    if isinstance(last, (ast.Return, ast.Raise)):
        return last.lineno, last.col_offset, last.lineno, last.col_offset, f"assert False\n{indent}"
    end, column = last.end_lineno or 0, last.end_col_offset or 0
    return end, column, end, column, f"\n{indent}assert False"


def _edited(text: str, edits: Sequence[Edit]) -> str:
    lines = [line.encode() for line in text.split("\n")]
    for first, start, last, end, said in sorted(edits, reverse=True):
        held = lines[first - 1 : last]
        head, tail = held[0][:start], held[-1][end:]
        inner = b"\n".join(held)[start : len(b"\n".join(held)) - len(tail)].decode()
        lines[first - 1 : last] = [head + said.replace("{}", inner).encode() + tail]
    return b"\n".join(lines).decode()
