"""A fix can be taken apart, and put back one part at a time."""

import pytest

from improver.gates._hunks import fix_of, hunks, inert

TEN = "".join(f"line_{n} = {n}\n" for n in range(30))


def without_all(made):
    """The change's text with every hunk taken away, from the last to the first."""
    text = made.text("app.py")
    for hunk in reversed(list(hunks(made.diff))):
        text = hunk.without(text)
    return text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TEN, TEN.replace("line_3 = 3", "line_3 = 4")),
        (TEN, TEN.replace("line_3 = 3\n", "").replace("line_27 = 27\n", "")),
        (TEN, "first = 1\n" + TEN + "last = 1\n"),
        (TEN, TEN.rstrip("\n")),
        (TEN.rstrip("\n"), TEN + "more = 1"),
        ("a\n", "a"),
        ("", "a\nb\n"),
        ("a\nb\n", "b\n"),
        ("a\r\nb\r\n", "a\r\nc\r\n"),
        ("a\n", "--- a/app.py\n+++ b/other.py\n@@ -1 +1 @@\n"),
        ("a = '\x0c'\n\n\nb\n", "a = '\u2028'\n\n\nb\n"),
    ],
)
def test_without_all_of_its_hunks_a_change_is_its_base(change, before, after):
    made = change({"app.py": before}, {"app.py": after})
    assert without_all(made) == before
    assert {hunk.path for hunk in hunks(made.diff)} == {"app.py"}


def test_tests_and_prose_are_no_part_of_the_fix(change):
    prose = {"README.md": "2\n", "CHANGES.txt": "2\n", "docs/conf.py": "2\n", "NOTICE": "2\n"}
    after = {"app.py": "2\n", "tests/test_app.py": "2\n", "mail.txt": "2\n", "bin/run": "2\n", "old.py": None, **prose}
    made = change({"app.py": "1\n", "README.md": "1\n", "old.py": "1\n"}, after)
    assert [str(hunk) for hunk in fix_of(made)] == ["bin/run", "mail.txt", "old.py", "app.py:1"]


@pytest.mark.parametrize(
    ("path", "before", "after", "nothing"),
    [
        ("app.py", "x = 1\n", "x = 1  # one\n", True),
        ("app.py", "def f(x): return 1\n", 'def f(x: int) -> int:\n    """One."""\n    return 1\n', True),
        ("app.py", "x = 1\n", "import os\n\nx = 1\n", True),
        ("app.py", "x = 1\n", "x = 2\n", False),
        ("app.py", "x = 1\n", "x =\n", False),
        ("app.js", "f()\n", "// calls\nf()\n", True),
        ("app.js", "f()\n", "import g from './g.js'\nf()\n", True),
        ("app.js", "f()\n", "f(1)\n", False),
    ],
)
def test_what_means_nothing_to_the_program_is_inert(change, path, before, after, nothing):
    made = change({path: before}, {path: after})
    assert [inert(made, hunk) for hunk in hunks(made.diff)] == [nothing]
