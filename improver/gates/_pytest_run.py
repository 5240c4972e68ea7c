"""Runs chosen test files by the Target's own pytest command, with our plugin in it."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from improver.gates._session import Session, session
from improver.model import Change

PLUGIN = "improver_pytest_report"
NAMES = ("pytest", "py.test")
LAUNCHERS = ("-m", "run", "exec", "--")
# Options whose value is a word of its own, and may look like a path to tests.
VALUED = {
    "-c", "--config-file", "-k", "-m", "-n", "-o", "-p", "-r", "-W", "--rootdir", "--confcutdir", "--cov",
    "--cov-config", "--ignore", "--ignore-glob", "--deselect", "--basetemp", "--junitxml", "--junit-xml",
    "--import-mode", "--durations", "--override-ini", "--ds", "--dist", "--tb", "--maxfail", "--log-file",
}  # fmt: skip


def is_pytest(command: Sequence[str]) -> bool:
    return _start(command) is not None


def run(change: Change, tree: Path, files: Sequence[str], most_failures: int = 0) -> Session:
    """Run these test files, or, when none is named, what the Target's command runs. 0: however many fail."""
    with tempfile.TemporaryDirectory(prefix="improver-red-green-") as folder:
        plugin, out = Path(folder) / "plugin", Path(folder) / "out"
        plugin.mkdir()
        out.mkdir()
        # A folder of its own: next to its siblings here, `size` or `_paths` could shadow the Target's modules.
        shutil.copyfile(Path(__file__).with_name("_pytest_report.py"), plugin / f"{PLUGIN}.py")
        report = out / secrets.token_hex(16)
        env = {"PYTHONPATH": str(plugin), "IMPROVER_PYTEST_REPORT": str(report)}
        argv = list(_argv(change.test_command, tree, files, plugin, most_failures))
        boxed = change.run(argv, tree, env=env, readable=(plugin,), writable=(out,))
        return session(boxed, report)


def _start(command: Sequence[str]) -> int | None:
    """Where in a command pytest is started: as its program, as a module, or by `uv run` and the like."""
    for place, word in enumerate(command):
        before = command[place - 1] if place else ""
        if Path(word).name in NAMES and (not place or before in LAUNCHERS or "=" in before):
            return place
    return None


def _argv(
    command: Sequence[str], tree: Path, files: Sequence[str], plugin: Path, most_failures: int = 0
) -> Iterator[str]:
    start = (_start(command) or 0) + 1
    for word in command[:start]:
        yield f"{word}:{plugin}" if word.startswith("PYTHONPATH=") else word
    yield from _options(command[start:], tree) if files else command[start:]
    yield from ("-p", PLUGIN, "--continue-on-collection-errors", "--tb=short", f"--rootdir={tree}")
    yield f"--maxfail={most_failures}"
    yield from (f"./{file}" for file in files)


def _options(words: Sequence[str], tree: Path) -> Iterator[str]:
    """The command's own words, without the paths that say which tests it runs."""
    before = ""
    for word in words:
        if before in VALUED or word.startswith("-") or not (tree / word.partition("::")[0]).exists():
            yield word
        before = word
