"""Worktrees are made beside the checkout, and go away whatever was done to them."""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from improver.errors import ImproverError
from improver.repo import Repository


@pytest.fixture
def trees(tmp_path):
    return tmp_path / "data/worktrees"


@pytest.fixture
def repository(checkout):
    checkout.commit({"app.py": "1\n", "tests/test_app.py": "def test_a(): pass\n", ".gitignore": "*.log\n"})
    return Repository(checkout.path)


def test_a_worktree_is_detached_and_leaves_the_checkout_alone(repository, checkout, trees):
    repository.worktree(trees / "one", "main")
    assert (trees / "one/app.py").read_text() == "1\n"
    assert checkout.git("rev-parse", "--abbrev-ref", "HEAD", cwd=trees / "one") == "HEAD"
    assert repository.current_branch() == "main"
    assert repository.tracked_changes() == []


def test_a_removed_worktree_leaves_nothing(repository, checkout, trees):
    repository.worktree(trees / "one", "main")
    (trees / "one/untracked").write_text("x")
    repository.remove_worktree(trees / "one")
    assert not (trees / "one").exists()
    assert repository.worktrees(trees) == []
    assert len(checkout.git("worktree", "list").splitlines()) == 1


def test_a_locked_worktree_is_removed_too(repository, checkout, trees):
    repository.worktree(trees / "one", "main")
    checkout.git("worktree", "lock", str(trees / "one"))
    repository.remove_worktree(trees / "one")
    assert repository.worktrees(trees) == []


def test_a_worktree_whose_folder_is_gone_is_forgotten(repository, trees):
    repository.worktree(trees / "one", "main")
    shutil.rmtree(trees / "one")
    repository.remove_worktree(trees / "one")
    repository.remove_worktree(trees / "never-was")
    assert repository.worktrees(trees) == []


def test_a_worktree_with_a_swapped_git_and_locked_folders_is_removed(repository, trees):
    repository.worktree(trees / "one", "main")
    (trees / "one/.git").unlink()
    (trees / "one/.git").mkdir()
    (trees / "one/deep/er").mkdir(parents=True)
    (trees / "one/deep/er").chmod(0o000)
    (trees / "one/deep").chmod(0o000)
    repository.remove_worktree(trees / "one")
    assert not (trees / "one").exists()
    assert repository.worktrees(trees) == []


def test_a_worktree_replaced_by_a_link_is_unlinked_and_its_aim_is_safe(repository, trees, tmp_path):
    repository.worktree(trees / "one", "main")
    precious = tmp_path / "precious"
    precious.mkdir()
    shutil.rmtree(trees / "one")
    (trees / "one").symlink_to(precious)
    with pytest.raises(ImproverError, match="is no worktree"):
        repository.snapshot(trees / "one", "main", "m", {}, "refs/improver/x")
    repository.remove_worktree(trees / "one")
    assert precious.is_dir()
    assert repository.worktrees(trees) == []


def test_orphans_are_reaped_and_others_are_kept(repository, checkout, trees, tmp_path):
    for name in ("live", "orphan", "missing"):
        repository.worktree(trees / name, "main")
    shutil.rmtree(trees / "missing")
    checkout.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "the-owners"))
    assert repository.reap(trees, keep=[trees / "live"]) == [trees / "missing", trees / "orphan"]
    assert repository.worktrees(trees) == [trees / "live"]
    assert (tmp_path / "the-owners").is_dir()
    assert (trees / "live/app.py").is_file()


def test_a_worktree_is_found_through_a_linked_folder(repository, trees, tmp_path):
    trees.mkdir(parents=True)
    (tmp_path / "alias").symlink_to(trees)
    repository.worktree(tmp_path / "alias/one", "main")
    assert repository.worktrees(tmp_path / "alias") == [trees / "one"]
    repository.remove_worktree(tmp_path / "alias/one")
    assert repository.worktrees(trees) == []


def test_the_whole_of_a_sparse_repository_is_checked_out(repository, checkout, trees):
    checkout.git("sparse-checkout", "set", "--no-cone", "app.py")
    repository.worktree(trees / "one", "main")
    assert (trees / "one/tests/test_app.py").is_file()
    assert repository.snapshot(trees / "one", "main", "m", {}, "refs/improver/x") is None
    assert repository.tracked_changes() == []


def test_named_files_of_another_commit_are_laid_over(repository, checkout, trees):
    base = repository.resolve("main")
    (checkout.path / "tests/test_app.py").unlink()
    change = checkout.commit({"app.py": "2\n", "tests/test_new.py": "new\n", "tests/conftest.py": "c\n"})
    repository.worktree(trees / "one", base)
    repository.lay_over(trees / "one", change, ["tests/test_app.py", "tests/test_new.py", "tests/unknown.py"])
    assert not (trees / "one/tests/test_app.py").exists()
    assert (trees / "one/tests/test_new.py").read_text() == "new\n"
    assert not (trees / "one/tests/conftest.py").exists()
    assert (trees / "one/app.py").read_text() == "1\n"


def test_a_name_is_laid_over_literally(repository, checkout, trees):
    base = repository.resolve("main")
    change = checkout.commit({"tests/test_*.py": "star\n", "tests/test_other.py": "other\n"})
    repository.worktree(trees / "one", base)
    repository.lay_over(trees / "one", change, ["tests/test_*.py"])
    assert (trees / "one/tests/test_*.py").exists()
    assert not (trees / "one/tests/test_other.py").exists()


def test_a_folder_that_became_a_link_is_not_written_through(repository, checkout, trees, tmp_path):
    base = repository.resolve("main")
    outside = tmp_path / "outside"
    outside.mkdir()
    shutil.rmtree(checkout.path / "tests")
    (checkout.path / "tests").symlink_to(outside)
    change = checkout.commit({})
    repository.worktree(trees / "one", change)
    repository.lay_over(trees / "one", base, ["tests", "tests/test_app.py"])
    assert (trees / "one/tests/test_app.py").is_file()
    assert list(outside.iterdir()) == []


def test_attempts_side_by_side_do_not_disturb_each_other(repository, trees):
    def attempt(name):
        mine = Repository(repository.path)
        mine.worktree(trees / name, "main")
        (trees / name / "app.py").write_text(name)
        commit = mine.snapshot(trees / name, "main", name, {}, f"refs/improver/{name}")
        mine.remove_worktree(trees / name)
        return mine.read(commit, "app.py")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(attempt, "abcd")) == [b"a", b"b", b"c", b"d"]
    assert repository.worktrees(trees) == []


DEEP = "import os\nfor _ in range(3000):\n    os.mkdir('folder'); os.chdir('folder')\nopen('file', 'w').close()\n"


def test_a_tree_too_deep_for_any_path_is_removed(repository, trees):
    repository.worktree(trees / "one", "main")
    subprocess.run([sys.executable, "-c", DEEP], cwd=trees / "one", check=True, timeout=30)
    repository.remove_worktree(trees / "one")
    assert not (trees / "one").exists()
    assert repository.worktrees(trees) == []


def test_links_in_a_tree_are_removed_and_where_they_lead_nothing_changes(repository, trees, tmp_path):
    repository.worktree(trees / "one", "main")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").write_text("mine")
    (tmp_path / "precious").chmod(0o500)
    (trees / "one/deep").mkdir()
    for link, aim in (("a", "precious"), ("deep/b", "precious"), ("c", "precious/file"), ("d", "nowhere")):
        (trees / "one" / link).symlink_to(tmp_path / aim)
    repository.remove_worktree(trees / "one")
    assert not (trees / "one").exists()
    assert (tmp_path / "precious/file").read_text() == "mine"
    assert (tmp_path / "precious").stat().st_mode & 0o777 == 0o500


LOCKED = """
import os, sys
from pathlib import Path
from improver.repo.worktrees import remove
from improver.repo.git import discover
tree = Path(sys.argv[2])
os.makedirs(tree / "a/b/c")
for folder in ("a/b/c", "a/b", "a", ""):
    (tree / folder).chmod(0)
remove(discover(Path(sys.argv[1])), tree)
assert not tree.exists()
"""


def test_folders_that_nobody_may_enter_are_removed_without_privileges(repository, tmp_path):
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
    if nobody and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv: apt-get install util-linux")
    with tempfile.TemporaryDirectory() as folder:
        for path in (Path(folder), tmp_path):
            path.chmod(0o777)
        for path in tmp_path.parents[:-2] if nobody else ():
            path.chmod(path.stat().st_mode | 0o011)
        command = [*nobody, sys.executable, "-c", LOCKED, str(repository.path), f"{folder}/tree"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: to make a file immutable")
def test_an_orphan_that_cannot_be_removed_does_not_keep_the_others(repository, trees, caplog):
    for name in ("one", "stuck", "two"):
        repository.worktree(trees / name, "main")
    stuck = trees / "stuck/app.py"
    if not shutil.which("chattr"):
        pytest.skip("needs chattr: apt-get install e2fsprogs")
    if subprocess.run(["chattr", "+i", str(stuck)], capture_output=True).returncode:
        pytest.skip("needs a file system with immutable files")
    try:
        assert repository.reap(trees, keep=()) == [trees / "one", trees / "two"]
    finally:
        subprocess.run(["chattr", "-i", str(stuck)], check=True)
    assert "an orphan worktree stays" in caplog.text
    assert repository.reap(trees, keep=()) == [trees / "stuck"]
