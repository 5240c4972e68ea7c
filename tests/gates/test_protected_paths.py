"""What an Attempt may never touch, under any name or mode."""

import os

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
        "compose.prod.yaml", "Procfile",
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


def test_paths_outside_the_allowed_ones_are_refused(change):
    made = change({}, {"src/a.py": "1\n", "tools/b.py": "1\n"}, allowed_paths=("src/**", "tests/**"))
    verdict = judge(made, Config())
    assert verdict.reason == "not_allowed_path"
    assert "tools/b.py" in verdict.detail
    assert "src/a.py" not in verdict.detail


def test_a_symlink_out_is_refused_made_changed_or_removed(checkout, between):
    before = checkout.commit({"app.py": "1\n"})
    (checkout.path / "data").symlink_to("/etc/passwd")
    made = checkout.commit({})
    (checkout.path / "data").unlink()
    (checkout.path / "data").symlink_to("/etc/shadow")
    moved = checkout.commit({})
    assert [refused(between(*pair)) for pair in ((before, made), (made, moved), (moved, before))] == ["symlink"] * 3
    assert refused(between(moved, checkout.commit({"app.py": "2\n"}))) == "", "it was there before"


def test_a_submodule_is_refused(checkout, between):
    base = checkout.commit({"app.py": "1\n"})
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendored")
    checkout.git("commit", "--quiet", "-m", "a submodule")
    assert refused(between(base, "HEAD")) == "submodule"


def test_a_program_may_be_edited_but_none_made(checkout, between):
    checkout.write({"run.sh": "#!/bin/sh\n"})
    (checkout.path / "run.sh").chmod(0o755)
    base = checkout.commit({"app.py": "1\n"})
    edited = checkout.commit({"run.sh": "#!/bin/sh\ntrue\n"})
    assert refused(between(base, edited)) == ""
    (checkout.path / "app.py").chmod(0o755)
    assert refused(between(edited, checkout.commit({}))) == "mode_changed"
    checkout.write({"tool.sh": "#!/bin/sh\n"})
    (checkout.path / "tool.sh").chmod(0o755)
    assert refused(between(checkout.git("rev-parse", "HEAD"), checkout.commit({}))) == "mode_changed"


def test_a_binary_is_refused(change):
    assert refused(change({}, {"logo.png": "\0\1\2"})) == "binary"


@pytest.mark.parametrize("name", ["new\nline.py", "zero\u200bwidth.py", "bidi\u202e.py", os.fsdecode(b"caf\xe9.py")])
def test_a_misleading_name_is_refused_and_shown_harmlessly(change, name):
    verdict = judge(change({}, {name: "1\n"}), Config())
    assert verdict.reason == "odd_name"
    assert verdict.detail.isprintable()


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
