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


MISLEADING = {
    "reordered": ("if admin:  # \u202e } \u2066begin", "hidden_text"),
    "zero width": ("is_admin\u200b = 1", "hidden_text"),
    "tags": ("# plain\U000e0041", "hidden_text"),
    "a filler": ("const {timeout, \u3164} = query", "hidden_text"),
    "a joiner after ASCII": ("na\u200dme = 1", "hidden_text"),
    "an escape sequence": ("x = 1  # \x1b[2K", "hidden_text"),
    "an overwritten line": ("evil()\rharmless()", "hidden_text"),
    "a look-alike": ("t\u043etal = 1", "look_alike_letters"),
    "other clothes": ("a\U0001d41b = 1", "look_alike_letters"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "reason"), MISLEADING.values(), ids=MISLEADING)
def test_a_line_that_reads_otherwise_than_it_runs_is_refused_by_its_place(change, line, reason):
    verdict = judge(change({"app.py": "1\n"}, {"app.py": f"1\n{line}\n"}), Config())
    assert verdict.reason == reason
    assert verdict.detail.startswith("app.py:2: ") and verdict.detail.isprintable()


@pytest.mark.parametrize(
    "line",
    [
        "größe = 1\r", 'say("\\nпривет, %sшт")', "приклад = 'HTTP-запрос'", "Δx = σ_x * µs", "❤️‍🔥 1️⃣ 👩‍💻",
        "نمی‌خواهم", "\ttab\x0cfeed", "日本語text",
    ],
)  # fmt: skip
def test_other_languages_and_emoji_are_plain_text(change, line):
    assert refused(change({}, {"app.txt": f"{line}\n"})) == ""


def test_what_was_there_before_is_nobodys_change(change):
    assert refused(change({"app.py": "x = '\u202e'\n\n\ny = 1\n"}, {"app.py": "x = '\u202e'\n\n\ny = 2\n"})) == ""
