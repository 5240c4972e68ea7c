"""Nothing that a hostile repository, worktree or environment holds is executed."""

import os
import stat
from pathlib import Path

import pytest

from improver.errors import ImproverError
from improver.repo import Repository
from improver.repo.git import CREDENTIALS, discover, launch


@pytest.fixture
def trap(tmp_path):
    """A program that leaves a mark, and the mark."""
    mark = tmp_path / "sprung"
    program = tmp_path / "trap.sh"
    program.write_text(f'#!/bin/sh\necho "$0 $@" >> {mark}\ncat\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, mark


HOOKS = (
    "post-checkout", "pre-commit", "post-commit", "commit-msg", "post-merge", "reference-transaction",
    "post-index-change", "pre-push", "post-rewrite", "prepare-commit-msg", "fsmonitor-watchman",
)  # fmt: skip
COMMANDS = (
    "core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean",
    "filter.evil.smudge", "filter.evil.process", "merge.evil.driver", "core.pager", "core.editor", "core.askPass",
    "core.sshCommand", "gpg.program", "credential.helper", "sequence.editor", "core.alternateRefsCommand",
    "trailer.x.command",
)  # fmt: skip
SWITCHES = ("filter.evil.required", "commit.gpgSign", "log.showSignature", "merge.verifySignatures")


def work_through(repository: Repository, tree: Path) -> None:
    """Everything that improver does with a repository in one Attempt."""
    base = repository.resolve("main")
    repository.tracked_changes()
    repository.worktree(tree, "main")
    (tree / "app.py").write_text("fixed = True\n")
    (tree / "new.py").write_text("added = True\n")
    commit = repository.snapshot(tree, base, "a fix", {}, "refs/improver/attempts/1")
    repository.changed(base, commit)
    repository.diff(base, commit)
    repository.blame(commit, "app.py", 1, 3)
    other = tree.with_name("gate")
    repository.worktree(other, base)
    repository.lay_over(other, commit, ["app.py"])
    repository.remove_worktree(other)
    rebased = repository.rebase(commit, "main~1", "refs/improver/rebased/1")
    assert rebased is None or repository.resolve(rebased)
    assert repository.fast_forward("main", commit) == "done"
    repository.revert(commit, "main", {})
    repository.remove_worktree(tree)


def test_nothing_that_a_repository_is_configured_to_run_is_run(checkout, tmp_path, trap):
    program, mark = trap
    checkout.commit({"app.py": "fixed = None\n"})
    checkout.commit({"app.py": "fixed = False\n", ".gitattributes": "* filter=evil diff=evil merge=evil\n"})
    for hook in HOOKS:
        planted = checkout.path / ".git/hooks" / hook
        planted.write_text(program.read_text())
        planted.chmod(0o755)
    for key in COMMANDS:
        checkout.git("config", key, str(program))
    checkout.git("config", "alias.status", f"!{program}")
    for key in SWITCHES:
        checkout.git("config", key, "true")
    work_through(Repository(checkout.path), tmp_path / "trees/one")
    assert not mark.exists(), mark.read_text()


def test_a_driver_with_an_odd_name_is_disarmed_too(checkout, tmp_path, trap):
    program, mark = trap
    checkout.commit({"app.py": "1\n", ".gitattributes": "*.py filter=a=b.c\n"})
    checkout.git("config", "filter.a=b.c.smudge", str(program))
    Repository(checkout.path).worktree(tmp_path / "tree", "main")
    assert (tmp_path / "tree/app.py").read_text() == "1\n"
    assert not mark.exists()


def test_a_config_included_from_elsewhere_is_disarmed_too(checkout, tmp_path, trap):
    program, mark = trap
    checkout.commit({"app.py": "1\n", ".gitattributes": "*.py filter=evil\n"})
    (tmp_path / "more.config").write_text(f'[filter "evil"]\n\tsmudge = {program}\n[core]\n\tfsmonitor = {program}\n')
    checkout.git("config", "include.path", str(tmp_path / "more.config"))
    repository = Repository(checkout.path)
    repository.worktree(tmp_path / "tree", "main")
    assert repository.tracked_changes() == []
    assert not mark.exists()


def test_missing_objects_are_not_fetched_from_a_promisor(checkout, trap):
    program, mark = trap
    checkout.commit({"app.py": "1\n"})
    settings = {
        "core.repositoryFormatVersion": "1", "extensions.partialClone": "evil", "remote.evil.promisor": "true",
        "remote.evil.url": str(checkout.path), "remote.evil.uploadpack": str(program),
    }  # fmt: skip
    for key, value in settings.items():
        checkout.git("config", key, value)
    assert Repository(checkout.path).resolve("1" * 40) is None
    assert not mark.exists()


def test_replaced_objects_do_not_show_another_commit(checkout):
    honest = checkout.commit({"app.py": "honest\n"})
    forged = checkout.commit({"app.py": "forged\n"})
    checkout.git("replace", honest, forged)
    assert Repository(checkout.path).read(honest, "app.py") == b"honest\n"


def test_the_environment_cannot_redirect_git(checkout, tmp_path, monkeypatch, trap):
    program, mark = trap
    base = checkout.commit({"app.py": "1\n"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", str(program))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(program))
    repository = Repository(checkout.path)
    assert repository.resolve("main") == base
    assert repository.tracked_changes() == []
    assert not mark.exists()


def test_a_repository_of_another_user_can_be_named_in_the_config(checkout):
    if os.geteuid() != 0:
        pytest.skip("needs root: to give the checkout to another user")
    checkout.commit({"app.py": "1\n"})
    for found in (checkout.path, *checkout.path.rglob("*")):
        os.chown(found, 12345, 12345, follow_symlinks=False)
    assert Repository(checkout.path).tracked_changes() == []


def test_a_folder_without_git_is_refused_with_a_hint(tmp_path):
    with pytest.raises(ImproverError, match="no git checkout") as refused:
        Repository(tmp_path)
    assert "git init" in refused.value.hint
    with pytest.raises(ImproverError, match="no folder"):
        Repository(tmp_path / "absent")


def test_a_folder_inside_a_checkout_stands_for_the_whole(checkout):
    checkout.commit({"sub/app.py": "1\n"})
    assert Repository(checkout.path / "sub").path == checkout.path


def test_a_lock_held_by_another_git_is_worth_another_try(checkout):
    checkout.commit({"app.py": "1\n"})
    commit = checkout.commit({"app.py": "2\n"})
    checkout.git("reset", "--quiet", "--hard", "HEAD~1")
    (checkout.path / ".git/index.lock").touch()
    with pytest.raises(ImproverError) as locked:
        Repository(checkout.path).fast_forward("main", commit)
    assert locked.value.retryable
    assert "lock" in locked.value.hint


def test_a_command_that_hangs_is_ended(tmp_path):
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)
    with pytest.raises(ImproverError, match="took longer") as late:
        launch(["hash-object", str(fifo)], env=dict(os.environ), cwd=tmp_path, stdin=b"", timeout_s=0.3)
    assert late.value.retryable


def test_git_that_is_not_installed_is_said_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImproverError, match="not installed"):
        discover(tmp_path)


def test_credentials_in_a_url_are_not_repeated():
    assert CREDENTIALS.sub(r"\1…@", "cannot reach https://ada:secret@host/x") == "cannot reach https://…@host/x"


@pytest.mark.parametrize("relative", [".", "", "bin"])
def test_a_git_in_the_worktree_is_not_run_for_a_relative_path_entry(checkout, tmp_path, trap, monkeypatch, relative):
    program, mark = trap
    checkout.commit({"app.py": "1\n"})
    for folder in (checkout.path, checkout.path / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "git").symlink_to(program)
    monkeypatch.setenv("PATH", os.pathsep.join((relative, os.environ["PATH"])))
    assert Repository(checkout.path).resolve("main")
    assert not mark.exists()
