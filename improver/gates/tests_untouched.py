"""What the base's tests check stays checked: none deleted, moved, skipped or weakened, and no runner tricked.

It reads the tests and never runs them: Python by its syntax tree, other languages by rules for their lines. What it
cannot see (a name put together at run time, a test's input changed rather than what it expects) is left to the Gate
red_green, which runs the base's own tests as they were.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from improver.gates import _line_tampering, _python_tampering, _reach, _test_settings
from improver.gates._line_rules import rules_for
from improver.gates._refusals import Refusal, verdict
from improver.gates._tampering import Reason
from improver.gates._test_side import is_test_file, is_test_side
from improver.model import Change, ChangedFile, Verdict
from improver.model.configured import Configured

ORDER = 38
INLINE = "#[cfg(test)]"

__all__ = ["ORDER", "Config", "Reason", "judge"]


class Config(Configured):
    """Nothing to set."""


def judge(change: Change, config: Config) -> Verdict:
    return verdict("tests_untouched", _refusals(change), Reason.UNTOUCHED)


def _refusals(change: Change) -> Iterator[Refusal]:
    added = _added_bodies(change)
    command = change.test_command
    fixed = frozenset(PurePosixPath(f.path).name for f in change.files if not is_test_side(f.path, command))
    for file in change.files:
        before, after = change.text(file.path, base=True), change.text(file.path)
        yield from _test_settings.changed(file.path, before, after, change.test_command)
        if not is_test_side(file.path, command):
            yield from _asking(file.path, before, after)
            yield from _inline(file.path, before, after)
        elif file.status == "D":
            yield from _deleted(file, before, added)
        else:
            yield from _kept(file, before, after, added, fixed)


def _added_bodies(change: Change) -> dict[str, frozenset[str]]:
    """Functions of the changed test files, by file: what a test that is gone may have become."""
    python = [file.path for file in change.files if file.path.endswith(".py") and is_test_side(file.path)]
    return {path: _python_tampering.bodies(change.text(path) or "") for path in python}


def _elsewhere(path: str, added: dict[str, frozenset[str]]) -> frozenset[str]:
    return frozenset(body for other, bodies in added.items() if other != path for body in bodies)


def _deleted(file: ChangedFile, before: str | None, added: dict[str, frozenset[str]]) -> Iterator[Refusal]:
    if not is_test_file(file.path):
        return
    had = _python_tampering.bodies(before or "") if file.path.endswith(".py") else frozenset()
    moved = bool(had & _elsewhere(file.path, added))
    yield Refusal(reason=Reason.MOVED if moved else Reason.DELETED, path=file.path)


def _kept(
    file: ChangedFile,
    before: str | None,
    after: str | None,
    added: dict[str, frozenset[str]],
    fixed: frozenset[str],
) -> Iterator[Refusal]:
    path = file.path
    if after is None:
        yield Refusal(reason=Reason.UNREADABLE, path=path)
    elif path.endswith(".py"):
        if before is not None and _python_tampering.parses(before):
            yield from _python_tampering.compare(path, before, after, _elsewhere(path, added))
        yield from _reach.in_tests(path, before, after, fixed)
    elif rules := rules_for(path):
        if before is not None:
            yield from _line_tampering.compare(path, before, after, rules)
        yield from _line_tampering.reaches(path, before, after, rules)


def _asking(path: str, before: str | None, after: str | None) -> Iterator[Refusal]:
    if after is None:
        return
    if path.endswith(".py"):
        yield from _reach.in_code(path, before, after)
    elif rules := rules_for(path):
        yield from _line_tampering.asks(path, before, after, rules)


def _inline(path: str, before: str | None, after: str | None) -> Iterator[Refusal]:
    """Rust keeps unit tests at the end of the file that they test."""
    rules = rules_for(path)
    if path.endswith(".rs") and rules and before is not None and INLINE in before:
        yield from _line_tampering.compare(path, before.partition(INLINE)[2], (after or "").partition(INLINE)[2], rules)
