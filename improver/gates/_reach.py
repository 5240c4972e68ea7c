"""Where Python code of a change reaches past what it is for: by its syntax tree, counted against what was there."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator

from improver.gates._python_tests import named
from improver.gates._refusals import Refusal
from improver.gates._tampering import Reason

MODULES = {
    "_pytest", "pluggy", "ctypes", "_ctypes", "atexit", "faulthandler", "bdb", "dis", "linecache",
    "tokenize", "xdist", "sitecustomize", "_frozen_importlib", "_thread",
}  # fmt: skip
# Attributes by the module they are of; what a person writes in an honest test is not among them.
ATTRIBUTES = {
    "os": {"_exit", "abort", "fork", "forkpty", "execv", "execve", "execvp", "execl", "dup2", "closerange", "getppid"},
    "sys": {
        "exit", "modules", "settrace", "setprofile", "meta_path", "path_hooks", "_getframe", "_current_frames",
        "addaudithook", "monitoring", "excepthook", "unraisablehook",
    },
    "gc": {"get_objects", "get_referrers", "get_referents"},
    "signal": {"raise_signal", "pthread_kill"},
    "pytest": {"exit", "hookimpl", "hookspec", "main", "TestReport", "CallInfo"},
    "inspect": {
        "currentframe", "stack", "trace", "getouterframes", "getinnerframes", "getsource", "getsourcelines",
        "getsourcefile", "getframeinfo",
    },
    "request": {"config", "node", "session"},
    "builtins": {"__import__", "open", "exec", "eval"},
}  # fmt: skip
NAMES = {"eval", "exec", "__import__", "globals", "exit", "quit", "breakpoint"}
DUNDERS = {
    "__code__", "__globals__", "__subclasses__", "__builtins__", "__loader__", "__spec__", "__closure__", "f_globals",
    "f_back", "tb_frame", "gi_frame", "pluginmanager",
}  # fmt: skip
TEXTS = ("PYTEST_", "IMPROVER_PYTEST", "improver_report", "/proc/self", "/dev/fd")
HOOK = re.compile(
    r"pytest_(add|assert|cmdline|collect|configure|deselected|enter|exception|fixture|generate|ignore|internal|itemcoll"
    r"|keyboard|leave|load|make|markeval|plugin|pyfunc|report|runtest|session|terminal|unconfigure|warning)\w*"
)
LOOKS = {"read_text", "read_bytes", "readlines", "open", "exists", "is_file", "isfile", "stat", "getsize", "lstat"}
RUNNERS = {"pytest", "_pytest", "unittest", "nose"}
SEARCHES = {("gc", "get_objects"), ("gc", "get_referrers"), ("sys", "_current_frames")}
UNDER_TEST = ("PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST", "IMPROVER_PYTEST", "JEST_WORKER_ID")

Found = tuple[Reason, str]  # the reason, and what in our own words


def in_tests(path: str, before: str | None, after: str, fixed: Collection[str]) -> Iterator[Refusal]:
    """`fixed` are the names of the files that the fix is in."""
    yield from _fresh(path, before, after, lambda node: _test_reaches(node, fixed))


def in_code(path: str, before: str | None, after: str) -> Iterator[Refusal]:
    """Code that behaves otherwise under test passes every test: added lines may not ask."""
    yield from _fresh(path, before, after, _asks)


def _fresh(
    path: str, before: str | None, after: str, look: Callable[[ast.AST], Iterator[Found]]
) -> Iterator[Refusal]:
    old = Counter(found for found, _ in _all(before, look)) if before is not None else Counter()
    for found, line in _all(after, look):
        if old[found]:
            old[found] -= 1
            continue
        reason, what = found
        yield Refusal(reason=reason, path=path, line=line, said=what)


def _all(text: str, look: Callable[[ast.AST], Iterator[Found]]) -> list[tuple[Found, int]]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return []
    harmless = (node for node in ast.walk(tree) if _is_replacement(node) or _is_itself(node))
    allowed = {id(part) for node in harmless for part in ast.walk(node)}
    nodes = (node for node in ast.walk(tree) if id(node) not in allowed)
    return [(found, _line(node)) for node in nodes for found in look(node)]


def _line(node: ast.AST) -> int:
    """A comprehension's own place is that of what it goes through."""
    return int(getattr(node, "lineno", 0) or getattr(getattr(node, "iter", None), "lineno", 0))


def _is_replacement(node: ast.AST) -> bool:
    """`monkeypatch.setitem(sys.modules, "their_client", fake)`: how honest tests stand in for a module."""
    if not (isinstance(node, ast.Call) and named(node.func) in ("setitem", "delitem", "dict") and len(node.args) > 1):
        return False
    where, what = node.args[0], node.args[1]
    names = [key for key in what.keys if key] if isinstance(what, ast.Dict) else [what]
    constant = [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]
    foreign = not any(name.partition(".")[0] in {*RUNNERS, "os", "sys", "builtins"} for name in constant)
    is_modules = isinstance(where, ast.Attribute) and where.attr == "modules"
    return is_modules and len(constant) == len(names) > 0 and foreign


def _is_itself(node: ast.AST) -> bool:
    """`sys.modules[__name__]`."""
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name) and node.slice.id == "__name__"


def _test_reaches(node: ast.AST, fixed: Collection[str]) -> Iterator[Found]:
    yield from ((Reason.RUNNER, f"it imports {name}") for name in _imported(node) if name in MODULES)
    if isinstance(node, ast.ImportFrom) and node.module in ATTRIBUTES:
        for alias in node.names:
            if alias.name in ATTRIBUTES[node.module]:
                yield _judged(node.module, alias.name)
    if isinstance(node, ast.Attribute):
        if isinstance(node.value, ast.Name) and node.attr in ATTRIBUTES.get(node.value.id, ()):
            yield _judged(node.value.id, node.attr)
        elif node.attr in DUNDERS:
            yield Reason.RUNNER, f"it uses {node.attr}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
        yield Reason.RUNNER, f"it calls {node.func.id}()"
    if isinstance(node, ast.Raise) and node.exc and named(_called(node.exc)) in ("SystemExit", "KeyboardInterrupt"):
        yield Reason.RUNNER, "it ends the process"
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and HOOK.fullmatch(node.name):
        yield Reason.RUNNER, f"{node.name} is a hook of pytest"
    if isinstance(node, ast.Name) and node.id == "pytest_plugins":
        yield Reason.RUNNER, "it loads plugins of pytest"
    if isinstance(node, ast.FunctionDef) and node.name == "__eq__" and _always_true(node):
        yield Reason.RUNNER, f"its {node.name} is true of everything"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _names_runner(node.value):
        yield Reason.RUNNER, "it names what belongs to the runner or the process"
    if isinstance(node, ast.Call):
        yield from _reads(node, fixed)


def _names_runner(text: str) -> bool:
    return text == "_pytest" or text.startswith("_pytest.") or any(one in text for one in TEXTS)


def _always_true(node: ast.FunctionDef) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) and bool(last.value.value)


def _judged(module: str, name: str) -> Found:
    source = module == "inspect" and name.startswith("getsource")
    return Reason.READS_CODE if source else Reason.RUNNER, f"it uses {module}.{name}"


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _reads(call: ast.Call, fixed: Collection[str]) -> Iterator[Found]:
    """Opening a file of the fix, or wherever a module lies. Other files of code may be what is tested."""
    name = named(call.func)
    if name == "parse" and isinstance(call.func, ast.Attribute) and named(call.func.value) == "ast":
        yield Reason.READS_CODE, "it parses source code"
    if name == "open" and call.args and not _writes(call):
        yield from _source(call.args[0], fixed)
    if name in LOOKS and isinstance(call.func, ast.Attribute):
        yield from _source(call.func.value, fixed)
        if named(call.func.value) == "path" and call.args:  # os.path.exists
            yield from _source(call.args[0], fixed)


def _writes(call: ast.Call) -> bool:
    modes = [*call.args[1:2], *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    return any(isinstance(mode, ast.Constant) and str(mode.value)[:1] in ("w", "a", "x") for mode in modes)


def _source(where: ast.expr, fixed: Collection[str]) -> Iterator[Found]:
    parts = list(ast.walk(where))
    # A file that the test itself has written is found through `tmp_path` and the like.
    if any("tmp" in named(part) for part in parts if isinstance(part, (ast.Name, ast.Attribute))):
        return
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    modules = any(isinstance(part, ast.Attribute) and part.attr == "__file__" for part in parts)
    if modules or any(text.rpartition("/")[2] in fixed for text in texts):
        yield Reason.READS_CODE, "it reads a file of source code"


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module.partition(".")[0]


def _asks(node: ast.AST) -> Iterator[Found]:
    for name in _imported(node):
        if name in RUNNERS:
            yield Reason.LOOKS_FOR_TESTS, f"it imports {name}"
    if isinstance(node, ast.Attribute) and (named(node.value), node.attr) in SEARCHES:
        yield Reason.LOOKS_FOR_TESTS, f"it searches {named(node.value)}.{node.attr}"
    if isinstance(node, (ast.comprehension, ast.For)) and "attr='modules'" in ast.dump(node.iter):
        yield Reason.LOOKS_FOR_TESTS, "it looks through sys.modules"
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    if text in ("pytest", "_pytest") or text.startswith(UNDER_TEST):
        yield Reason.LOOKS_FOR_TESTS, "it names a test runner"
