"""The change as git knows it: nothing hidden by renames, modes, names or settings."""

import pytest

from improver.repo import Repository
from improver.repo.diffs import SHOWN_BYTES


@pytest.fixture
def base(checkout):
    return checkout.commit({"app.py": "a\nb\n", "tests/test_app.py": "def test_a(): assert 1\n", "gone.py": "x\n"})


def test_a_moved_test_is_a_deleted_one_and_a_new_one(checkout, base):
    checkout.git("mv", "tests/test_app.py", "tests/helper.py")
    moved = checkout.commit({})
    files = {file.path: file.status for file in Repository(checkout.path).changed(base, moved)}
    assert files == {"tests/test_app.py": "D", "tests/helper.py": "A"}


def test_lines_modes_and_binaries_are_told(checkout, base):
    (checkout.path / "gone.py").unlink()
    (checkout.path / "app.py").chmod(0o755)
    (checkout.path / "blob.bin").write_bytes(b"\0\1\2")
    (checkout.path / "link").symlink_to("app.py")
    commit = checkout.commit({"app.py": "a\nB\nc\n"})
    files = {file.path: file for file in Repository(checkout.path).changed(base, commit)}
    app = files["app.py"]
    assert (app.status, app.old_mode, app.new_mode, app.added, app.removed) == ("M", "100644", "100755", 2, 1)
    assert (files["gone.py"].status, files["gone.py"].new_mode, files["gone.py"].removed) == ("D", "000000", 1)
    assert files["blob.bin"].binary
    assert files["link"].new_mode == "120000"


@pytest.mark.parametrize("name", ["new\nline.py", 'quo"te.py', "tab\tbed.py", "grün.py", " leading.py", ":(top)x.py"])
def test_any_file_name_is_told_as_it_is(checkout, base, name):
    commit = checkout.commit({name: "1\n"})
    repository = Repository(checkout.path)
    assert [(file.path, file.added) for file in repository.changed(base, commit)] == [(name, 1)]
    assert name in repository.files(commit)
    assert repository.read(commit, name) == b"1\n"


def test_a_name_that_is_no_text_survives(checkout, base):
    name = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    commit = checkout.commit({name: "1\n"})
    assert [file.path for file in Repository(checkout.path).changed(base, commit)] == [name]


def test_settings_of_the_repository_do_not_change_the_diff(checkout, base):
    for key, value in {"diff.noprefix": "true", "diff.renames": "copies", "color.ui": "always", "diff.context": "0",
                       "diff.ignoreSubmodules": "all", "core.quotePath": "true"}.items():  # fmt: skip
        checkout.git("config", key, value)
    commit = checkout.commit({"app.py": "a\nc\n", "grün.py": "1\n"})
    shown = Repository(checkout.path).diff(base, commit)
    assert "diff --git a/app.py b/app.py" in shown
    assert "\n-b\n+c\n" in shown
    assert "b/grün.py" in shown
    assert "\x1b" not in shown


def test_a_submodule_is_told_although_the_repository_ignores_them(checkout, base):
    checkout.git("update-index", "--add", "--cacheinfo", f"160000,{base},vendored")
    checkout.git("config", "submodule.vendored.ignore", "all")
    checkout.git("commit", "--quiet", "-m", "a submodule")
    files = Repository(checkout.path).changed(base, "main")
    assert [(file.path, file.new_mode) for file in files] == [("vendored", "160000")]


def test_a_diff_that_is_too_long_says_that_it_is_cut(checkout, base):
    commit = checkout.commit({"long.txt": "x" * 99 + "\n" + "line\n" * (SHOWN_BYTES // 4)})
    shown = Repository(checkout.path).diff(base, commit)
    assert "… cut" in shown[-100:]
    assert len(shown) < SHOWN_BYTES + 100


def test_no_change_is_nothing(checkout, base):
    repository = Repository(checkout.path)
    assert repository.changed(base, base) == ()
    assert repository.diff(base, base) == ""
