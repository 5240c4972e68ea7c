"""The import directions and the house rules of docs/architecture.md, enforced on every source file."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from improver import plugins

ROOT = Path(__file__).parent.parent
OUR_OWN = ("improver", "collectors", "dashboards")
FOREIGN = ROOT / "improver/demo/todo"  # the demo's app: a Target, none of our code

# From the top of the house to the cellar: what stands higher may import what stands lower, never the other way.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(layer.split())
    for layer in (
        "__main__ cli",
        "demo",
        "daemon watch",
        "listeners jobs control dashboards mcp client doctor",
        "tell polling upkeep monitors read answers act feedback report pipeline opening connect init analyze examples"
        " dispatching.attempts dispatching.planning delivery.pulls",
        "stages dispatching delivery analysis.recurrence",
        "landing",
        "dedupe placing",
        "analysis.locating analysis.meeting",
        "analysis.route_hours analysis.error_hours analysis.log_templates analysis.rollups analysis.recoveries",
        "analysis.encounters",
        "analysis.folding",
        "analysis.sightings analysis.merging",
        "analysis.windows",
        "analysis.clues analysis.introduced",
        "runtime",
        "receiving",
        "analysis.scoring",
        "analysis.outages analysis.slowness",
        "analysis.causes analysis.trends analysis.impact",
        "grouping locate statistics columns scrub suspicion render logs spool warehouse repo sandbox keys fixes http"
        " inflate paths shipped_demo manifests sdks schedules bundles audit",
        "config plugins datadir machine",
        "model errors",
    )
)
DEPTH = {name: depth for depth, layer in enumerate(LAYERS) for name in layer}
PLUGINS_MAY_IMPORT = {"model", "errors", "statistics", "grouping", "render", "inflate", "paths", "scrub", "columns"}
RECEIVER_MAY_IMPORT = {"config", "errors", "fixes", "inflate", "keys", "model", "plugins", "receiving", "spool"}

STARTS_PROCESSES = (
    "improver/sandbox/", "improver/repo/", "improver/watch/", "improver/demo/",
    "improver/agents/_acp_driver.py",  # runs inside the box
)  # fmt: skip
CATCHES_EVERYTHING = ("improver/daemon.py", "improver/plugins.py", "improver/watch_hook/sitecustomize.py")
STARTERS = {"subprocess", "multiprocessing", "pty", "_posixsubprocess"}
STARTING_CALLS = re.compile(
    r"(os\.(system|popen|fork\w*|exec\w+|spawn\w+|posix_spawn\w*)|asyncio\.create_subprocess_\w+)"
)
CLOCKS = re.compile(r"(\w+\.)*(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns))")
CLOCKLESS = {"stages", "grouping", "statistics", "locate", "read", *plugins.KINDS}
LONGEST_FILE, LONGEST_FUNCTION = 350, 60

Rule = Callable[[Path], Iterator[str]]


def sources() -> list[Path]:
    found = (path for folder in OUR_OWN for path in sorted((ROOT / folder).rglob("*.py")))
    return [path for path in found if not path.is_relative_to(FOREIGN)]


def violations(rule: Rule) -> list[str]:
    """Every place where a rule is broken, so that one run shows them all."""
    return [f"{relative(path)}: {broken}" for path in sources() for broken in rule(path)]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def nodes(path: Path, kind: type | tuple[type, ...]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, kind))


def module(path: Path) -> tuple[str, ...]:
    """The dotted name that a file is imported by, without "improver": ("stages", "rank")."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts[1:] if parts[0] == "improver" else parts
    return parts[:-1] if parts[-1] == "__init__" else parts


@cache
def everything_imported(path: Path) -> tuple[str, ...]:
    """Dotted names, wherever in the file they are imported; `from package import module` is one too."""
    found = [alias.name for node in nodes(path, ast.Import) for alias in node.names]
    for node in nodes(path, ast.ImportFrom):
        assert node.level == 0, f"{relative(path)}:{node.lineno}: relative imports hide what is imported"
        found += [f"{node.module}.{a.name}" if is_module(node.module, a.name) else node.module for a in node.names]
    return tuple(found)


def imported(path: Path) -> list[tuple[str, ...]]:
    """What a file imports of ours, without "improver"."""
    return [tuple(name.split(".")[1:]) for name in everything_imported(path) if name.startswith("improver.")]


def is_module(package: str, name: str) -> bool:
    """Whether `from package import name` imports a module of ours rather than something in one."""
    if package.split(".")[0] != "improver":
        return False
    inside = package.split(".")[1:]
    folder = ROOT.joinpath(*inside) if inside and inside[0] in OUR_OWN else ROOT.joinpath("improver", *inside)
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


def is_plugin(name: tuple[str, ...]) -> bool:
    return len(name) > 1 and name[0] in plugins.KINDS


def is_private_sibling(name: tuple[str, ...], path: Path) -> bool:
    return len(name) > 1 and name[0] == module(path)[:1][0] and name[1].startswith("_")


def named(path: Path) -> Iterator[tuple[str, int]]:
    return ((ast.unparse(node), node.lineno) for node in nodes(path, ast.Attribute))


# Imports go down only.


def place(name: tuple[str, ...]) -> str:
    """What a module is called in LAYERS: a room stands there whole, but for those of its modules that are named."""
    return ".".join(name[:2]) if ".".join(name[:2]) in DEPTH else name[0]


def upward(path: Path) -> Iterator[str]:
    here = module(path)
    if not here or here[0] in plugins.KINDS or here[0] == "watch_hook":
        return
    if path.name == "__init__.py" and not imported(path):
        return  # the door of a room
    if place(here) not in DEPTH:
        yield "has no place in LAYERS, and in docs/architecture.md"
        return
    for other in imported(path):
        if other[0] not in plugins.KINDS and DEPTH[place(here)] > DEPTH.get(place(other), 0):
            yield f"imports improver.{'.'.join(other)}, which stands above it"


def test_a_module_imports_only_what_stands_below_it():
    assert violations(upward) == []


def test_every_layer_of_the_house_is_inhabited():
    """A name that no file bears any more is a rule that guards nothing."""
    assert set(DEPTH) - {place(module(path)) for path in sources() if module(path)} == set()


def between_stages(path: Path) -> Iterator[str]:
    if module(path)[:1] == ("stages",):
        yield from (".".join(name) for name in imported(path) if name[0] == "stages")


def test_stages_never_import_each_other():
    assert violations(between_stages) == []


def beyond_a_plugin(path: Path) -> Iterator[str]:
    if not is_plugin(module(path)):
        return
    for name in imported(path):
        if name[0] not in PLUGINS_MAY_IMPORT and not is_private_sibling(name, path):
            yield f"imports improver.{'.'.join(name)}"


def test_a_plugin_imports_only_the_vocabulary_pure_helpers_and_its_private_siblings():
    assert violations(beyond_a_plugin) == []


def naming_a_plugin(path: Path) -> Iterator[str]:
    for name in imported(path):
        if is_plugin(name) and not is_private_sibling(name, path):
            yield f"imports improver.{'.'.join(name)}"
    public = {f"improver.{kind}.{name}" for kind in plugins.KINDS for name in plugins.names(kind)}
    for node in nodes(path, ast.Constant):
        if isinstance(node.value, str) and node.value in public:
            yield f"{node.lineno}: spells {node.value}"


def test_nothing_imports_a_plugin_by_name_in_any_spelling():
    assert violations(naming_a_plugin) == []


def test_the_receiver_could_be_a_process_of_its_own():
    assert {name[0] for name in imported(ROOT / "improver/receiving/receiver.py")} <= RECEIVER_MAY_IMPORT


# The only caller of ….


def connecting(path: Path) -> Iterator[str]:
    if relative(path).startswith("improver/warehouse/"):
        return
    yield from (f"{line}: {name}" for name, line in named(path) if name == "duckdb.connect")
    yield from (f"{node.lineno}: from duckdb" for node in nodes(path, ast.ImportFrom) if node.module == "duckdb")


def test_only_the_warehouse_connects_to_duckdb():
    assert violations(connecting) == []


def starting(path: Path) -> Iterator[str]:
    if relative(path).startswith(STARTS_PROCESSES):
        return
    yield from STARTERS & {name.split(".")[0] for name in everything_imported(path)}
    yield from (f"{line}: {name}" for name, line in named(path) if STARTING_CALLS.fullmatch(name))


def test_only_sandbox_repo_watch_and_demo_start_programs():
    assert violations(starting) == []


def calling_git(path: Path) -> Iterator[str]:
    if relative(path).startswith("improver/repo/"):
        return
    for node in nodes(path, (ast.List, ast.Tuple)):
        if node.elts and isinstance(node.elts[0], ast.Constant) and node.elts[0].value == "git":
            yield f"{node.lineno}: a command line of git"


def test_only_repo_calls_git():
    assert violations(calling_git) == []


def reading_the_clock(path: Path) -> Iterator[str]:
    if module(path) and module(path)[0] in CLOCKLESS:
        yield from (f"{line}: {name}" for name, line in named(path) if CLOCKS.fullmatch(name))


def test_stages_plugins_and_helpers_are_given_their_clock():
    assert violations(reading_the_clock) == []


# Errors.


def names_everything(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Tuple):
        return any(names_everything(part) for part in node.elts)
    return node is None or (isinstance(node, ast.Name) and node.id in ("Exception", "BaseException"))


def catching_everything(path: Path) -> Iterator[str]:
    if relative(path) in CATCHES_EVERYTHING:
        return
    for node in nodes(path, ast.ExceptHandler):
        # Tidying up and raising on is no catching.
        goes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        if names_everything(node.type) and not goes_on:
            yield f"{node.lineno}: a broad except"


def test_an_error_is_caught_by_name_or_let_go():
    assert violations(catching_everything) == []


def swallowing(path: Path) -> Iterator[str]:
    for node in nodes(path, ast.ExceptHandler):
        if all(isinstance(part, ast.Pass) for part in node.body):
            yield f"{node.lineno}: except and pass"
    for node in nodes(path, ast.Call):
        if ast.unparse(node.func) in ("suppress", "contextlib.suppress") and any(map(names_everything, node.args)):
            yield f"{node.lineno}: suppresses everything"


def test_no_error_is_swallowed():
    assert violations(swallowing) == []


# Size, and what is left lying about.


def too_long(path: Path) -> Iterator[str]:
    lines = len(path.read_text().splitlines())
    if lines > LONGEST_FILE:
        yield f"{lines} lines: two ideas in one file"
    for node in nodes(path, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if node.end_lineno - node.lineno >= LONGEST_FUNCTION:
            yield f"{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"


def test_a_file_is_one_idea_and_a_function_fits_on_a_page():
    assert violations(too_long) == []


def silent(path: Path) -> Iterator[str]:
    said = (ast.get_docstring(tree(path)) or "").strip().partition("\n")[0]
    if not said.endswith("."):
        yield "has no docstring of one sentence on its job"


def test_a_module_says_its_job_in_its_first_line():
    assert violations(silent) == []


def unfinished(path: Path) -> Iterator[str]:
    yield from re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError", path.read_text())


def test_nothing_is_left_to_be_done():
    assert violations(unfinished) == []


def lenient_templates(path: Path) -> Iterator[str]:
    for node in nodes(path, ast.Call):
        if ast.unparse(node.func).rpartition(".")[2] in ("Environment", "Template"):
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if not given.get("undefined", "").endswith("StrictUndefined"):
                yield f"{node.lineno}: templates must refuse what they are not given"


def test_templates_refuse_what_they_are_not_given():
    assert violations(lenient_templates) == []


# Start-up.

WEB = ("starlette", "uvicorn", "jinja2", "httpx2")


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("improver.cli.main", ("duckdb", "pyarrow", "pydantic", "rich", "sentry_sdk", *WEB)),
        ("improver.answers.status", ("duckdb", "pyarrow", "asyncio", "improver.grouping", *WEB)),
        ("improver.opening", ("pyarrow", "improver.landing", "improver.grouping", *WEB)),
        ("improver.watch", ("duckdb", "pyarrow", *WEB)),
    ],
)
def test_a_command_starts_without_what_it_does_not_need(module, heavy):
    look = f"import {module}, sys; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
