"""The change keeps off the paths that an Attempt may never touch."""

from collections.abc import Iterator

from improver.gates._refusals import Refusal, verdict
from improver.gates._shadows import shadows
from improver.model import Change, ChangedFile, Glossed, Verdict
from improver.model.configured import Configured
from improver.paths import folded, matches

ORDER = 30

# What decides what code is made of, how it is built, reviewed or run, who may merge it, what the next Agent is told.
BUILT_IN = (
    # Every dot-directory and dot-file at the top: CI, editors, agents, hooks.
    "/.*",
    ".git*", ".env*", ".npmrc", ".yarnrc*", ".pypirc", ".netrc", ".github/", ".gitlab/", ".circleci/", ".buildkite/",
    ".husky/", ".cursor/", ".claude/", ".codex/", ".gemini/", ".continue/", ".windsurf/", ".devcontainer/", ".vscode/",
    # CI, elsewhere than in dot-directories.
    "Jenkinsfile*", "azure-pipelines*.y*ml", "bitbucket-pipelines.y*ml", "appveyor.y*ml", "cloudbuild*.y*ml",
    "cloudbuild*.json", "buildspec*.y*ml", "codefresh*.y*ml", "wercker.y*ml", "circle.yml", "lefthook*.y*ml",
    "dangerfile*", "sonar-project.properties", "codecov.y*ml",
    # Who reviews, and what bots do.
    "CODEOWNERS", "OWNERS", "OWNERS_ALIASES", "MAINTAINERS", "renovate.json*", "dependabot.y*ml", "mergify.y*ml",
    # What agents are told.
    "AGENTS*.md", "AGENT*.md", "CLAUDE*.md", "GEMINI*.md", "CODEX*.md", "QWEN*.md", "CONVENTIONS.md", "SKILL.md",
    "copilot-instructions.md", "*.instructions.md", "*.prompt.md", ".cursorrules", ".clinerules", ".windsurfrules",
    ".aider*", "opencode.json*",
    # What locks and declares dependencies.
    "*.lock", "*.lockb", "*.lockfile", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.y*ml",
    "packages.lock.json", "go.sum", "gradle-wrapper.*", "Package.resolved", "mix.lock", "Pipfile.lock",
    "package.json", "pnpm-workspace.y*ml", "requirements*.txt", "requirements*.in", "/requirements/*.txt",
    "constraints*.txt",
    "Pipfile", "pyproject.toml", "setup.py", "setup.cfg", "MANIFEST.in", "environment.y*ml", "pixi.toml", "go.mod",
    "go.work", "Cargo.toml", "build.rs", "Gemfile", "*.gemspec", "composer.json", "pom.xml", "build.gradle*",
    "settings.gradle*", "build.sbt", "mix.exs", "pubspec.y*ml", "Package.swift", "*.csproj", "packages.config",
    "deno.json*", "bunfig.toml",
    # What is run before anybody looks: by an interpreter, a build, or a deployment.
    "sitecustomize.py", "usercustomize.py", "*.pth", "GNUmakefile", "Makefile", "*.mk", "justfile", "Taskfile.y*ml",
    "Rakefile", "Dockerfile*", "Containerfile*", "*compose*.y*ml", "Procfile", "Vagrantfile", "*.tf", "*.tfvars",
    "vercel.json", "netlify.toml", "fly.toml", "serverless.y*ml",
    "improver.toml",
)  # fmt: skip


class Config(Configured):
    globs: list[str] = []
    """Globs protected in every Target, besides the built-in ones and each Target's `protected_paths`. What a careful
    team adds: "migrations/", "db/migrate/", "alembic/", "*.sql", "auth*", "*login*", "*password*", "*permission*",
    "*payment*", "billing*"."""
    lifted: list[str] = []
    """Built-in globs that do not hold here, spelled as they are built in (docs/gates.md), e.g. "requirements*.txt":
    what the change does to dependencies is then judged by the Gate `dependencies` alone."""


class Reason(Glossed):
    KEPT = "within_paths", "no protected path is changed"
    PROTECTED = "protected_path", "a path that an Attempt may never change"
    SHADOWS = "shadows", "a new module that Python would take for the standard library's or the test runner's"


def judge(change: Change, config: Config) -> Verdict:
    built_in = (glob for glob in BUILT_IN if glob not in config.lifted)
    globs = tuple(folded(glob) for glob in (*built_in, *config.globs, *change.spec.protected_paths))
    refused = [
        Refusal(reason=reason, path=file.path) for file in change.files for reason in _reasons(file, change, globs)
    ]
    return verdict("protected_paths", refused, Reason.KEPT)


def _reasons(file: ChangedFile, change: Change, globs: tuple[str, ...]) -> Iterator[Reason]:
    if any(matches(folded(file.path), glob) for glob in globs):
        yield Reason.PROTECTED
    if shadows(file, change.files):
        yield Reason.SHADOWS
