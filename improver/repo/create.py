"""A new repository around a folder of files, as a person's `git init` would make it."""

from pathlib import Path

from improver.repo.git import Git
from improver.repo.repository import Repository


def create(folder: Path, branch: str, message: str) -> Repository:
    """Everything in the folder is the first commit of the branch."""
    git_dir = folder / ".git"
    git = Git(git_dir=git_dir, common_dir=git_dir, work_tree=folder)
    git.out("init", "--quiet", "--template=", "--initial-branch", branch)
    git.out("add", "--all")
    git.out("commit", "--quiet", "--message", message)
    return Repository(folder)
