"""What the functions of one Python test file are and assert, by its syntax tree."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

SKIPS = {
    "skip", "skipif", "skipIf", "skipUnless", "xfail", "expectedFailure", "importorskip", "skipTest", "SkipTest",
    "__test__", "collect_ignore", "collect_ignore_glob",
}  # fmt: skip
ROOTS = {"pytest", "mark", "unittest", "self", "nose", "cls"}
RAISES = {"raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "deprecated_call"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LEAVES = (ast.Return, ast.Raise, ast.Break, ast.Continue)
CONDITIONS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match, *FUNCTIONS)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True, slots=True)
class Assertion:
    """`under` are the kinds of statements that it stands in: there it may never be reached, or be caught."""

    node: ast.expr
    line: int
    under: tuple[str, ...]

    @property
    def says(self) -> str:
        return ast.dump(self.node)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """One function of a test file; helpers assert too."""

    name: str
    line: int
    body: str
    leaves: int
    assertions: tuple[Assertion, ...]
    cases: Counter[str]

    @property
    def is_test(self) -> bool:
        return self.name.rpartition(".")[2].startswith("test")


@dataclass(frozen=True, kw_only=True, slots=True)
class TestFile:
    """`skips`: each skip in it with the function that it is in ("" for the module or a class), and its line."""

    __test__ = False

    functions: dict[str, Checked]
    repeated: dict[str, int] = field(default_factory=dict)
    skips: dict[tuple[str, str], list[int]] = field(default_factory=dict)


def read(text: str) -> TestFile:
    """Raises SyntaxError when it is no Python."""
    tree = ast.parse(text)
    functions: dict[str, Checked] = {}
    repeated: dict[str, int] = {}
    skips: dict[tuple[str, str], list[int]] = {}
    for name, node in _functions(tree):
        if name in functions:
            repeated[name] = node.lineno
        functions[name] = _checked(name, node)
        _note_skips(skips, name, node)
    for part in _outside(tree):
        _note_skips(skips, "", part)
    return TestFile(functions=functions, repeated=repeated, skips=skips)


def _functions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[tuple[str, Function]]:
    for node in _statements(tree.body):
        if isinstance(node, FUNCTIONS):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")


def _outside(tree: ast.Module | ast.ClassDef) -> Iterator[ast.AST]:
    for node in _statements(tree.body):
        if isinstance(node, ast.ClassDef):
            yield from node.decorator_list
            yield from _outside(node)
        elif not isinstance(node, (*FUNCTIONS, ast.If, ast.Try)):
            yield node


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """With what stands under a condition of the module or class itself."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            nested = [getattr(node, part, []) for part in ("body", "orelse", "finalbody")]
            handlers = [handler.body for handler in getattr(node, "handlers", [])]
            for inner in (*nested, *handlers):
                yield from _statements(inner)


def _checked(name: str, node: Function) -> Checked:
    return Checked(
        name=name,
        line=node.lineno,
        body=ast.dump(ast.Module(body=node.body, type_ignores=[])),
        leaves=sum(isinstance(inner, LEAVES) for inner in ast.walk(node)),
        assertions=tuple(_assertions(node.body, ())),
        cases=_cases(node.decorator_list),
    )


def _assertions(body: list[ast.stmt], under: tuple[str, ...]) -> Iterator[Assertion]:
    for statement in body:
        if isinstance(statement, ast.Assert):
            yield Assertion(node=statement.test, line=statement.lineno, under=under)
            continue
        inner = (*under, type(statement).__name__) if _may_hide(statement) else under
        blocks = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        blocks += [part.body for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", []))]
        for call in _calls(statement):
            yield Assertion(node=call, line=call.lineno, under=under)
        for block in blocks:
            yield from _assertions(block, inner)


def _may_hide(statement: ast.stmt) -> bool:
    """A `with` only where it swallows what is raised."""
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return any("suppress" in ast.dump(item.context_expr) for item in statement.items)
    return isinstance(statement, CONDITIONS)


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """Asserting calls of one statement itself, not of the blocks in it."""
    waiting: list[ast.AST] = [part for part in ast.iter_child_nodes(statement) if not isinstance(part, ast.stmt)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Call) and _asserts(named(part.func)):
            yield part
        elif not isinstance(part, (ast.ExceptHandler, ast.match_case)):
            waiting += [inner for inner in ast.iter_child_nodes(part) if not isinstance(inner, ast.stmt)]


def _asserts(name: str) -> bool:
    return name.startswith("assert") or name in RAISES or name == "fail"


def named(node: ast.expr) -> str:
    """The last name of `a.b.c`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _cases(decorators: list[ast.expr]) -> Counter[str]:
    """The cases that a test is run for, one by one where they are written down as a list."""
    found: Counter[str] = Counter()
    for call in decorators:
        if isinstance(call, ast.Call) and named(call.func) in ("parametrize", "expand", "parameterized"):
            for argument in call.args:
                listed = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else [argument]
                found.update(ast.dump(case) for case in listed)
    return found


def _note_skips(found: dict[tuple[str, str], list[int]], name: str, node: ast.AST) -> None:
    for part in ast.walk(node):
        if _is_skip(part):
            found.setdefault((name, ast.dump(part)), []).append(getattr(part, "lineno", 0))


def _is_skip(part: ast.AST) -> bool:
    if isinstance(part, ast.Attribute):
        return part.attr in SKIPS and named(part.value) in ROOTS
    return isinstance(part, ast.Name) and part.id in SKIPS
