"""What two runs of the same tests, on the base and on the change, prove: pure comparison."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from improver.gates._session import Ended, Session, Tested
from improver.gates._test_side import is_test_side
from improver.model import ChangedFile

ABSENT = re.compile(
    r"cannot import name '(\w+)'|No module named '([\w.]+)'|has no attribute '(\w+)'|name '(\w+)' is not defined"
)
ABSENCES = ("ImportError", "ModuleNotFoundError", "AttributeError", "NameError")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """Test ids by what they show; `nothing` says why the others show nothing."""

    proven: tuple[str, ...]
    absent: tuple[str, ...]
    nothing: Mapping[str, str]


def compare(red: Session, green: Session, added: frozenset[str], tree: Path) -> Proof:
    """`red` ran on the base with the change's tests laid over it, in `tree`; `green` on the change."""
    told = {name: _told(name, red, added, tree) for name in sorted(green.that(Ended.PASSED))}
    return Proof(
        proven=tuple(name for name, said in told.items() if said == "proven"),
        absent=tuple(name for name, said in told.items() if said == "absent"),
        nothing={name: said for name, said in told.items() if said not in ("proven", "absent")},
    )


def lost(before: Session, after: Session) -> tuple[str, ...]:
    """Tests that passed as the base has them, and are gone or passed over as the change has them."""
    return tuple(sorted(before.that(Ended.PASSED) - after.that(Ended.PASSED)))


def added_names(diff: str, files: tuple[ChangedFile, ...]) -> frozenset[str]:
    """Words on the lines that a change adds outside its tests, and the modules that it adds."""
    words = {word for line in _added_lines(diff) for word in WORD.findall(line)}
    new = [PurePosixPath(file.path) for file in files if file.status == "A"]
    return frozenset(words | {path.stem for path in new} | {path.parent.name for path in new})


def _told(name: str, red: Session, added: frozenset[str], tree: Path) -> str:
    test = red.tests.get(name)
    if test is None:
        said = red.uncollected.get(name.partition("::")[0])
        if said is None:
            return "it is not found on the base"
        return "absent" if _names_absence(said, added) else "it cannot be collected on the base"
    if test.ended is not Ended.FAILED:
        return f"on the base {test.ended.gloss}"
    return "absent" if _is_absence(test, added, tree) else "proven"


def _is_absence(test: Tested, added: frozenset[str], tree: Path) -> bool:
    """The test itself reached for something that only the change has; from deeper in the code it is the bug."""
    if test.raised not in ABSENCES or not _names_absence(test.text, added):
        return False
    file = Path(test.file)
    inside = file.relative_to(tree) if file.is_relative_to(tree) else file
    return is_test_side(str(inside))


def _names_absence(text: str, added: frozenset[str]) -> bool:
    named = {word for groups in ABSENT.findall(text) for word in groups if word}
    return any(word.rpartition(".")[2] in added for word in named)


def _added_lines(diff: str) -> Iterator[str]:
    ours = False
    for line in diff.splitlines():
        if line.startswith("diff --git "):
            ours = not is_test_side(line.rpartition(" b/")[2].rstrip('"'))
        elif ours and line.startswith("+") and not line.startswith("+++ "):
            yield line[1:]
