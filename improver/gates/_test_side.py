"""Which files of a repository belong to its tests, in the languages people use."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

TEST_FILES = re.compile(
    r"""
      test_[^/]*\.(py|rb|c|cc|cpp|jl|lua)
    | [^/]*_tests?\.(py|go|rb|exs|dart|c|cc|cpp|jl|lua)
    | [^/]*_spec\.(rb|lua|exs)
    | [^/]*\.(test|spec|cy|e2e)\.[cm]?[jt]sx?
    | ([^/]*(Tests?|TestCase|IT|Spec)|Test[A-Z][^/]*)\.(java|kt|scala|groovy|cs|php|swift)
    """,
    re.VERBOSE,
)
TEST_FOLDERS = {"tests", "test", "__tests__", "__mocks__", "__snapshots__", "testdata", "e2e", "cypress"}
SPEC_FOLDERS = {"spec", "specs"}
SPEC_SUFFIXES = {".rb", ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs"}
# What can tell a test runner which tests to run, or to run none; some hold other settings as well.
RUNNER_FILES = re.compile(
    r"""
      conftest\.py | \.?pytest\.(ini|toml) | tox\.(ini|toml) | noxfile\.py | setup\.(cfg|py)
    | pyproject\.toml | manage\.py | sitecustomize\.py | usercustomize\.py
    | package\.json | (jest|vitest|vite|playwright|cypress|babel|ava|wdio)\.config\.[^/]* | karma\.conf\.[^/]*
    | \.mocharc[^/]* | \.rspec | rakefile | gemfile | phpunit\.xml(\.dist)? | pom\.xml
    | build\.gradle(\.kts)? | build\.sbt | (gnu)?makefile | justfile | taskfile\.ya?ml | cmakelists\.txt
    | go\.mod | cargo\.toml
    """,
    re.VERBOSE | re.IGNORECASE,
)


def is_test_file(path: str) -> bool:
    """A file whose tests a runner would find by its name, or that lies where runners look."""
    file = PurePosixPath(path)
    in_tests = "__tests__" in file.parts[:-1] and file.suffix in SPEC_SUFFIXES
    rust = file.parts[0] == "tests" and file.suffix == ".rs"
    return in_tests or rust or TEST_FILES.fullmatch(file.name) is not None


def is_test_side(path: str, command: Sequence[str] = ()) -> bool:
    """A test file, what tests need, what steers their runner, or a script that the test command names."""
    file = PurePosixPath(path)
    folders = set(file.parts[:-1])
    if is_test_file(path) or steers(path, command) or folders & TEST_FOLDERS:
        return True
    return bool(folders & SPEC_FOLDERS) and file.suffix in SPEC_SUFFIXES


def steers(path: str, command: Sequence[str]) -> bool:
    """Whether a file can change how other tests are run, or whether they are."""
    file = PurePosixPath(path)
    named = {str(PurePosixPath(word)) for word in command}
    return RUNNER_FILES.fullmatch(file.name) is not None or str(file) in named
