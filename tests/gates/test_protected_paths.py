"""What an Attempt may never touch, under any name."""

import pytest

from improver.gates.protected_paths import Config, judge


def refused(made, **config):
    verdict = judge(made, Config(**config))
    return verdict.reason if verdict.result == "fail" else ""


def test_plain_files_pass(change):
    made = change({"app.py": "1\n", "old.py": "x\n"}, {"app.py": "2\n", "src/new.py": "n\n", "old.py": None})
    assert refused(made) == ""


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml", ".GitHub/workflows/ci.yml", ".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml",
        "sub/.gitattributes", ".gitmodules", "Jenkinsfile", "CODEOWNERS", "docs/CODEOWNERS", "AGENTS.md",
        "sub/CLAUDE.md", "claude.MD", ".claude/settings.json", ".vscode/tasks.json", ".env", "deploy/.env.production",
        "uv.lock", "go.sum", "web/package-lock.json", "Cargo.lock", "improver.toml", "sitecustomize.py", "venv.pth",
        "package.json", "web/package.json", "requirements.txt", "requirements-dev.txt", "constraints.txt", "Pipfile",
        "pyproject.toml", "setup.py", "setup.cfg", "go.mod", "Cargo.toml", "build.rs", "Gemfile", "shop.gemspec",
        "pom.xml", "build.gradle.kts", "makefile", "Dockerfile.prod", "deploy/Dockerfile", "docker-compose.yml",
        "compose.prod.yaml", "Procfile", "GEMINI.md", "AGENTS.override.md", ".cursorrules", "web/.clinerules",
        ".devcontainer/devcontainer.json", "docs/copilot-instructions.md", "api.instructions.md", "sub/.github/x.yml",
        ".buildkite/pipeline.yml", "bitbucket-pipelines.yml", "composer.json", "pnpm-workspace.yaml", "infra/main.tf",
        "requirements/base.txt", "Justfile", "tools/build.mk", ".husky/pre-commit", "deno.jsonc", "app.csproj",
    ],
)  # fmt: skip
def test_built_in_paths_are_protected(change, path):
    assert refused(change({}, {path: "1\n"})) == "protected_path"


def test_deleting_or_moving_a_protected_file_is_refused(change):
    made = change({"CODEOWNERS": "* @ada\n"}, {"CODEOWNERS": None, "docs/owners.txt": "* @ada\n"})
    assert refused(made) == "protected_path"


def test_globs_of_the_config_and_of_the_target_are_protected_too(change):
    made = change({}, {"db/migrations/1.sql": "1\n"}, protected_paths=("Migrations/",))
    assert refused(made) == "protected_path"
    other = change({"app.py": "1\n"}, {"billing/rates.py": "1\n"})
    assert refused(other) == ""
    assert refused(other, globs=["billing/**"]) == "protected_path"


@pytest.mark.parametrize(
    "path", ["src/requirements/parser.py", "agents.py", "app/owners.py", "claude.py", "locks.py", "docs/makefiles.md"]
)
def test_names_that_only_resemble_those_are_not(change, path):
    assert refused(change({}, {path: "1\n"})) == ""


def test_a_person_can_lift_a_built_in_glob(change):
    made = change({}, {"requirements.txt": "flask\n"})
    assert refused(made) == "protected_path"
    assert refused(made, lifted=["requirements*.txt"]) == ""


def test_many_refusals_are_counted(change):
    verdict = judge(change({}, {f".github/{n}.yml": "1\n" for n in range(9)}), Config())
    assert "and 4 more" in verdict.detail


@pytest.mark.parametrize(
    "path",
    [
        "pytest.py", "json.py", "JSON.py", "pytest/__init__.py", "src/_pytest/__init__.py", "src/subprocess.py",
        "tests/re.py", "tests/unit/pluggy/__init__.py", "checks/os.py",
    ],
)  # fmt: skip
def test_a_new_module_that_shadows_the_test_runner_or_the_standard_library_is_refused(change, path):
    made = change({"app.py": "1\n"}, {path: "1\n", "checks/test_app.py": "def test_app(): pass\n"})
    assert refused(made) == "shadows"


def test_a_module_of_the_apps_own_package_or_one_that_was_there_may_have_any_name(change):
    after = {"json.py": "2\n", "shop/types.py": "1\n", "src/shop/http.py": "1\n", "code.md": "1\n"}
    made = change({"json.py": "1\n"}, after)
    assert refused(made) == ""
