"""New dependencies are a person's to choose, under a licence that can be told, and locks keep step."""

import json

import pytest

from improver.gates.dependencies import Config, judge


def told(made, **config):
    verdict = judge(made, Config(**config))
    return "" if verdict.result == "pass" else verdict.reason


PYPROJECT = "[project]\nname = 'shop'\ndependencies = ['flask>=3'{}]\n\n[dependency-groups]\ndev = ['pytest']\n"
PACKAGE = '{{"dependencies": {{"express": "^5"{}}}, "scripts": {{"test": "node --test"}}}}'
GO = "module shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/a/b v1.0.0{}\n)\n"
CARGO = "[package]\nname = 'shop'\n\n[dependencies]\nserde = '1'{}\n"
POETRY = "[tool.poetry.dependencies]\na = '1'\n"
SETUP = "[options]\ninstall_requires =\n    a\n"
ADDED = {
    "requirements": ("requirements.txt", "flask==3\n", "flask==3\nleft-pad\n", "left-pad"),
    "dev requirements": ("requirements-dev.txt", "pytest\n", "pytest\nmore[x]>=1 ; python_version > '3'\n", "more"),
    "an address": ("requirements.txt", "flask\n", "flask\ngit+https://evil.example/x\n", "git+https://evil.example/x"),
    "an index": ("requirements.txt", "flask\n", "--find-links https://evil.example\nflask\n", "--find-links"),
    "pyproject": ("pyproject.toml", PYPROJECT.format(""), PYPROJECT.format(", 'Left_Pad'"), "left-pad"),
    "a group": ("pyproject.toml", PYPROJECT.format(""), PYPROJECT.format("").replace("'pytest'", "'pytest', 'x'"), "x"),
    "poetry": ("pyproject.toml", POETRY, POETRY + "b = '2'\n", "b"),
    "build": ("pyproject.toml", "", "[build-system]\nrequires = ['evil-backend']\n", "evil-backend"),
    "setup.cfg": ("setup.cfg", SETUP, SETUP + "    b\n", "b"),
    "npm": ("package.json", PACKAGE.format(""), PACKAGE.format(', "left-pad": "1"'), "left-pad"),
    "go": ("go.mod", GO.format(""), GO.format("\n\tgithub.com/c/d v2.0.0"), "github.com/c/d"),
    "go replace": ("go.mod", GO.format(""), GO.format("") + "replace github.com/a/b => ../evil\n", "replace github"),
    "cargo": ("Cargo.toml", CARGO.format(""), CARGO.format("\nleft-pad = '1'"), "left-pad"),
    "cargo target": ("Cargo.toml", CARGO.format(""), CARGO.format("\n[target.unix.dependencies]\nx = '1'"), "x"),
    "ruby": ("Gemfile", "gem 'rails'\n", "gem 'rails'\ngem 'pad', '~> 1'\n", "pad"),
    "gemspec": ("shop.gemspec", "", "  s.add_dependency 'pad'\n", "pad"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "before", "after", "name"), ADDED.values(), ids=ADDED)
def test_a_new_dependency_is_named(written, path, before, after, name):
    verdict = judge(written({path: before}, {path: after}), Config())
    assert (verdict.result, verdict.reason) == ("fail", "new_dependency")
    assert f"{path}: {name}" in verdict.detail


@pytest.mark.parametrize(
    ("path", "before", "after", "reason"),
    [
        ("requirements.txt", "flask==3\n", "flask==2\n", "dependency_changed"),
        ("package.json", PACKAGE.format(""), PACKAGE.format("").replace("^5", "npm:evil@1"), "dependency_changed"),
        ("pyproject.toml", PYPROJECT.format(""), PYPROJECT.format("").replace(">=3", ""), "dependency_changed"),
        ("setup.py", "1\n", "2\n", "unreadable_manifest"),
        ("build.gradle.kts", "1\n", "2\n", "unreadable_manifest"),
        ("package.json", "{}", "{", "unreadable_manifest"),
        ("package.json", "{}", "[]", "unreadable_manifest"),
        ("package-lock.json", "{}", '{"a": 1}', "lock_out_of_step"),
        ("uv.lock", "a\n", "b\n", "lock_out_of_step"),
    ],
)
def test_what_else_is_wrong_is_told(written, path, before, after, reason):
    assert told(written({path: before}, {path: after})) == reason


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("requirements.txt", "flask==3\n# more\nclick\n", "click\nflask==3\n"),
        ("pyproject.toml", PYPROJECT.format(""), PYPROJECT.format("") + "[tool.ruff]\nline-length = 9\n"),
        ("package.json", PACKAGE.format(', "a": "1"'), PACKAGE.format("")),
        ("app.py", "import flask\n", "import click\n"),
        ("docs/requirements.md", "a\n", "b\n"),
    ],
)
def test_what_adds_nothing_passes(written, path, before, after):
    assert told(written({path: before}, {path: after})) == ""


def lock(**licences):
    packages = {f"node_modules/{name}": {"license": licence} for name, licence in licences.items()}
    return json.dumps({"packages": packages})


@pytest.mark.parametrize(
    ("licence", "reason"), [("MIT", ""), ("GPL-3.0-only", "licence_refused"), (None, "licence_unknown")]
)
def test_an_allowed_package_needs_an_allowed_licence(change, licence, reason):
    before = {"package.json": PACKAGE.format(""), "package-lock.json": lock()}
    after = {"package.json": PACKAGE.format(', "pad": "1"'), "package-lock.json": lock(pad=licence)}
    made = change(before, after)
    assert told(made) == "new_dependency"
    assert told(made, allow=["pa*"]) == reason


def test_a_lock_that_stayed_behind_is_out_of_step(written):
    before = {"web/package.json": PACKAGE.format(""), "web/package-lock.json": lock()}
    made = written(before, {"web/package.json": PACKAGE.format("").replace('"express": "^5"', "")})
    assert told(made) == "lock_out_of_step"


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ("License-Expression: MIT", ""),
        ("License: BSD-3-Clause", ""),
        ("Classifier: License :: OSI Approved :: MIT License", ""),
        ("License: GPL-3.0", "licence_refused"),
        ("Name: pad", "licence_unknown"),
    ],
)
def test_a_licence_is_read_from_what_set_up_installs(change, metadata, reason):
    place = ".venv/lib/python3/site-packages/pad-1.0.dist-info"
    setup = ("sh", "-c", f"mkdir -p {place} && echo '{metadata}' > {place}/METADATA")
    made = change({"requirements.txt": ""}, {"requirements.txt": "pad\n"}, setup=setup)
    assert told(made, allow=["pad"]) == reason
