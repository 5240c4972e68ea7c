"""What a repository's own files say about it: its language, and how its tests are run."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from improver.manifests import dependencies, package_json, poetry, pyproject, table

NPM_PLACEHOLDER = "no test specified"
ENVIRONMENTS = (".venv", "venv", "env")


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    language: str = ""
    name: str = ""
    setup: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    readable: tuple[Path, ...] = ()


def look(root: Path, environment: Mapping[str, str]) -> Project:
    """Nothing is run to find out: a repository is not trusted, and neither is its build."""
    found = next((manifest for manifest in LANGUAGES if any(root.glob(manifest))), None)
    return LANGUAGES[found](root, environment) if found else Project()


def virtual_environment(root: Path, environment: Mapping[str, str]) -> Path | None:
    """The project's own virtual environment, else the one that is active."""
    active = environment.get("VIRTUAL_ENV", "")
    own = (root / name for name in ENVIRONMENTS)
    candidates = [*(folder for folder in own if _stays_inside(folder, root)), *_poetry_environments(root, environment)]
    candidates += [Path(active)] if active else []
    return next((folder for folder in candidates if (folder / "pyvenv.cfg").is_file()), None)


def _python(root: Path, environment: Mapping[str, str]) -> Project:
    venv = virtual_environment(root, environment)
    return Project(
        language="Python",
        name=str(pyproject(root).get("name", "")),
        test=_python_test(root, str(venv / "bin" / "python") if venv else "python3"),
        readable=(venv,) if venv else (),
    )


def _python_test(root: Path, python: str) -> tuple[str, ...]:
    if (root / "manage.py").is_file() and "pytest" not in dependencies(root).get("Python", {}):
        return (python, "manage.py", "test")
    tests = [path for path in _own_files(root) if _is_python_test(path.name)]
    if not tests:
        return ()
    if all("pytest" not in text and "unittest" in text for text in map(_text, tests)):
        return (python, "-m", "unittest", "discover")
    # The installed package may be the running checkout's: the worktree's own code goes first.
    source = ("-o", "pythonpath=src") if (root / "src").is_dir() else ()
    return (python, "-m", "pytest", "-q", *source)


def _is_python_test(name: str) -> bool:
    return name.endswith("_test.py") or (name.startswith("test_") and name.endswith(".py"))


def _node(root: Path, environment: Mapping[str, str]) -> Project:
    package = package_json(root)
    script = str(table(package, "scripts").get("test", NPM_PLACEHOLDER))
    locks = {"pnpm-lock.yaml": "pnpm", "yarn.lock": "yarn"}
    manager = next((tool for lock, tool in locks.items() if (root / lock).is_file()), "npm")
    modules = root / "node_modules"
    installed = modules.is_dir() and _stays_inside(modules, root)
    return Project(
        language="JavaScript",
        name=str(package.get("name", "")).rpartition("/")[2],
        # Copied, not installed: there is no network where the tests run.
        setup=("cp", "-a", str(modules), "node_modules") if installed else (),
        test=() if NPM_PLACEHOLDER in script else (manager, "test"),
        readable=(modules,) if installed else (),
    )


def _go(root: Path, environment: Mapping[str, str]) -> Project:
    return Project(language="Go", test=("go", "test", "./..."))


def _rust(root: Path, environment: Mapping[str, str]) -> Project:
    return Project(language="Rust", test=("cargo", "test", "--offline"))


def _ruby(root: Path, environment: Mapping[str, str]) -> Project:
    return Project(language="Ruby", test=("bundle", "exec", "rspec" if (root / "spec").is_dir() else "rake"))


# A manifest says more than a script that happens to lie about.
LANGUAGES: dict[str, Callable[[Path, Mapping[str, str]], Project]] = {
    "pyproject.toml": _python,
    "requirements*.txt": _python,
    "setup.py": _python,
    "setup.cfg": _python,
    "Pipfile": _python,
    "manage.py": _python,
    "package.json": _node,
    "go.mod": _go,
    "Cargo.toml": _rust,
    "Gemfile": _ruby,
    "*.py": _python,
}


def _poetry_environments(root: Path, environment: Mapping[str, str]) -> list[Path]:
    """Where Poetry keeps a project's environment unless it is told otherwise: named after a hash of its folder."""
    if not poetry(root) and not (root / "poetry.lock").is_file():
        return []
    hashed = base64.urlsafe_b64encode(hashlib.sha256(os.fsencode(os.path.realpath(root))).digest()).decode()[:8]
    cache = Path(environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "")) / ".cache")
    return sorted((cache / "pypoetry" / "virtualenvs").glob(f"*-{hashed}-py*"))


def _own_files(root: Path) -> Iterator[Path]:
    """Files of the project itself: no dot-folders, environments or installed packages."""
    for folder, below, files in os.walk(root):
        below[:] = [name for name in below if not _is_foreign(Path(folder, name))]
        yield from (path for path in (Path(folder, name) for name in files) if path.is_file())


def _stays_inside(folder: Path, root: Path) -> bool:
    """A link out of the repository, which may be somebody else's, would show the box what it names."""
    return folder.resolve().is_relative_to(root.resolve())


def _is_foreign(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name == "node_modules" or (folder / "pyvenv.cfg").exists()


def _text(file: Path) -> str:
    return file.read_text(errors="replace")
