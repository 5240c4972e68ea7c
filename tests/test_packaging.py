"""The wheel that people install: everything in it, nothing else, and it works away from the repository."""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHIPPED = ("improver", "collectors", "dashboards")
# Runs inside the Target's own pytest.
THEIRS = {"pytest"}
MADE_BY_RUNNING = {"__pycache__", ".pytest_cache"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    """Built from a copy: the build leaves nothing here, and finds nothing that an earlier one left."""
    source = tmp_path_factory.mktemp("source")
    for name in (*SHIPPED, "pyproject.toml", "README.md", "LICENSE"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", source]
    done = subprocess.run(build, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return zipfile.ZipFile(next((source / "dist").glob("*.whl")))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    wheel.extractall(folder)
    return folder


def installed_as(path: Path) -> str:
    name = path.relative_to(ROOT).as_posix()
    return name if name.startswith("improver/") else f"improver/{name}"


def shipped_files() -> list[Path]:
    files = (path for folder in SHIPPED for path in (ROOT / folder).rglob("*") if path.is_file())
    return [path for path in files if not MADE_BY_RUNNING & set(path.parts)]


def test_every_file_of_ours_is_in_the_wheel(wheel):
    missing = {installed_as(path) for path in shipped_files()} - set(wheel.namelist())
    assert not missing


def test_the_wheel_holds_nothing_but_our_files(wheel):
    ours = {installed_as(path) for path in shipped_files()}
    more = {name for name in wheel.namelist() if name not in ours and ".dist-info/" not in name}
    assert not more


def test_site_packages_gains_one_name(wheel):
    assert {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" not in name} == {"improver"}


def test_the_wheel_has_its_licence_types_and_command(wheel):
    names = wheel.namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "improver/py.typed" in names
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    assert b"improver = improver.cli.main:app" in wheel.read(entry_points)


@pytest.mark.parametrize(
    "look",
    [
        "from improver import plugins; assert plugins.load('collectors', 'sentry'); print(plugins.names('collectors'))",
        "from improver.render import jinja; print(jinja('spec.md.j2'))",
        "from improver.warehouse.migrations import scripts; assert scripts('telemetry') and scripts('state')",
        "from improver import shipped_demo; assert 'app.py' in shipped_demo.files()",
        "from improver.dashboards.app import create_app",
        "from improver.cli.main import app; app(['plugins'])",
    ],
)
def test_the_installed_package_works_away_from_the_repository(installed, tmp_path, look):
    (tmp_path / "collectors").mkdir()  # somebody's own folder of that name shadows nothing
    (tmp_path / "collectors" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    # The editable install's finder would hide a file that the wheel lacks.
    first = "import sys; sys.meta_path = [finder for finder in sys.meta_path if 'editable' not in repr(finder)]"
    first += f"; sys.path.insert(0, {str(installed)!r})"
    alone = f"{first}; import improver; assert improver.__file__.startswith({str(installed)!r}); {look}"
    done = subprocess.run([sys.executable, "-c", alone], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_what_is_imported_is_asked_for():
    asked_for = {_named(requirement) for requirement in PROJECT["dependencies"]}
    for extra in ("claude", "demo"):
        asked_for |= {_named(requirement) for requirement in PROJECT["optional-dependencies"][extra]}
    provided_by = importlib.metadata.packages_distributions()
    for path in (path for path in shipped_files() if path.suffix == ".py"):
        if "todo" in path.parts:
            continue  # the demo's app: it asks for Flask only, and uses what that brings
        for name in _third_party(path) & set(provided_by):
            assert {_named(one) for one in provided_by[name]} & asked_for, f"{path} imports {name}"


def _named(requirement: str) -> str:
    return re.sub(r"[._-]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def _third_party(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - THEIRS - {"improver"}
