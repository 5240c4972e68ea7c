"""Diffs as git prints them, taken apart."""

from hypothesis import given
from hypothesis import strategies as st

from improver.dashboards import diff
from tests.dashboards.gallery import Gallery
from tests.world import git

CHANGED = """\
diff --git a/shop/cart.py b/shop/cart.py
index 111..222 100644
--- a/shop/cart.py
+++ b/shop/cart.py
@@ -1,3 +1,4 @@ def total():
 one
--- two
+++ two
+diff --git a/x b/x
 three
\\ No newline at end of file
"""


def test_lines_are_numbered_on_the_side_they_stand_on() -> None:
    (file,) = diff.parse(CHANGED).files
    assert [(line.kind, line.old, line.new) for line in file.lines] == [
        ("hunk", None, None), ("same", 1, 1), ("del", 2, None), ("add", None, 2), ("add", None, 3), ("same", 3, 4),
        ("note", None, None),
    ]  # fmt: skip


def test_lines_that_look_like_headers_are_content_inside_a_hunk() -> None:
    (file,) = diff.parse(CHANGED).files
    assert (file.path, file.added, file.removed) == ("shop/cart.py", 2, 1)
    assert [line.text for line in file.lines if line.kind == "add"] == ["++ two", "diff --git a/x b/x"]


def test_what_git_prints_of_a_real_change_is_counted_per_file(gallery: Gallery) -> None:
    shown = diff.parse(git(gallery.repo, "diff", gallery.base, gallery.fix) + "\n")
    assert [(file.path, file.added, file.removed) for file in shown.files] == [
        ("tests/test_progress.py", 5, 0), ("todo/app.py", 2, 0)
    ]  # fmt: skip


def test_a_deleted_file_and_a_binary_one_keep_their_names(gallery: Gallery) -> None:
    shown = diff.parse(git(gallery.repo, "diff", gallery.fix, gallery.base))
    assert ("tests/test_progress.py", 0, 5) in [(file.path, file.added, file.removed) for file in shown.files]
    binary = "diff --git a/a.png b/a.png\nnew file mode 100644\nBinary files /dev/null and b/a.png differ\n"
    (file,) = diff.parse(binary).files
    assert (file.path, [line.kind for line in file.lines]) == ("a.png", ["note", "note"])


def test_a_page_is_not_flooded_by_a_huge_diff() -> None:
    huge = CHANGED + "+x\n" * 5000
    shown = diff.parse(huge)
    assert sum(len(file.lines) for file in shown.files) <= diff.SHOWN_LINES
    assert shown.left_out == huge.count("\n") - diff.SHOWN_LINES


def test_no_diff_has_no_files() -> None:
    assert diff.parse("") == diff.Diff(files=(), left_out=0)


@given(st.text())
def test_anything_can_be_parsed(text: str) -> None:
    diff.parse(text)
