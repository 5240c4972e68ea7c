"""The change is plain text in plain files: no links, submodules, programs, binaries, misleading names or letters."""

from collections.abc import Iterator

from improver.gates._added_lines import added_lines
from improver.gates._hidden_text import hides, mixes
from improver.gates._refusals import Refusal, verdict
from improver.model import Change, ChangedFile, Glossed, Verdict
from improver.model.configured import Configured
from improver.paths import folded, odd

ORDER = 25
LINK, SUBMODULE, PROGRAM = "120000", "160000", "100755"
UNENCODABLE = range(0xDC80, 0xDD00)  # how Python holds bytes of a file name that are no UTF-8


class Config(Configured):
    """Nothing to set."""


class Reason(Glossed):
    PLAIN = "plain_files", "every changed file is plain text under a plain name"
    SYMLINK = "symlink", "a symbolic link was made, changed or removed"
    SUBMODULE = "submodule", "a submodule was made, changed or removed"
    MODE = "mode_changed", "a file became executable, or ceased to be"
    BINARY = "binary", "a file that is not text, or too large to show"
    NOT_UTF8 = "name_not_utf8", "a file name that is no UTF-8"
    ODD_NAME = "odd_name", "a file name with invisible, control or otherwise misleading characters"
    SAME_NAME = "same_name", "two names that some file systems take for one"
    HIDDEN_TEXT = "hidden_text", "an added line holds characters that are invisible, reorder others or overwrite them"
    LOOK_ALIKE = "look_alike_letters", "an added word is of letters of two scripts that look the same"


def judge(change: Change, config: Config) -> Verdict:
    refused = [Refusal(reason=reason, path=file.path) for file in change.files for reason in _reasons(file)]
    return verdict("modes", [*refused, *_twins(change), *_misleading(change)], Reason.PLAIN)


def _reasons(file: ChangedFile) -> Iterator[Reason]:
    modes = {file.old_mode, file.new_mode}
    if LINK in modes:
        yield Reason.SYMLINK
    if SUBMODULE in modes:
        yield Reason.SUBMODULE
    # A program may be edited or deleted, but none made.
    if file.status != "D" and (file.old_mode == PROGRAM) != (file.new_mode == PROGRAM):
        yield Reason.MODE
    if file.binary:
        yield Reason.BINARY
    if any(ord(letter) in UNENCODABLE for letter in file.path):
        yield Reason.NOT_UTF8
    elif odd(file.path):
        yield Reason.ODD_NAME


def _twins(change: Change) -> Iterator[Refusal]:
    """Added files beside others of the change whose names differ only in case or form."""
    seen: dict[str, str] = {}
    for file in change.files:
        if file.status == "D":
            continue
        other = seen.setdefault(folded(file.path), file.path)
        if other != file.path:
            yield Refusal(reason=Reason.SAME_NAME, path=file.path)


def _misleading(change: Change) -> Iterator[Refusal]:
    """Added lines that whoever reads the diff takes for others."""
    for path, at, line in added_lines(change.diff):
        if hides(line):
            yield Refusal(reason=Reason.HIDDEN_TEXT, path=path, line=at)
        elif mixes(line):
            yield Refusal(reason=Reason.LOOK_ALIKE, path=path, line=at)
