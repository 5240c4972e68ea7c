"""Manifests as projects write them, and as nobody should."""

import json
import os

import pytest

from improver.manifests import dependencies, package_json, pyproject


def python(root):
    return dependencies(root).get("Python", {}).keys()


def test_python_dependencies_are_found_wherever_they_are_written(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["Flask>=3"]\n[project.optional-dependencies]\nx = ["sentry_sdk[flask] >= 2"]\n'
        '[dependency-groups]\ndev = ["pytest", {include-group = "x"}]\n'
        '[tool.poetry.dependencies]\npython = "^3.11"\nhttpx = "*"\n[tool.poetry.group.ci.dependencies]\nnox = "1"\n'
    )
    (tmp_path / "requirements.txt").write_text("# comment\n-r other.txt\n  Django == 5.0 ; python_version > '3'\n\n")
    (tmp_path / "requirements-dev.txt").write_text("tox\n")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text("celery\n")
    (tmp_path / "Pipfile").write_text('[packages]\nredis = "*"\n')
    (tmp_path / "setup.cfg").write_text("[options]\ninstall_requires =\n    attrs>=3\n    structlog\n")
    (tmp_path / "uv.lock").write_text('[[package]]\nname = "posthog"\nversion = "7"\n')
    (tmp_path / "poetry.lock").write_text('[[package]]\nname = "loguru"\nversion = "7"\n')
    assert python(tmp_path) >= {
        "flask", "sentry-sdk", "pytest", "httpx", "nox", "django", "tox", "celery", "redis", "attrs", "structlog",
        "posthog", "loguru",
    }  # fmt: skip
    assert "other.txt" not in python(tmp_path)


@pytest.mark.parametrize(
    ("file", "language", "said", "names"),
    [
        (
            "package.json",
            "JavaScript",
            json.dumps({"dependencies": {"@sentry/node": "^11"}, "devDependencies": {"vitest": "1"}}),
            {"@sentry/node", "vitest"},
        ),
        (
            "go.mod",
            "Go",
            "module shop\n\ngo 1.24\n\nrequire github.com/getsentry/sentry-go v0.40.0\n\n"
            "require (\n\tgo.opentelemetry.io/otel/sdk v1.40.0 // indirect\n)\n",
            {"github.com/getsentry/sentry-go", "go.opentelemetry.io/otel/sdk"},
        ),
        (
            "Gemfile",
            "Ruby",
            "source 'https://rubygems.org'\ngem 'rails', '~> 8'\n  gem(\"sentry-ruby\")\n# gem 'posthog-ruby'\n",
            {"rails", "sentry-ruby"},
        ),
        (
            "pom.xml",
            "Java",
            "<dependency>\n <groupId>io.sentry</groupId>\n <artifactId>sentry-logback</artifactId>\n</dependency>",
            {"io.sentry:sentry-logback"},
        ),
        (
            "build.gradle.kts",
            "Java",
            'dependencies {\n  implementation("io.sentry:sentry:8.0.0")\n  implementation("io.opentelemetry:x")\n}',
            {"io.sentry:sentry", "io.opentelemetry:x"},
        ),
        (
            "Cargo.toml",
            "Rust",
            '[package]\nname = "shop"\n[dependencies]\nsentry = "0.45"\nopentelemetry-otlp = { version = "1" }\n',
            {"sentry", "opentelemetry-otlp"},
        ),
        (
            "composer.json",
            "PHP",
            json.dumps({"require": {"php": ">=8", "sentry/sentry-laravel": "4"}}),
            {"php", "sentry/sentry-laravel"},
        ),
        (
            "Shop.csproj",
            ".NET",
            '<Project><ItemGroup><PackageReference Include="Sentry.AspNetCore" Version="6"/></ItemGroup></Project>',
            {"Sentry.AspNetCore"},
        ),
    ],
)
def test_every_language_has_its_manifest(tmp_path, file, language, said, names):
    (tmp_path / file).write_text(said)
    assert dependencies(tmp_path) == {language: dict.fromkeys(names, tmp_path / file)}


def test_an_app_in_a_folder_of_the_repository_counts_and_what_is_installed_there_does_not(tmp_path):
    for folder in ("web", "web/node_modules/x", "vendor/y", ".cache"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "package.json").write_text(json.dumps({"dependencies": {folder: "1"}}))
    assert dependencies(tmp_path) == {"JavaScript": {"web": tmp_path / "web/package.json"}}


def test_no_manifest_says_nothing(tmp_path):
    assert dependencies(tmp_path) == {}
    assert (pyproject(tmp_path), package_json(tmp_path)) == ({}, {})


def test_a_broken_or_odd_manifest_says_nothing(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project\n")
    (tmp_path / "package.json").write_text("[1]")
    (tmp_path / "composer.json").write_text("[" * 100_000)
    (tmp_path / "Pipfile").write_bytes(b"\xff\xfe")
    (tmp_path / "setup.cfg").write_text("= [broken")
    (tmp_path / "uv.lock").write_text("a = " + "[" * 100_000)
    assert dependencies(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text('project = 1\n[tool]\npoetry = "x"\n')
    (tmp_path / "poetry.lock").write_text('package = ["x", {name = 3}]\n')
    assert python(tmp_path) <= {"3"}


def test_a_link_a_pipe_and_a_huge_file_are_not_read(tmp_path):
    (tmp_path / "elsewhere").write_text("secret-package\n")
    (tmp_path / "requirements.txt").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "Gemfile")
    with (tmp_path / "go.mod").open("wb") as file:
        file.truncate(1 << 30)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert dependencies(tmp_path) == {}


def test_the_name_is_that_of_either_convention(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.poetry]\nname = "shop"\n')
    assert pyproject(tmp_path)["name"] == "shop"
