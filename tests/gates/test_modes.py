"""Plain text in plain files, and nothing else, comes from an Agent."""

import os

import pytest

from improver.gates.modes import Config, judge


def refused(made):
    verdict = judge(made, Config())
    return verdict.reason if verdict.result == "fail" else ""


def test_plain_files_pass(change):
    after = {"app.py": "2\n", "src/neu_größe.py": "n\n", "old.py": None, "windows.txt": "a\r\n"}
    assert refused(change({"app.py": "1\n", "old.py": "x\n"}, after)) == ""


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


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("new\nline.py", "odd_name"), ("zero\u200bwidth.py", "odd_name"), ("bidi\u202e.py", "odd_name"),
        ("back\\slash.py", "odd_name"), (os.fsdecode(b"caf\xe9.py"), "name_not_utf8"),
    ],
)  # fmt: skip
def test_a_misleading_name_is_refused_and_shown_harmlessly(change, name, reason):
    verdict = judge(change({}, {name: "1\n"}), Config())
    assert verdict.reason == reason
    assert verdict.detail.isprintable()


def test_two_names_that_some_file_systems_take_for_one_are_refused(change):
    assert refused(change({}, {"shop/Cart.py": "1\n", "shop/cart.py": "2\n"})) == "same_name"
    assert refused(change({"Cart.py": "1\n"}, {"Cart.py": None, "cart.py": "1\n"})) == ""
