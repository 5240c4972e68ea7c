"""Manifests as projects write them."""

import json

from improver.manifests import dependencies, package_json, pyproject


def test_python_dependencies_are_found_wherever_they_are_written(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["Flask>=3"]\n[project.optional-dependencies]\nx = ["sentry_sdk[flask] >= 2"]\n'
        '[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nhttpx = "*"\n'
    )
    (tmp_path / "requirements.txt").write_text("# comment\n-r other.txt\n  Django == 5.0 ; python_version > '3'\n\n")
    (tmp_path / "requirements-dev.txt").write_text("tox\n")
    (tmp_path / "Pipfile").write_text('[packages]\nredis = "*"\n')
    found = dependencies(tmp_path)
    assert found >= {"flask", "sentry-sdk", "pytest", "httpx", "django", "tox", "redis"}
    assert "other.txt" not in found


def test_node_dependencies_are_found(tmp_path):
    package = {"dependencies": {"@sentry/node": "^11"}, "devDependencies": {"vitest": "1"}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    assert dependencies(tmp_path) == {"@sentry/node", "vitest"}


def test_no_manifest_says_nothing(tmp_path):
    assert dependencies(tmp_path) == frozenset()
    assert (pyproject(tmp_path), package_json(tmp_path)) == ({}, {})


def test_a_broken_or_odd_manifest_says_nothing(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project\n")
    (tmp_path / "package.json").write_text("[1]")
    (tmp_path / "Pipfile").write_bytes(b"\xff\xfe")
    assert dependencies(tmp_path) == frozenset()
    (tmp_path / "pyproject.toml").write_text('project = 1\n[tool]\npoetry = "x"\n')
    assert dependencies(tmp_path) == frozenset()


def test_the_name_is_that_of_either_convention(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.poetry]\nname = "shop"\n')
    assert pyproject(tmp_path)["name"] == "shop"
