"""New Python modules that would be imported instead of the standard library's or the test runner's own."""

import sys
from collections.abc import Sequence
from pathlib import PurePosixPath

from improver.gates._test_side import TEST_FOLDERS, is_test_file
from improver.model import ChangedFile
from improver.paths import folded

# What decides how tests are run and what is reported of them, and what it is itself made of.
TAKEN = {name.casefold() for name in sys.stdlib_module_names} | {
    "pytest", "py", "_pytest", "pluggy", "iniconfig", "xdist", "coverage", "nose", "django",
}  # fmt: skip


def shadows(file: ChangedFile, files: Sequence[ChangedFile]) -> bool:
    """Whether an added module has a taken name, in a folder that Python looks into before its own."""
    path = PurePosixPath(folded(file.path))
    if file.status != "A" or path.suffix != ".py":
        return False
    module = path.parent if path.name == "__init__.py" else path.with_suffix("")
    return module.name in TAKEN and _is_looked_into(module.parent, files)


def _is_looked_into(folder: PurePosixPath, files: Sequence[ChangedFile]) -> bool:
    """The top, src/, and wherever tests lie: pytest puts their folders first on the path."""
    if str(folder) in (".", "src") or TEST_FOLDERS & set(folder.parts):
        return True
    tests = (file.path for file in files if file.status != "D" and is_test_file(file.path))
    return any(PurePosixPath(folded(path)).parent == folder for path in tests)
