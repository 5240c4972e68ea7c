"""The import directions and the house rules of docs/architecture.md, enforced on every source file."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from improver import plugins

ROOT = Path(__file__).parent.parent
OUR_OWN = ("improver", "collectors", "dashboards")
FOREIGN = ROOT / "improver/demo/todo"  # the demo's app: a target, none of our code

# From the top of the house to the cellar: what stands higher may import what stands lower, never the other way.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(layer.split())
    for layer in (
        "__main__ cli",
        "demo",
        "daemon watch",
        "listeners jobs control dashboards mcp client doctor",
        "tell polling housekeeping monitors sourcemap_upload read act replay feedback report pipeline attempts opening connect init analyze",
        "stages dedupe agent_run ledger change briefing autonomy",
        "runtime",
        "receiver",
        "grouping locate statistics scrub render logs spool _segment _committer warehouse repo sandbox"
        " sockets keys quota fixes asgi grpc_door http inflate paths shipped_demo manifests sdks project schedules sourcemaps symbolicate",
        "config plugins datadir",
        "model errors",
    )
)
DEPTH = {name: depth for depth, layer in enumerate(LAYERS) for name in layer}
PLUGINS_MAY_IMPORT = {"model", "errors", "statistics", "grouping", "render", "inflate", "paths"}
RECEIVER_MAY_IMPORT = {"asgi", "fixes", "spool", "keys", "quota", "inflate", "config", "plugins", "model", "errors"}

STARTS_PROCESSES = ("improver/sandbox/", "improver/repo/", "improver/watch/", "improver/demo/")
CATCHES_EVERYTHING = ("improver/daemon.py", "improver/plugins.py", "improver/watch_hook/sitecustomize.py")
STARTERS = {"subprocess", "multiprocessing", "pty", "_posixsubprocess"}
STARTING_CALLS = re.compile(
    r"(os\.(system|popen|fork\w*|exec\w+|spawn\w+|posix_spawn\w*)|asyncio\.create_subprocess_\w+)"
)
CLOCKS = re.compile(r"(\w+\.)*(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns))")


def sources() -> list[Path]:
    found = (path for folder in OUR_OWN for path in sorted((ROOT / folder).rglob("*.py")))
    return [path for path in found if not path.is_relative_to(FOREIGN)]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_source = pytest.mark.parametrize("path", sources(), ids=relative)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def module(path: Path) -> tuple[str, ...]:
    """The dotted name that a file is imported by, without "improver": ("stages", "rank")."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "improver" else parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(path: Path) -> Iterator[tuple[str, ...]]:
    """Every module of ours that a file imports, anywhere in it, without "improver"."""
    for name in everything_imported(path):
        if name.split(".")[0] == "improver":
            yield tuple(name.split(".")[1:])


def everything_imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}:{node.lineno}: relative imports hide what is imported"
            yield from (
                f"{node.module}.{alias.name}"
                if (is_ours(node.module) and is_module(node.module, alias.name))
                else str(node.module)
                for alias in node.names
            )


def is_ours(name: str | None) -> bool:
    return name is not None and name.split(".")[0] == "improver"


def is_module(package: str | None, name: str) -> bool:
    """Whether `from package import name` imports a module rather than something in it."""
    inside = (package or "").split(".")[1:]
    folder = ROOT / inside[0] if inside and inside[0] in OUR_OWN else ROOT / "improver"
    folder = folder.joinpath(*(inside[1:] if inside and inside[0] in OUR_OWN else inside))
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


def is_plugin(name: tuple[str, ...]) -> bool:
    return len(name) > 1 and name[0] in plugins.KINDS


def plugin_sources() -> list[Path]:
    return [path for path in sources() if is_plugin(module(path))]


def calls(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node), node.lineno


# Imports go down only.


@each_source
def test_a_module_imports_only_what_stands_below_it(path: Path) -> None:
    here = module(path)
    if not here or is_plugin(here) or here[0] in plugins.KINDS or here[0] == "watch_hook":
        return
    assert here[0] in DEPTH, f"give {here[0]!r} its place in LAYERS, and in docs/architecture.md"
    for other in imported(path):
        if other and other[0] not in plugins.KINDS:
            assert DEPTH[here[0]] <= DEPTH[other[0]], (
                f"{'.'.join(here)} imports improver.{'.'.join(other)}, which is above it"
            )


@each_source
def test_stages_never_import_each_other(path: Path) -> None:
    if module(path)[:1] == ("stages",):
        others = {".".join(name) for name in imported(path) if name[:1] == ("stages",)}
        assert not others, f"{relative(path)} imports {others}"


@pytest.mark.parametrize("path", plugin_sources(), ids=relative)
def test_a_plugin_imports_only_the_vocabulary_pure_helpers_and_its_private_siblings(path: Path) -> None:
    kind = module(path)[0]
    for name in imported(path):
        private_sibling = name[0] == kind and len(name) > 1 and name[1].startswith("_")
        assert name[0] in PLUGINS_MAY_IMPORT or private_sibling, f"{relative(path)} imports improver.{'.'.join(name)}"


@each_source
def test_nothing_imports_a_plugin_by_name_in_any_spelling(path: Path) -> None:
    kind = module(path)[:1]
    for name in imported(path):
        private_sibling = name[:1] == kind and len(name) > 1 and name[1].startswith("_")
        assert not is_plugin(name) or private_sibling, f"{relative(path)} imports improver.{'.'.join(name)}"
    public = {f"improver.{kind}.{name}" for kind in plugins.KINDS for name in plugins.names(kind)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value not in public, f"{relative(path)}:{node.lineno} names {node.value}"


def test_the_receiver_could_be_a_process_of_its_own() -> None:
    for path in sources():
        if module(path)[:1] == ("receiver",):
            assert {name[0] for name in imported(path)} <= RECEIVER_MAY_IMPORT


# The only caller of ….


@each_source
def test_only_the_warehouse_connects_to_duckdb(path: Path) -> None:
    if relative(path).startswith("improver/warehouse/"):
        return
    assert "duckdb.connect" not in {call for call, _ in calls(path)}, relative(path)
    for node in ast.walk(tree(path)):
        assert not (isinstance(node, ast.ImportFrom) and node.module == "duckdb"), relative(path)


@each_source
def test_only_sandbox_repo_watch_and_demo_start_programs(path: Path) -> None:
    if relative(path).startswith(STARTS_PROCESSES):
        return
    assert not STARTERS & {name.split(".")[0] for name in everything_imported(path)}, relative(path)
    for call, line in calls(path):
        assert not STARTING_CALLS.fullmatch(call), f"{relative(path)}:{line} calls {call}"


@each_source
def test_only_repo_calls_git(path: Path) -> None:
    if relative(path).startswith("improver/repo/"):
        return
    for node in ast.walk(tree(path)):
        first = node.elts[0] if isinstance(node, ast.List | ast.Tuple) and node.elts else None
        starts_git = isinstance(first, ast.Constant) and first.value == "git"
        assert not starts_git, f"{relative(path)}:{node.lineno}: improver.repo is the only caller of git"  # type: ignore[attr-defined]


@each_source
def test_logic_is_given_its_clock(path: Path) -> None:
    """Stages, plugins and helpers are asked about any moment, not only about this one."""
    if module(path)[:1] not in {("stages",), ("grouping",), ("statistics",), ("locate",), ("read",)} and not is_plugin(
        module(path)
    ):
        return
    for call, line in calls(path):
        assert not CLOCKS.fullmatch(call), f"{relative(path)}:{line} reads the clock: {call}"


# Errors.


@each_source
def test_an_error_is_caught_by_name_or_let_go(path: Path) -> None:
    if relative(path) in CATCHES_EVERYTHING:
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler) and names_everything(node.type):
            # Tidying up and raising on is no catching.
            goes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            assert goes_on, f"{relative(path)}:{node.lineno}: a broad except"


@each_source
def test_no_error_is_swallowed(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            assert not all(isinstance(part, ast.Pass) for part in node.body), (
                f"{relative(path)}:{node.lineno}: except … pass"
            )
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("suppress", "contextlib.suppress"):
            assert not any(names_everything(argument) for argument in node.args), f"{relative(path)}:{node.lineno}"


def names_everything(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Tuple):
        return any(names_everything(part) for part in node.elts)
    return node is None or (isinstance(node, ast.Name) and node.id in ("Exception", "BaseException"))


# Size, and what is left lying about.


@each_source
def test_a_file_is_one_idea(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 350, f"{relative(path)} has {lines} lines"


@each_source
def test_a_function_fits_on_a_page(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= 60, f"{relative(path)}:{node.lineno} {node.name} has {lines} lines"


@each_source
def test_a_module_says_its_job_in_its_first_line(path: Path) -> None:
    said = (ast.get_docstring(tree(path)) or "").strip()
    assert said.partition("\n")[0].endswith("."), f"{relative(path)}: its docstring is one sentence on the file's job"


@each_source
def test_nothing_is_left_to_be_done(path: Path) -> None:
    left = re.search(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError", path.read_text())
    assert not left, f"{relative(path)}: {left and left[0]}"


@each_source
def test_templates_refuse_what_they_are_not_given(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("Environment", "Template"):
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert given.get("undefined", "").endswith("StrictUndefined"), f"{relative(path)}:{node.lineno}"


def test_every_layer_of_the_house_is_inhabited() -> None:
    """A name that no file bears any more is a rule that guards nothing."""
    inhabited = {module(path)[0] for path in sources() if module(path)}
    assert set(DEPTH) - inhabited == set()


# Start-up.


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        (
            "improver.cli.main",
            ("duckdb", "pydantic", "pyarrow", "rich", "starlette", "uvicorn", "jinja2", "sentry_sdk"),
        ),
        ("improver.watch", ("duckdb", "pyarrow", "starlette", "uvicorn", "jinja2")),
    ],
)
def test_a_command_starts_without_what_it_does_not_need(module: str, heavy: tuple[str, ...]) -> None:
    look = f"import {module}, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
