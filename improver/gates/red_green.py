"""A test of the change fails without it and passes with it, and the base's own tests still pass.

The base's own tests run without the change's: no test that an Agent wrote is loaded where they are judged. A test
shares its process with the code it tests, so either could forge the report of that one process: pytest's exit code must
agree with the report, which is written last of all, and the same tests must fail when they assert the contrary. What is
not proved: that a test uses the code instead of looking at it. The Gate tests_untouched refuses what does so in plain
sight; the rest is for whoever reads the diff, and for the Outcome.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import Field

from improver.gates import _exit_code, _pytest_run
from improver.gates._inverted import files_of, invert
from improver.gates._mutation import Limits, Ran, mutate
from improver.gates._proof import Proof, added_names, compare, lost
from improver.gates._red_green_reason import Reason, some, stopped, unneeded, untried, verdict
from improver.gates._session import Ended, Session
from improver.gates._test_side import is_test_file, is_test_side, steers
from improver.model import FAILURES, Change, FindingKind, Result, Verdict
from improver.model.configured import Configured

__all__ = ["ORDER", "Config", "Reason", "judge"]

ORDER = 70
NONE_COLLECTED = 5  # pytest's exit code
# What a change that mends no failure may lack.
EXCUSED = (Reason.NO_REGRESSION_TEST, Reason.NO_PROOF, Reason.RED_BY_ABSENCE, Reason.UNNEEDED)


class Config(Configured):
    absence_counts: list[FindingKind] = []
    """Kinds for which it is proof enough that a test cannot even be imported without the change's new names."""
    repeats: int = Field(2, ge=1, le=10)
    """How often the proof is run, on the base and on the change: it must end the same every time."""
    hunks: int = Field(12, ge=0, le=100)
    """Hunks of a fix that are taken away one by one, to see that a test turns red without each. 0: none."""
    pieces: int = Field(24, ge=0, le=500)
    """Afterwards the same with what they are made of: blocks, changed lines, added statements, removed checks."""
    hunk_minutes: float = Field(5, gt=0)
    """Time for that; parts that are left are named in the Verdict, which passes all the same."""

    @property
    def limits(self) -> Limits:
        return Limits(hunks=self.hunks, pieces=self.pieces, seconds=self.hunk_minutes * 60)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sides:
    """A change's paths on the side of the tests; `altered` are those that the base's own tests meet changed."""

    all: tuple[str, ...]
    tests: tuple[str, ...]
    altered: tuple[str, ...]
    steering: bool

    @classmethod
    def of(cls, change: Change) -> "_Sides":
        command = change.test_command
        sides = [file for file in change.files if is_test_side(file.path, command)]
        return cls(
            all=tuple(file.path for file in sides),
            tests=tuple(file.path for file in sides if file.status != "D" and is_test_file(file.path)),
            altered=tuple(file.path for file in sides if file.status != "A" or steers(file.path, command)),
            steering=any(not is_test_file(file.path) for file in sides),
        )

    @property
    def python(self) -> tuple[str, ...]:
        return tuple(path for path in self.tests if path.endswith(".py"))


def judge(change: Change, config: Config) -> Verdict:
    if not change.test_command:
        return verdict(Result.SKIPPED, Reason.NO_COMMAND, "Set the Target's `test`.")
    sides = _Sides.of(change)
    deleted = [file.path for file in change.files if file.status == "D" and is_test_file(file.path)]
    if deleted:
        return verdict(Result.FAILED, Reason.TESTS_LOST, f"{some(deleted)}.")
    by_tests = _pytest_run.is_pytest(change.test_command)
    told = _by_tests(change, sides, config) if by_tests else _by_exit_code(change, sides, config)
    if change.spec.kind in FAILURES or told.reason not in EXCUSED or told.result is Result.PASSED:
        return told
    harm = _base_tests(change, sides) if by_tests else _exit_code.harmed(change, sides.all, sides.altered)
    return harm or verdict(Result.SKIPPED, Reason.NO_FAILURE, f"{change.spec.kind}; otherwise: {told.reason}.")


def _by_exit_code(change: Change, sides: _Sides, config: Config) -> Verdict:
    if not sides.tests:
        return verdict(Result.FAILED, Reason.NO_REGRESSION_TEST, "Nothing shows that the change is what was missing.")
    return _exit_code.judge(change, sides.all, sides.altered, config.repeats, config.limits)


def _by_tests(change: Change, sides: _Sides, config: Config) -> Verdict:
    if not sides.python:
        return verdict(Result.FAILED, Reason.NO_REGRESSION_TEST, "Nothing shows that the change is what was missing.")
    tree = change.checkout(base=True, overlay=sides.all)
    green, red = _both(change, (change.checkout(), tree), sides.python)
    if wrong := _not_green(green):
        return wrong
    if red.boxed.code is None or (red.complete and not red.consistent):
        return stopped(red.boxed) or _unreliable(red, "the base")
    proof = compare(red, green, added_names(change.diff, tuple(change.files)), tree)
    told = _told(proof, red, change.spec.kind, config)
    if told.result is not Result.PASSED:
        return told
    harm = _base_tests(change, sides) or _flaky(change, sides, proof, config.repeats)
    harm = harm or _belied(change, (), proof.proven, sides.python)
    return harm or _needed(change, sides, green, told, config.limits)


def _both(change: Change, trees: tuple[Path, Path], files: Sequence[str]) -> list[Session]:
    return change.side_by_side([partial(_pytest_run.run, change, tree, files) for tree in trees])


def _not_green(green: Session) -> Verdict | None:
    """What is wrong with the change's tests on the change itself."""
    code = green.boxed.code
    if code is None or not green.consistent:
        return stopped(green.boxed) or _unreliable(green, "the change")
    if code == NONE_COLLECTED:
        return verdict(Result.FAILED, Reason.NO_PROOF, "pytest found no test in the changed test files.", green.boxed)
    return verdict(Result.FAILED, Reason.TESTS_FAIL, f"Exit code {code}.", green.boxed) if code else None


def _told(proof: Proof, red: Session, kind: FindingKind, config: Config) -> Verdict:
    if proof.proven:
        return verdict(Result.PASSED, Reason.PROVEN, f"{some(proof.proven)}.", red.boxed)
    if proof.absent:
        result = Result.PASSED if kind in config.absence_counts else Result.FAILED
        return verdict(result, Reason.RED_BY_ABSENCE, f"{some(proof.absent)}.", red.boxed)
    why = some([f"{name} ({said})" for name, said in proof.nothing.items()])
    return verdict(Result.FAILED, Reason.NO_PROOF, f"{why}." if why else "No test passes.", red.boxed)


def _base_tests(change: Change, sides: _Sides) -> Verdict | None:
    """What is wrong with what the change made of the base's own tests, be it in the tests or in the code they load."""
    before, kept = _both(change, (change.checkout(base=True), change.checkout(overlay=sides.all)), ())
    if before.boxed.code is None:
        return stopped(before.boxed)
    if kept.boxed.code is None or not kept.consistent:
        return stopped(kept.boxed) or _unreliable(kept, "the change, with the base's tests")
    if gone := _gone(before, kept, sides.altered):
        return gone
    harm = _altered(change, sides, before) if sides.altered else None
    return harm or _belied(change, sides.all, kept.that(Ended.PASSED), ())


def _belied(change: Change, overlay: Sequence[str], passed: Collection[str], files: Sequence[str]) -> Verdict | None:
    """Code and tests that share a process can forge its report: here the same tests assert the contrary."""
    known = [path for path in files_of(passed) if not files or path in files]
    texts = {path: change.text(path, base=path in overlay) for path in known}
    inverted = invert({path: text for path, text in texts.items() if text is not None})
    if not inverted.names:
        return None
    ran = _pytest_run.run(change, change.checkout(overlay=overlay, texts=inverted.texts), files)
    if ran.boxed.code is None or not ran.complete:
        return stopped(ran.boxed) or _unreliable(ran, "the change, its tests asserting the contrary")
    belied = inverted.belied(passed, ran)
    if belied and not files:
        # Some leave before their last assertion, whatever the code.
        base = _pytest_run.run(change, change.checkout(base=True, texts=inverted.texts), files)
        belied -= base.that(Ended.PASSED)
    detail = f"Asserting the contrary, they are reported as passed: {some(sorted(belied))}."
    return verdict(Result.FAILED, Reason.UNRELIABLE, detail, ran.boxed) if belied else None


def _altered(change: Change, sides: _Sides, before: Session) -> Verdict | None:
    """What the change's own version of the base's tests leaves out."""
    files = () if sides.steering else tuple(path for path in sides.altered if path.endswith(".py"))
    if not files and not sides.steering:
        return None
    now = _pytest_run.run(change, change.checkout(), files)
    if now.boxed.code is None or not now.consistent:
        return stopped(now.boxed) or _unreliable(now, "the change")
    return _gone(before.of(files) if files else before, now, sides.altered)


def _gone(before: Session, after: Session, altered: Sequence[str]) -> Verdict | None:
    gone = lost(before, after)
    failed = [name for name in gone if name in after.that(Ended.FAILED) | after.that(Ended.BROKEN)]
    if failed:
        beside = f" Altered: {some(altered)}." if altered else ""
        return verdict(Result.FAILED, Reason.BASE_TESTS_FAIL, f"{some(failed)}.{beside}", after.boxed)
    return verdict(Result.FAILED, Reason.TESTS_LOST, f"{some(gone)}.", after.boxed) if gone else None


def _flaky(change: Change, sides: _Sides, proof: Proof, repeats: int) -> Verdict | None:
    """The tests that are the proof, and no other, once more: also where none has run before them in their process."""
    names = tuple(dict.fromkeys(name.partition("[")[0] for name in proof.proven))
    proven = set(proof.proven)
    for _ in range(repeats - 1 if names else 0):
        green, red = _both(change, (change.checkout(), change.checkout(base=True, overlay=sides.all)), names)
        if cut := stopped(green.boxed) or stopped(red.boxed):
            return cut
        unsteady = proven - green.that(Ended.PASSED) | proven - red.that(Ended.FAILED)
        if unsteady:
            last = green if proven - green.that(Ended.PASSED) else red
            return verdict(Result.FAILED, Reason.FLAKY, f"{some(sorted(unsteady))}.", last.boxed)
    return None


def _needed(change: Change, sides: _Sides, green: Session, told: Verdict, limits: Limits) -> Verdict:
    def runs(tree: Path) -> Ran:
        ran = _pytest_run.run(change, tree, sides.python, most_failures=1)
        if green.that(Ended.PASSED) - ran.that(Ended.PASSED):
            return ran.boxed, True
        # Some parts of a fix are there for the tests that were there before.
        whole = change.run([*change.test_command, "--maxfail=1"], tree)
        return whole, whole.code != 0

    tried = mutate(change, runs, limits)
    return unneeded(tried) or untried(told, tried)


def _unreliable(session: Session, where: str) -> Verdict:
    detail = f"On {where}: exit code {session.boxed.code}, {len(session.tests)} tests reported."
    return verdict(Result.FAILED, Reason.UNRELIABLE, detail, session.boxed)
