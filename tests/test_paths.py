"""Globs mean what people mean, and no spelling of a name slips by."""

import os

import pytest

from improver.paths import folded, matches, odd, search_path, shown


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("**", "a/b.py"),
        ("*.sql", "deep/er/x.sql"),
        ("migrations", "app/migrations/0001.py"),
        ("migrations/", "app/migrations/0001.py"),
        ("/.*", ".travis.yml"),
        ("/.*", ".github/workflows/ci.yml"),
        ("src/**", "src/a/b.py"),
        ("src/*.py", "src/a.py"),
        ("src", "src/a.py"),
        ("**/secrets/*", "a/b/secrets/key"),
        ("**/secrets/*", "secrets/key"),
        ("a/**/z", "a/z"),
        ("a/**/z", "a/b/c/z"),
        ("v?.py", "v1.py"),
        ("[x].py", "[x].py"),
        ("a.py", "a.py"),
    ],
)
def test_a_glob_fits(glob, path):
    assert matches(path, glob)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("/.*", "app/.hidden"),
        ("src/*.py", "src/a/b.py"),
        ("src/**", "lib/src/a.py"),
        ("*.sql", "x.sqlite"),
        ("a.py", "aXpy"),
        ("migrations", "app/migrations.py"),
        ("[x].py", "x.py"),
    ],
)
def test_a_glob_does_not_fit(glob, path):
    assert not matches(path, glob)


@pytest.mark.parametrize(
    "path",
    [".GitHub/ci.yml", ".github/ci.yml", ".git\u200chub/x", ".github./x", ".github /x", ".ｇｉｔhub/x", ".github\\x"],
)
def test_spellings_that_some_file_system_takes_for_one_name_fold_together(path):
    assert folded(path).startswith(".github/")


@pytest.mark.parametrize("path", ["new\nline", "zero\u200bwidth", "bidi\u202ex", "back\\slash", "caf\udce9", "tab\t"])
def test_misleading_names_are_odd_and_shown_harmlessly(path):
    assert odd(path)
    assert shown(path).isascii()
    assert shown(path).isprintable()


@pytest.mark.parametrize("path", ["grün.py", "テスト.py", "with space.py", 'quo"te.py'])
def test_ordinary_names_are_not_odd(path):
    assert not odd(path)
    assert shown(path) == path


@pytest.mark.parametrize(
    ("path", "searched"),
    [
        ("./node_modules/.bin:/usr/bin", "/usr/bin"),
        (".::/opt/bin:bin:/bin:", "/opt/bin:/bin"),
        ("", os.defpath),
        (".", os.defpath),
    ],
)
def test_programs_are_only_looked_for_in_absolute_folders(path, searched):
    assert search_path({"PATH": path}) == searched
