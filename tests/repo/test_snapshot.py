"""One commit of what an Agent left, whatever it did to git."""

import os
import shutil
import subprocess

import pytest

from improver.errors import ImproverError
from improver.repo import Repository
from improver.repo import snapshot as module

REF = "refs/improver/attempts/7"


@pytest.fixture
def base(checkout):
    return checkout.commit({"app.py": "1\n", "old/gone.py": "x\n", "keep.py": "k\n", ".gitignore": "*.log\nout/\n"})


@pytest.fixture
def repository(checkout, base):
    return Repository(checkout.path)


@pytest.fixture
def tree(repository, base, tmp_path):
    repository.worktree(tmp_path / "trees/seven", base)
    return tmp_path / "trees/seven"


def taken(repository, tree, base):
    commit = repository.snapshot(tree, base, "a fix", {}, REF)
    return {file.path: file.status for file in repository.changed(base, commit)} if commit else None


def plain_git(cwd, *args):
    env = {"PATH": os.environ["PATH"], "HOME": str(cwd), "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}  # fmt: skip
    subprocess.run(["git", *args], cwd=cwd, env=env, check=True, capture_output=True)


def test_additions_edits_and_deletions_are_one_commit_on_the_base(repository, checkout, tree, base):
    (tree / "app.py").write_text("2\n")
    (tree / "old/gone.py").unlink()
    (tree / "new/deep").mkdir(parents=True)
    (tree / "new/deep/file.py").write_text("n\n")
    commit = repository.snapshot(tree, base, "Fix it", {"Improver-Finding": "f1", "Improver-Attempt": "a1"}, REF)
    statuses = {file.path: file.status for file in repository.changed(base, commit)}
    assert statuses == {"app.py": "M", "old/gone.py": "D", "new/deep/file.py": "A"}
    assert checkout.git("rev-parse", f"{commit}^") == base
    assert repository.resolve(REF) == commit
    said = checkout.git("log", "-1", "--format=%an <%ae>|%s|%(trailers:key=Improver-Finding,valueonly)", commit)
    assert said == "improver <improver@localhost>|Fix it|f1"


def test_nothing_changed_is_none(repository, tree, base):
    (tree / "note.log").write_text("ignored\n")
    os.utime(tree / "app.py")
    assert repository.snapshot(tree, base, "m", {}, REF) is None
    assert repository.resolve(REF) is None


def test_ignored_files_and_tools_debris_are_left_out(repository, tree, base):
    for name in ("run.log", "out/a.o", "__pycache__/app.pyc", "pkg/__pycache__/x.pyc", "node_modules/x/i.js"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("debris")
    (tree / "pkg/real.py").write_text("1\n")
    assert taken(repository, tree, base) == {"pkg/real.py": "A"}


def test_commits_branches_and_staging_of_the_agent_do_not_matter(repository, tree, base):
    (tree / "app.py").write_text("2\n")
    plain_git(tree, "add", "--all")
    plain_git(tree, "commit", "-qm", "the agent's own")
    (tree / "b.py").write_text("b\n")
    plain_git(tree, "switch", "-qc", "elsewhere")
    plain_git(tree, "add", "b.py")
    plain_git(tree, "rm", "-q", "--cached", "keep.py")
    plain_git(tree, "update-index", "--assume-unchanged", "old/gone.py")
    assert taken(repository, tree, base) == {"app.py": "M", "b.py": "A"}


def test_a_moved_head_with_conflicts_does_not_matter(repository, tree, base):
    (tree / "app.py").write_text("left\n")
    plain_git(tree, "commit", "-qam", "left")
    plain_git(tree, "switch", "-qc", "right", base)
    (tree / "app.py").write_text("right\n")
    plain_git(tree, "commit", "-qam", "right")
    with pytest.raises(subprocess.CalledProcessError):
        plain_git(tree, "merge", "--no-edit", "HEAD@{2}")
    assert taken(repository, tree, base) == {"app.py": "M"}


def test_a_swapped_git_is_never_looked_at(repository, tree, base, tmp_path):
    mark = tmp_path / "sprung"
    (tree / ".git").unlink()
    plain_git(tree, "init", "-q")
    plain_git(tree, "config", "core.fsmonitor", f"touch {mark}; false")
    plain_git(tree, "config", "filter.evil.clean", f"touch {mark}; cat")
    (tree / ".git/info/attributes").write_text("* filter=evil\n")
    (tree / ".git/info/exclude").write_text("*\n")
    (tree / "app.py").write_text("2\n")
    (tree / "b.py").write_text("b\n")
    assert taken(repository, tree, base) == {"app.py": "M", "b.py": "A"}
    assert not mark.exists()


def test_a_git_file_that_leads_elsewhere_is_never_looked_at(repository, tree, base, tmp_path):
    shutil.copytree(repository.git_dir, tmp_path / "forged")
    (tree / ".git").write_text(f"gitdir: {tmp_path / 'forged'}\n")
    (tree / "app.py").write_text("2\n")
    assert taken(repository, tree, base) == {"app.py": "M"}
    assert not list((tmp_path / "forged").glob("refs/improver/*"))


def test_files_of_a_repository_inside_count_and_its_git_does_not(repository, tree, base, tmp_path):
    mark = tmp_path / "sprung"
    for name in ("with-commit", "deep/without-commit"):
        (tree / name / "sub").mkdir(parents=True)
        plain_git(tree / name, "init", "-q")
        plain_git(tree / name, "config", "core.fsmonitor", f"touch {mark}; false")
        (tree / name / "sub/f.py").write_text("f\n")
        (tree / name / "link").symlink_to("/etc")
    plain_git(tree / "with-commit", "add", "--all")
    plain_git(tree / "with-commit", "-c", "core.fsmonitor=false", "commit", "-qm", "inner")
    mark.unlink(missing_ok=True)
    assert taken(repository, tree, base) == {
        "with-commit/sub/f.py": "A", "with-commit/link": "A",
        "deep/without-commit/sub/f.py": "A", "deep/without-commit/link": "A",
    }  # fmt: skip
    assert not mark.exists()


def test_a_link_is_taken_as_a_link_and_not_followed(repository, checkout, tree, base):
    (tree / "old/gone.py").unlink()
    (tree / "old").rmdir()
    (tree / "old").symlink_to("/etc")
    (tree / "passwd").symlink_to("/etc/passwd")
    commit = repository.snapshot(tree, base, "m", {}, REF)
    files = {file.path: (file.status, file.new_mode) for file in repository.changed(base, commit)}
    assert files == {"old": ("A", "120000"), "old/gone.py": ("D", "000000"), "passwd": ("A", "120000")}
    assert checkout.git("cat-file", "blob", f"{commit}:passwd") == "/etc/passwd"


def test_a_file_that_became_a_folder_or_a_pipe_is_taken_as_it_is(repository, tree, base):
    (tree / "app.py").unlink()
    (tree / "app.py").mkdir()
    (tree / "app.py/x").write_text("x\n")
    (tree / "keep.py").unlink()
    os.mkfifo(tree / "keep.py")
    os.mkfifo(tree / "another")
    assert taken(repository, tree, base) == {"app.py": "D", "app.py/x": "A", "keep.py": "D"}


@pytest.mark.parametrize("name", ["new\nline.py", 'quo"te.py', "grün.py", "-rf", ":(exclude)app.py", " lead.py"])
def test_any_file_name_is_taken(repository, tree, base, name):
    (tree / name).write_text("1\n")
    assert taken(repository, tree, base) == {name: "A"}


def test_a_second_change_within_the_same_second_is_seen(repository, tree, base):
    stamp = (tree / "app.py").stat()
    (tree / "app.py").write_text("9\n")
    os.utime(tree / "app.py", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert taken(repository, tree, base) == {"app.py": "M"}


def test_line_ends_that_the_agent_did_not_touch_are_not_a_change(checkout, tmp_path):
    (checkout.path / "dos.txt").write_bytes(b"a\r\nb\r\n")
    checkout.commit({"app.py": "1\n"})
    base = checkout.commit({".gitattributes": "* text=auto\n"})
    repository = Repository(checkout.path)
    repository.worktree(tmp_path / "tree", base)
    (tmp_path / "tree/app.py").write_text("2\n")
    assert taken(repository, tmp_path / "tree", base).get("app.py") == "M"
    assert "dos.txt" not in taken(repository, tmp_path / "tree", base)


def test_too_many_bytes_are_refused(repository, tree, base, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1 << 20)
    (tree / "big.bin").write_bytes(b"x" * (2 << 20))
    with pytest.raises(ImproverError, match="2 MiB of changed files; 1 are allowed"):
        repository.snapshot(tree, base, "m", {}, REF)


def test_trailers_and_refs_that_are_none_are_refused(repository, tree, base):
    (tree / "app.py").write_text("2\n")
    with pytest.raises(ImproverError, match="no commit trailer"):
        repository.snapshot(tree, base, "m", {"Finding": "f\nSigned-off-by: somebody"}, REF)
    with pytest.raises(ImproverError, match="kept below refs/improver/"):
        repository.snapshot(tree, base, "m", {}, "refs/heads/main")


def test_a_folder_that_is_no_worktree_is_refused(repository, base, tmp_path):
    with pytest.raises(ImproverError, match="is no worktree"):
        repository.snapshot(tmp_path, base, "m", {}, REF)
