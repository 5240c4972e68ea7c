"""The change keeps to the paths that an Attempt may touch, and to plain text files there."""

from collections.abc import Iterator

from improver.gates._shadows import shadows
from improver.model import Change, ChangedFile, Glossed, Result, Verdict
from improver.model.configured import Configured
from improver.paths import folded, matches, odd, shown

ORDER = 30
NAMED = 5  # paths named in a detail

# What decides what code is made of, how it is built, reviewed or run, who may merge it, what the next Agent is told.
BUILT_IN = (
    "/.*",
    ".git*", ".env*", ".npmrc", ".yarnrc*", ".pypirc", ".netrc",
    "Jenkinsfile", "azure-pipelines*.yml", "bitbucket-pipelines.yml", "appveyor.yml", "cloudbuild*.yaml",
    "buildspec*.yml", "lefthook*.yml", "CODEOWNERS", "OWNERS", "renovate.json*",
    "AGENTS*.md", "AGENT.md", "CLAUDE*.md", "GEMINI.md", "SKILL.md", "copilot-instructions.md",
    "*.lock", "*.lockb", "*.lockfile", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml",
    "packages.lock.json", "go.sum", "gradle-wrapper.*", "sitecustomize.py", "usercustomize.py", "*.pth",
    "improver.toml",
    "package.json", "requirements*.txt", "constraints*.txt", "Pipfile", "pyproject.toml", "setup.py", "setup.cfg",
    "go.mod", "Cargo.toml", "build.rs", "Gemfile", "*.gemspec", "pom.xml", "build.gradle*",
    "Makefile", "Dockerfile*", "*compose*.y*ml", "Procfile",
)  # fmt: skip
LINK, SUBMODULE, PROGRAM = "120000", "160000", "100755"


class Config(Configured):
    globs: list[str] = []
    """Globs protected in every Target, besides the built-in ones and each Target's `protected_paths`."""


class Reason(Glossed):
    KEPT = "within_paths", "every path may be changed, and holds plain text"
    PROTECTED = "protected_path", "a path that an Attempt may never change"
    NOT_ALLOWED = "not_allowed_path", "a path outside the Target's `allowed_paths`"
    SHADOWS = "shadows", "a new module that Python would take for the standard library's or the test runner's"
    ODD_NAME = "odd_name", "a file name with invisible, control or otherwise misleading characters"
    SYMLINK = "symlink", "a symbolic link was made, changed or removed"
    SUBMODULE = "submodule", "a submodule was made, changed or removed"
    MODE = "mode_changed", "a file became executable, or ceased to be"
    BINARY = "binary", "a file that is not text, or too large to show"


def judge(change: Change, config: Config) -> Verdict:
    globs = (*BUILT_IN, *config.globs, *change.spec.protected_paths)
    refused = [(reason, file.path) for file in change.files for reason in _reasons(file, change, globs)]
    if not refused:
        return Verdict(gate="protected_paths", result=Result.PASSED, reason=Reason.KEPT)
    named = "; ".join(f"{shown(path)}: {reason.gloss}" for reason, path in refused[:NAMED])
    more = f"; and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    first = min((reason for reason, _ in refused), key=list(Reason).index)
    return Verdict(gate="protected_paths", result=Result.FAILED, reason=first, detail=f"{named}{more}.")


def _reasons(file: ChangedFile, change: Change, globs: tuple[str, ...]) -> Iterator[Reason]:
    if any(matches(folded(file.path), folded(glob)) for glob in globs):
        yield Reason.PROTECTED
    if not any(matches(file.path, glob) for glob in change.spec.allowed_paths):
        yield Reason.NOT_ALLOWED
    if shadows(file, change.files):
        yield Reason.SHADOWS
    if odd(file.path):
        yield Reason.ODD_NAME
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
