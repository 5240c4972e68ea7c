"""Git, as improver uses it: worktrees, diffs, branches and remotes. The only caller of git."""

from improver.repo.branches import Forwarded
from improver.repo.create import create
from improver.repo.remotes import Pushed
from improver.repo.repository import Repository

__all__ = ["Forwarded", "Pushed", "Repository", "create"]
